//! Exercise 9: one secret for all instances, and not in the source.

use anyhow::{Result, bail};

use crate::checker::{Checker, Finding, miscount};

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let (redis, mut apps) = checker.redis_and_two_apps(&[]).await?;
    let balancer = checker.balancer(&apps).await?;
    let mut visitor = checker.visitor(&balancer.endpoint());
    let seen = visitor.visits(6).await?;
    if let Some(finding) = miscount(&seen, &[0, 1, 2, 3, 4, 5]) {
        // A restart of one instance shows whether its secret is made at the start.
        let [app, _] = &mut apps;
        let mut visitor = checker.visitor(&app.endpoint());
        visitor.get("/").await?;
        app.stop().await?;
        checker.start(app).await?;
        checker.log("app-1 is restarted");
        let after = visitor.get("/").await?;
        let meaning = if after.count() == Some(0) {
            "Redis has the sessions. But no instance accepts the other's cookie, nor its own after a restart: each start makes a new secret"
        } else {
            "Redis has the sessions. But no instance accepts the other's cookie: each instance has a secret of its own"
        };
        let meaning = meaning.to_owned();
        bail!(Finding { meaning, ..finding });
    }
    let url = redis.url();
    let settings = [
        ("REDIS_URL", url.as_str()),
        (
            "SESSION_KEY",
            "another secret, which signs the cookies of another site",
        ),
    ];
    let stranger = checker.app("stranger", &settings).await?;
    checker.log("an instance with another SESSION_KEY");
    let seen = visitor.at(&stranger.endpoint()).get("/").await?;
    if seen.count() != Some(0) {
        let meaning = "an instance with another SESSION_KEY accepted the cookie: the secret is in the source, where everybody can read it";
        bail!(Finding::about(&seen, "Hello World #0", meaning).at(Some("stranger")));
    }
    Ok(())
}
