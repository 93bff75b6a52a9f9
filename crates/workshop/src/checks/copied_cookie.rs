//! Exercise 14: a copy of a session's cookie is worthless after the logout.
//!
//! A right solution keeps these rules:
//!
//! - After a logout no instance accepts any cookie of that session: the last one, an earlier one with the same ID, one
//!   that the instance has accepted before, or one that comes to an instance that was not running at the logout.
//! - All other sessions go on: those of other users, and those of the same user, who can also log in again.
//! - Redis remembers a logout as long as the cookie lasts, which is `ABSOLUTE_TIMEOUT`, and not for ever.
//! - Redis gets no more than the logout needs, in one step, and nothing from a visit.
//! - A request asks for its own session. It doesn't search all logouts.
//! - If Redis can't be asked, no cookie is accepted, and a logout is an error.

mod failure;
mod memory;

use anyhow::{Result, bail};
use testkit::{Endpoint, Instance, Redis, Response};

use crate::checker::{Checker, Finding, Visitor};

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let settings = [("ABSOLUTE_TIMEOUT", memory::TIMEOUT.0)];
    let (redis, mut apps) = checker.redis_and_two_apps(&settings).await?;
    let [here, there] = [apps[0].endpoint(), apps[1].endpoint()];
    let instances = [here.clone(), there.clone()];

    let [mut bob, mut phone] = [checker.visitor(&there), checker.visitor(&there)];
    log_in(&mut bob, "bob").await?;
    log_in(&mut phone, "alice").await?;
    let mut alice = checker.visitor(&here);
    log_in(&mut alice, "alice").await?;
    checker.log("a thief copies Alice's cookie before and after her note, and uses the copies");
    let before_note = alice.clone();
    alice.post("/note", &memory::long_note()).await?;
    let after_note = alice.clone();
    for copy in [&before_note, &after_note] {
        for instance in &instances {
            accepted(copy, instance).await?;
        }
    }

    log_out_at_one(checker, &redis, &mut apps, [&after_note, &before_note]).await?;
    expect_others(checker, [&mut bob, &mut phone], &mut alice, &instances).await?;
    memory::expect_no_search(checker, &redis, &mut alice).await?;
    memory::expect_setting(checker, &redis).await?;
    failure::expect_errors(checker, redis, &mut alice, &after_note).await
}

async fn log_in(visitor: &mut Visitor<'_>, user: &str) -> Result<()> {
    visitor.post("/login", &format!("user={user}")).await?;
    let seen = visitor.get("/").await?;
    if seen.body.starts_with(&format!("Hello {user}")) {
        return Ok(());
    }
    let expected = format!("Hello {user} after a login");
    let meaning =
        "a visitor who has just logged in is not logged in. Does find return the session?";
    bail!(Finding::about(&seen, expected, meaning))
}

/// Logs Alice out at the first instance while the second one isn't running, and expects that the `copies` of her cookie
/// are worthless on both. The first of the `copies` is the cookie of the logout.
async fn log_out_at_one(
    checker: &Checker,
    redis: &Redis,
    [one, two]: &mut [Instance; 2],
    copies: [&Visitor<'_>; 2],
) -> Result<()> {
    let [last, earlier] = copies;
    checker.log("app-2 stops, and Alice logs out at app-1");
    two.stop().await?;
    let here = one.endpoint();
    let seen = last.clone().at(&here).post("/logout", "").await?;
    if seen.status >= 500 {
        let meaning = "Alice can't log out. If the server logged a reason, you see it above";
        bail!(Finding::about(&seen, "303 for a logout", meaning));
    }
    let entries = memory::entries(checker, redis)?;
    checker.log("the thief, with both copies");
    let with_last = accepted(last, &here).await?;
    let with_earlier = accepted(earlier, &here).await?;
    if memory::entries(checker, redis)?.len() < entries.len() {
        let expected = "the key of the logout, for as long as the cookie lasts";
        let meaning = "a visit with the copy has removed the key of the logout. The next visit with the copy is let in";
        bail!(Finding::new(expected, "no key", meaning));
    }
    checker.log("app-2 starts, and the thief comes there too");
    checker.start(two).await?;
    let there = two.endpoint();
    let with_last_there = accepted(last, &there).await?;
    if let Some(seen) = with_last {
        let meaning = if entries.is_empty() {
            "only the browser dropped its cookie. Nothing remembers the logout, so a copy of the cookie is still logged in"
        } else if with_last_there.is_some() {
            "the logout is in Redis, but a request with a copy of the cookie is still logged in. Does find look for what end has written?"
        } else {
            "an instance that had seen the session before the logout still accepts it. It has to ask Redis at each request"
        };
        bail!(Finding::about(&seen, LOGGED_OUT, meaning));
    }
    if let Some(seen) = with_last_there {
        let meaning = "an instance that started after the logout accepts the copy. It can only know what is in Redis";
        bail!(Finding::about(&seen, LOGGED_OUT, meaning));
    }
    if entries.is_empty() {
        let expected = "a key in Redis for the logout";
        let meaning = "the copy is rejected, but Redis has no key for the logout. A server on another machine doesn't know of the logout";
        bail!(Finding::new(expected, "no key", meaning));
    }
    let earlier_there = accepted(earlier, &there).await?;
    if let Some(seen) = with_earlier.or(earlier_there) {
        let meaning = "Alice's last cookie is worthless, but an earlier one of the same session is not. Each change of a session makes another cookie, and all of them have the same ID";
        bail!(Finding::about(&seen, LOGGED_OUT, meaning));
    }
    memory::expect_timeout(&entries)?;
    memory::expect_little(redis, &entries)
}

/// Returns the response if a visitor with this cookie is logged in as Alice at `instance`.
async fn accepted(copy: &Visitor<'_>, instance: &Endpoint) -> Result<Option<Response>> {
    copy.greeted("alice", std::slice::from_ref(instance)).await
}

/// Expects that the logout ended one session only, and that Alice can log in again.
async fn expect_others(
    checker: &Checker,
    [bob, phone]: [&mut Visitor<'_>; 2],
    alice: &mut Visitor<'_>,
    [here, there]: &[Endpoint; 2],
) -> Result<()> {
    checker.log("Bob, and Alice's phone, which has a session of its own");
    let seen = bob.at(here).get("/").await?;
    if !seen.body.starts_with("Hello bob") {
        let meaning = "Alice has logged out, and Bob is logged out too. What is remembered must name one session";
        bail!(Finding::about(&seen, "Hello bob", meaning));
    }
    let on_phone = phone.at(here).get("/").await?;
    checker.log("Alice logs in again");
    alice.client = testkit::Visitor::new();
    alice.at(here).post("/login", "user=alice").await?;
    let seen = alice.at(there).get("/").await?;
    let is_in = |seen: &Response| seen.body.starts_with("Hello alice");
    let meaning = match (is_in(&on_phone), is_in(&seen)) {
        (true, true) => return Ok(()),
        (_, false) => {
            "Alice can't log in again: the logout has locked out the user, and not one session"
        }
        (false, true) => {
            let meaning = "Alice logged out in one browser, and her phone is logged out too. Only one session should end";
            bail!(Finding::about(
                &on_phone,
                "Hello alice on the phone",
                meaning
            ));
        }
    };
    bail!(Finding::about(
        &seen,
        "Hello alice after a new login",
        meaning
    ))
}

const LOGGED_OUT: &str = "Hello World: Alice has logged out";
