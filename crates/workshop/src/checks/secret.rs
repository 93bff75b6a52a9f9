//! Exercise 10: one secret for all instances, and not in the source.

use std::process::Command;

use anyhow::{Result, bail};
use testkit::Instance;

use crate::checker::{Checker, Finding, Visitor, miscount};

/// The value of `SESSION_KEY` for the two instances that belong together.
const SECRET: &str = "the secret that both instances of this check share";

/// The second of [`OTHERS`] must be exactly as long.
const _: () = assert!(SECRET.len() == OTHERS[1].0.len());

/// Other values of `SESSION_KEY`. With each: why an instance may accept a cookie that was signed with [`SECRET`].
const OTHERS: [(&str, &str); 4] = [
    (
        "another secret, which signs the cookies of another site",
        "an instance with another SESSION_KEY accepted the cookie, so the secret doesn't come from SESSION_KEY. If it is in the source, everybody can read it",
    ),
    (
        "a key of another site, which is exactly as long :)",
        "an instance with another SESSION_KEY of the same length accepted the cookie. Does only the length count?",
    ),
    (
        "the secret that both instances of this check sharE",
        "an instance accepted the cookie although the last character of its SESSION_KEY differs. The whole SESSION_KEY has to count",
    ),
    (
        "The secret that both instances of this check share",
        "an instance accepted the cookie although the first character of its SESSION_KEY differs. The whole SESSION_KEY has to count",
    ),
];

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let (redis, mut apps) = checker
        .redis_and_two_apps(&[("SESSION_KEY", SECRET)])
        .await?;
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
        let keys = redis.cli(&["DBSIZE"])?;
        checker.log(&format!("redis-cli DBSIZE: {keys}"));
        if keys == "0" || seen.iter().any(|seen| seen.count() != Some(0)) {
            bail!(finding);
        }
        let meaning = if after.count() == Some(0) {
            "Redis has the sessions. But no instance accepts the other's cookie, nor its own after a restart. Does each start make a new secret?"
        } else {
            "Redis has the sessions. But no instance accepts the other's cookie. Does each instance have a secret of its own?"
        };
        let meaning = meaning.to_owned();
        bail!(Finding { meaning, ..finding });
    }
    let url = redis.url();
    for (number, (secret, meaning)) in (1..).zip(OTHERS) {
        let name = format!("other-{number}");
        let settings = [("REDIS_URL", url.as_str()), ("SESSION_KEY", secret)];
        let other = checker.app(&name, &settings).await?;
        checker.log(&format!("SESSION_KEY={secret}"));
        let seen = visitor.clone().at(&other.endpoint()).get("/").await?;
        if seen.count() == Some(0) {
            continue;
        }
        let meaning = if number == 1 && depends_on_url(checker, &url, &visitor).await? {
            "an instance with another SESSION_KEY accepted the cookie, and one with another REDIS_URL rejected it. The secret comes from the wrong setting"
        } else {
            meaning
        };
        bail!(Finding::about(&seen, "Hello World #0", meaning).at(Some(&name)));
    }
    expect_end_without_key(checker, &url).await
}

/// Returns whether an instance with the right `SESSION_KEY` rejects the cookie because its `REDIS_URL` is written in
/// another way.
async fn depends_on_url(checker: &Checker, url: &str, visitor: &Visitor<'_>) -> Result<bool> {
    let url = format!("{url}/0");
    let settings = [("REDIS_URL", url.as_str()), ("SESSION_KEY", SECRET)];
    let app = checker.app("app-3", &settings).await?;
    checker.log("app-3 has the right SESSION_KEY, and a REDIS_URL that ends in /0");
    let seen = visitor.clone().at(&app.endpoint()).get("/").await?;
    Ok(seen.count() == Some(0))
}

/// Expects that the program ends at its start if `SESSION_KEY` is not set.
async fn expect_end_without_key(checker: &Checker, url: &str) -> Result<()> {
    checker.log("SESSION_KEY is not set");
    let Some(first) = without_key(checker, "app-4", url).await? else {
        return Ok(());
    };
    let Some(second) = without_key(checker, "app-5", url).await? else {
        return Ok(());
    };
    let mut visitor = checker.visitor(&first.endpoint());
    visitor.get("/").await?;
    let seen = visitor.at(&second.endpoint()).get("/").await?;
    let (observed, meaning) = if seen.count() == Some(0) {
        (
            "two servers, and neither accepts the other's cookie",
            "without SESSION_KEY each instance has a secret of its own. If the setting is ever forgotten, the old mistake is back",
        )
    } else {
        (
            "two servers that accept each other's cookies",
            "without SESSION_KEY all instances use the same other secret. If it is in the source, everybody can read it",
        )
    };
    let expected = "an error at the start without SESSION_KEY";
    bail!(Finding::new(expected, observed, meaning))
}

/// Starts the attendee's program without `SESSION_KEY`. Returns `None` if it ends at its start.
async fn without_key(checker: &Checker, name: &str, url: &str) -> Result<Option<Instance>> {
    let mut command = Command::new("env");
    command.args(["-u", "SESSION_KEY"]).arg(&checker.work);
    let mut app = Instance::of(&checker.env, command, name, &[("REDIS_URL", url)])?;
    match checker.start(&mut app).await {
        Ok(()) => Ok(Some(app)),
        Err(_) if app.pid().is_none() => {
            checker.log(&format!("{name} ended at its start"));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
