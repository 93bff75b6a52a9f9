//! Exercise 16: a visitor who logs in gets a new session ID, and keeps what was in the session.

use anyhow::{Result, bail};
use testkit::{Instance, Response};

use crate::checker::{Checker, Finding, Visitor};

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let (_redis, apps) = checker.redis_and_two_apps(&[]).await?;
    let balancer = checker.balancer(&apps).await?;
    let endpoints = apps.each_ref().map(Instance::endpoint);
    let [here, there] = &endpoints;

    checker.log("Mallory visits, and plants the cookie in Alice's browser");
    let mut mallory = checker.visitor(&balancer.endpoint());
    expect_greeting(&mut mallory, "World", 0).await?;
    let mut alice = mallory.clone();
    expect_greeting(&mut alice, "World", 1).await?;
    log_in(&apps[0], &mut alice, "alice").await?;
    checker.log("Alice, at each instance");
    let seen = alice.at(there).get("/").await?;
    checker.log(IMPOSTOR);
    let intruder = mallory.greeted("alice", &endpoints).await?;
    expect_alice(&seen, intruder.is_some())?;
    if let Some(seen) = intruder {
        let meaning = "Mallory is logged in as Alice: the login kept the session ID, which Mallory has known all along";
        bail!(Finding::about(&seen, NOT_LOGGED_IN, meaning));
    }
    expect_greeting(alice.at(here), "alice", 3).await?;

    checker.log("Mallory logs in, and plants that cookie in Bob's browser");
    let mut mallory = checker.visitor(here);
    log_in(&apps[0], &mut mallory, "mallory").await?;
    let mut bob = mallory.clone();
    log_in(&apps[1], &mut bob, "bob").await?;
    expect_greeting(bob.at(here), "bob", 0).await?;
    checker.log(IMPOSTOR);
    if let Some(seen) = mallory.greeted("bob", &endpoints).await? {
        let meaning = "Mallory is logged in as Bob: Mallory was logged in already, and this login kept the session ID. The ID has to change at every login";
        bail!(Finding::about(&seen, NOT_LOGGED_IN, meaning));
    }

    checker.log("Mallory visits again, and plants the cookie in Carol's browser");
    let mut mallory = checker.visitor(here);
    expect_greeting(&mut mallory, "World", 0).await?;
    let mut carol = mallory.clone();
    log_in(&apps[0], &mut carol, "carol").await?;
    expect_greeting(&mut carol, "carol", 1).await?;
    checker.log(IMPOSTOR);
    if let Some(seen) = mallory.greeted("carol", &endpoints).await? {
        let meaning = "Mallory is logged in as Carol: an earlier login at this instance changed the session ID, but this one kept it";
        bail!(Finding::about(&seen, NOT_LOGGED_IN, meaning));
    }

    checker.log("Bob logs in once more at the same instance, as Bob");
    let copy = bob.clone();
    log_in(&apps[1], &mut bob, "bob").await?;
    expect_greeting(&mut bob, "bob", 1).await?;
    checker.log("a visitor with a copy of Bob's cookie from before");
    if let Some(seen) = copy.greeted("bob", &endpoints).await? {
        let meaning = "the login of a user who was logged in already kept the session ID. So a copy of the cookie from before still works";
        bail!(Finding::about(&seen, NOT_LOGGED_IN, meaning));
    }
    Ok(())
}

const IMPOSTOR: &str = "Mallory, with the cookie from before";

const NOT_LOGGED_IN: &str = "Hello World #0 for the cookie from before";

async fn log_in(app: &Instance, visitor: &mut Visitor<'_>, user: &str) -> Result<()> {
    let form = format!("user={user}");
    let seen = visitor.at(&app.endpoint()).post("/login", &form).await?;
    if seen.status >= 400 {
        let meaning = "the login failed. If the server logged a reason, you see it above";
        bail!(Finding::about(&seen, "303 for a login", meaning).at(Some(app.name())));
    }
    Ok(())
}

/// Checks Alice's first visit after the login. `shared` means that Mallory is in the same session.
fn expect_alice(seen: &Response, shared: bool) -> Result<()> {
    let meaning = match greeting(seen) {
        Some(("alice", 2)) => return Ok(()),
        Some(("alice", 0)) if shared => {
            "Mallory is logged in as Alice: the session is empty now, but it has kept its ID. The ID has to change"
        }
        Some(("alice", 0)) => {
            "Alice is logged in, but the earlier content of the session is lost. In a shop, that would be her basket"
        }
        Some(("World", 0)) => {
            "Alice has logged in, but the server doesn't know her, and her session is lost. Is it purged? actix-session keeps nothing that is inserted after purge"
        }
        Some(("World", _)) => {
            "Alice has logged in, but the server doesn't know her. Is the user inserted?"
        }
        _ => "this is not Alice on her third visit",
    };
    bail!(Finding::about(seen, "Hello alice #2 for Alice", meaning))
}

/// Visits `/` and expects `Hello user #count`.
async fn expect_greeting(visitor: &mut Visitor<'_>, user: &str, count: u64) -> Result<()> {
    let seen = visitor.get("/").await?;
    let meaning = match greeting(&seen) {
        Some(seen) if seen == (user, count) => return Ok(()),
        None => "this is not a greeting of this exercise's program",
        Some(("mallory", _)) => {
            "another user has logged in, but the session still belongs to Mallory. A login replaces the user"
        }
        Some((other, _)) if other != user => "this is another user",
        Some(_) => "this number doesn't count the visits of this session",
    };
    let expected = format!("Hello {user} #{count}");
    bail!(Finding::about(&seen, expected, meaning))
}

/// Returns the name and N of `Hello name #N`.
fn greeting(seen: &Response) -> Option<(&str, u64)> {
    let text = seen.body.trim_end().strip_prefix("Hello ")?;
    let (name, count) = text.rsplit_once(" #")?;
    Some((name, count.parse().ok()?))
}
