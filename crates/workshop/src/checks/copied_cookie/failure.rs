//! Visits while Redis refuses its commands, or is gone.

use anyhow::{Result, bail};
use testkit::{Redis, Response};

use crate::{
    checker::{Checker, Finding, Visitor},
    checks::redis_commands::refused,
};

/// Expects errors while Redis fails. `alice` is logged in, and `copy` is a cookie of a session that she has ended.
pub(super) async fn expect_errors(
    checker: &Checker,
    mut redis: Redis,
    alice: &mut Visitor<'_>,
    copy: &Visitor<'_>,
) -> Result<()> {
    checker.log("Redis refuses to write: Alice comes, and then logs out");
    let seen = refused(&redis, &["@write"], alice.clone().get("/")).await?;
    if seen.status >= 500 {
        let meaning = "Redis refused to write, and a visit failed. A visit has nothing to write: it only asks whether its session has ended";
        bail!(Finding::about(&seen, "Hello alice", meaning));
    }
    let mut tab = alice.clone();
    let seen = refused(&redis, &["@write"], tab.post("/logout", "")).await?;
    if seen.status < 500 {
        let expected = "an error for Alice, because Redis returned one";
        let meaning = "Redis refused to remember the logout, but Alice saw no error and believes that she has logged out. A copy of her cookie still works. end must return the error";
        bail!(Finding::about(&seen, expected, meaning));
    }
    checker.log("Redis refuses to read and to write: the thief, then Alice");
    let copied = refused(&redis, &["@read", "@write"], copy.clone().get("/")).await?;
    let seen = refused(&redis, &["@read", "@write"], alice.clone().get("/")).await?;
    expect_error([copied, seen], "Redis refused the command of find")?;
    checker.log("Redis is gone: the thief, then Alice");
    redis.kill().await?;
    let copied = copy.clone().get("/").await?;
    let seen = alice.clone().get("/").await?;
    expect_error([copied, seen], "find can't reach Redis")
}

/// Expects that neither the thief nor Alice was served, because of `cause`.
fn expect_error([copied, seen]: [Response; 2], cause: &str) -> Result<()> {
    let (wrong, expected, effect) = if copied.body.starts_with("Hello alice") {
        let effect = "the copy of a session that has ended is let in. Only Redis knows which sessions have ended";
        (copied, "an error for the thief", effect)
    } else if seen.body.starts_with("Hello alice") {
        let effect =
            "Alice was served, although the server can't know whether her session has ended";
        (seen, "an error for Alice", effect)
    } else if seen.status < 500 {
        let effect = "Alice was served as if she had logged out. She hasn't";
        (seen, "an error for Alice, who is logged in", effect)
    } else {
        return Ok(());
    };
    let meaning = format!("{cause}, and {effect}. find must return the error");
    bail!(Finding::about(&wrong, expected, meaning))
}
