//! Exercise 13: a visitor who logs in gets a new session ID, and keeps what was in the session.

use anyhow::{Result, bail};
use testkit::{Instance, Response, Visitor};

use crate::{checker::Checker, finding::Finding};

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let (_redis, apps) = checker.redis_and_two_apps(&[]).await?;
    let balancer = checker.balancer(&apps).await?;
    let [here, there] = [apps[0].endpoint(), apps[1].endpoint()];

    checker.log("Mallory visits, and plants the cookie in Alice's browser");
    let mut mallory = Visitor::new();
    let seen = checker
        .visit(&mut mallory, &balancer.endpoint(), "/")
        .await?;
    expect_greeting(&seen, "World", 0)?;
    let mut alice = mallory.clone();
    let seen = checker.visit(&mut alice, &balancer.endpoint(), "/").await?;
    expect_greeting(&seen, "World", 1)?;
    log_in(checker, &apps[0], &mut alice, "alice").await?;
    checker.log("Alice, at each instance");
    let seen = checker.visit(&mut alice, &there, "/").await?;
    let intruder = impostor(checker, &apps, &mallory, "alice").await?;
    expect_alice(&seen, intruder.is_some())?;
    if let Some(seen) = intruder {
        let meaning = "Mallory is logged in as Alice: the login kept the session ID, which Mallory has known all along";
        bail!(Finding::about(&seen, NOT_LOGGED_IN, meaning));
    }
    let seen = checker.visit(&mut alice, &here, "/").await?;
    expect_greeting(&seen, "alice", 3)?;

    checker.log("Mallory logs in, and plants that cookie in Bob's browser");
    let mut mallory = Visitor::new();
    log_in(checker, &apps[0], &mut mallory, "mallory").await?;
    let mut bob = mallory.clone();
    log_in(checker, &apps[1], &mut bob, "bob").await?;
    let seen = checker.visit(&mut bob, &here, "/").await?;
    expect_greeting(&seen, "bob", 0)?;
    if let Some(seen) = impostor(checker, &apps, &mallory, "bob").await? {
        let meaning = "Mallory is logged in as Bob: a visitor who was logged in already kept the session ID. The next user who logs in may be another one";
        bail!(Finding::about(&seen, NOT_LOGGED_IN, meaning));
    }
    Ok(())
}

const NOT_LOGGED_IN: &str = "Hello World #0 for the cookie from before";

async fn log_in(
    checker: &Checker,
    app: &Instance,
    visitor: &mut Visitor,
    user: &str,
) -> Result<()> {
    let form = format!("user={user}");
    let seen = checker
        .post(visitor, &app.endpoint(), "/login", &form)
        .await?;
    if seen.status >= 400 {
        let meaning = "nobody can log in: the server failed";
        bail!(Finding::about(&seen, "303 for a login", meaning).at(Some(app.name())));
    }
    Ok(())
}

/// Visits all instances with Mallory's cookie from before the login, and returns the response that
/// greets `victim`.
async fn impostor(
    checker: &Checker,
    apps: &[Instance],
    mallory: &Visitor,
    victim: &str,
) -> Result<Option<Response>> {
    checker.log("Mallory, with the cookie from before");
    for app in apps {
        let seen = checker
            .visit(&mut mallory.clone(), &app.endpoint(), "/")
            .await?;
        if greeting(&seen).is_some_and(|(user, _)| user == victim) {
            return Ok(Some(seen));
        }
    }
    Ok(None)
}

/// Checks Alice's first visit after the login. `shared` means that Mallory is in the same session.
fn expect_alice(seen: &Response, shared: bool) -> Result<()> {
    let meaning = match greeting(seen) {
        Some(("alice", 2)) => return Ok(()),
        Some(("alice", 0)) if shared => {
            "Mallory is logged in as Alice: clear empties the session but keeps its ID. The ID has to change"
        }
        Some(("alice", 0)) => {
            "Alice is logged in, but the earlier content of the session is lost. In a shop, that would be her basket"
        }
        Some(("World", 0)) => {
            "Alice has logged in, but the server doesn't know her. actix-session keeps nothing that is inserted after purge: the session ends with the request"
        }
        Some(("World", _)) => {
            "Alice has logged in, but the server doesn't know her. Is the user inserted?"
        }
        _ => "this is not Alice on her third visit",
    };
    bail!(Finding::about(seen, "Hello alice #2 for Alice", meaning))
}

fn expect_greeting(seen: &Response, user: &str, count: u64) -> Result<()> {
    let meaning = match greeting(seen) {
        Some(seen) if seen == (user, count) => return Ok(()),
        None => "this is not a greeting of this exercise's program",
        Some((other, _)) if other != user => "this is another user",
        Some(_) => "this number doesn't count the visits of this session",
    };
    bail!(Finding::about(
        seen,
        format!("Hello {user} #{count}"),
        meaning
    ))
}

/// Returns the name and N of `Hello name #N`.
fn greeting(seen: &Response) -> Option<(&str, u64)> {
    let text = seen.body.trim_end().strip_prefix("Hello ")?;
    let (name, count) = text.rsplit_once(" #")?;
    Some((name, count.parse().ok()?))
}
