//! Exercise 9: one secret for all instances, and not in the source.

use anyhow::{Result, bail};
use testkit::Visitor;

use crate::{
    bench::Bench,
    finding::{Finding, expect_counts},
};

pub(super) async fn check(bench: &Bench) -> Result<()> {
    let redis = bench.redis().await?;
    let url = redis.url();
    let mut apps = bench.two_apps(&[("REDIS_URL", &url)]).await?;
    let balancer = bench.balanced(&apps).await?;
    let mut visitor = Visitor::new();
    let seen = bench.visits(&mut visitor, &balancer.endpoint(), 6).await?;
    if let Err(error) = expect_counts(&seen, &[0, 1, 2, 3, 4, 5]) {
        // Which of two reasons it is, one server alone tells: a restart changes what is made at the start.
        let [app, _] = &mut apps;
        let mut visitor = Visitor::new();
        bench.visit(&mut visitor, &app.endpoint(), "/").await?;
        app.stop().await?;
        bench.start(app).await?;
        bench.did("app-1 is restarted");
        let after = bench.visit(&mut visitor, &app.endpoint(), "/").await?;
        let finding = error.downcast::<Finding>()?;
        let meaning = if after.count() == Some(0) {
            "Redis has the sessions, and no server takes the other's cookie, nor its own after a restart: the secret is new at each start"
        } else {
            "Redis has the sessions, and no server takes the other's cookie: each instance has a secret of its own"
        };
        bail!(Finding {
            meaning: meaning.to_owned(),
            ..finding
        });
    }
    let another = "another secret, which signs the cookies of another site";
    let stranger = bench
        .app("stranger", &[("REDIS_URL", &url), ("SESSION_KEY", another)])
        .await?;
    bench.did("an instance with another SESSION_KEY");
    let seen = bench.visit(&mut visitor, &stranger.endpoint(), "/").await?;
    if seen.count() != Some(0) {
        let meaning = "the cookie was taken by a server with another SESSION_KEY: the secret is in the source, where everybody can read it";
        bail!(Finding::new("Hello World #0", seen.body.trim_end(), meaning).at(Some("stranger")));
    }
    Ok(())
}
