//! Exercise 17: a logout holds on every instance, even if a request is in flight.

mod rules;

use std::{cell::Cell, time::Duration};

use anyhow::{Context, Result, bail};
use futures_util::{FutureExt, future::join};
use testkit::{Endpoint, Redis, Response, wait_until};
use tokio::sync::oneshot;

use super::{
    no_connection,
    redis_data::{IDLE_TIMEOUT, expect_renewed, session_key, shorten_expiry, ttl},
};
use crate::checker::{Checker, Finding, RESPONSE_LIMIT, Visitor};

/// The longest time that an instance may take to reach the point that the check waits for.
const STEP_LIMIT: Duration = Duration::from_secs(3);

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let settings = [("IDLE_TIMEOUT", IDLE_TIMEOUT.0)];
    let (redis, apps) = checker.redis_and_two_apps(&settings).await?;
    let [here, there] = [apps[0].endpoint(), apps[1].endpoint()];
    let scenario = Scenario {
        checker,
        redis: &redis,
        here,
        there,
    };
    let mut bob = rules::log_in_bob(checker, &scenario.there).await?;
    let mut alice = checker.visitor(&scenario.here);
    scenario.log_in(&mut alice).await?;
    scenario.take_note(&mut alice).await?;
    scenario.log_out_before_note(&mut alice).await?;
    rules::expect_bob(&mut bob).await?;
    scenario.log_in(&mut alice).await?;
    scenario.log_out_during_note(&mut alice).await?;
    scenario.log_in(&mut alice).await?;

    let key = session_key(&redis, &alice)?.context("Alice's session has no key")?;
    shorten_expiry(checker, &redis, &key)?;
    scenario.take_note(&mut alice).await?;
    expect_renewed(checker, &redis, &key)?;
    rules::expect_one_step(checker, &redis, &mut alice).await?;
    rules::expect_errors(checker, &redis, &alice).await?;
    rules::expect_no_search(checker, &redis, &mut alice).await?;
    rules::expect_setting(checker, &redis).await?;
    scenario.log_in(&mut alice).await?;
    scenario.shut_down_before_note(&mut alice).await
}

struct Scenario<'a> {
    checker: &'a Checker,
    redis: &'a Redis,
    here: Endpoint,
    there: Endpoint,
}

impl Scenario<'_> {
    async fn log_in(&self, alice: &mut Visitor<'_>) -> Result<()> {
        alice.at(&self.here).post("/login", "user=alice").await?;
        let seen = alice.at(&self.there).get("/").await?;
        if !is_alice(&seen) {
            let meaning = "a visitor who logged in at one instance is not logged in at the other";
            bail!(Finding::about(&seen, "Hello alice", meaning));
        }
        Ok(())
    }

    /// Changes a session that hasn't ended, and expects that the change is kept.
    async fn take_note(&self, alice: &mut Visitor<'_>) -> Result<()> {
        let taken = alice.at(&self.here).post("/note", "milk").await?;
        let seen = alice.at(&self.there).get("/").await?;
        if seen.body.trim_end() == "Hello alice, milk" {
            return Ok(());
        }
        let meaning = if taken.status >= 500 {
            "nobody has logged out, but update failed. If the server logged a reason, you see it above"
        } else {
            "nobody has logged out, but the note is not kept. Does update write?"
        };
        bail!(Finding::about(&seen, "Hello alice, milk", meaning).at(Some("app-1")))
    }

    /// Starts a note at one instance, logs Alice out at the other, and then sends the rest of the note.
    async fn log_out_before_note(&self, alice: &mut Visitor<'_>) -> Result<()> {
        let checker = self.checker;
        let (copy, mut phone) = (alice.clone(), alice.clone());
        let (send_rest, rest_allowed) = oneshot::channel();
        let loads = self.loads()?;
        let note = self.note_slowly(&mut phone, rest_allowed);
        let logout = async {
            self.wait_for_load(loads).await?;
            checker.log("a note to app-1 has started; Alice logs out at app-2");
            alice.at(&self.there).post("/logout", "").await?;
            if let Some(seen) = self.response_to_alice(&copy).await? {
                let meaning = rules::why_logged_in(checker, self.redis, &copy)?;
                bail!(Finding::about(&seen, LOGGED_OUT, meaning));
            }
            rules::expect_removed(checker, self.redis, &copy)?;
            checker.log("the rest of the note arrives");
            let _ = send_rest.send(());
            Ok(())
        };
        let (taken, logout) = join(note, logout).await;
        logout?;
        let key = session_key(self.redis, &copy)?;
        if let Some(seen) = self.response_to_alice(&copy).await? {
            let expiry = key.map(|key| ttl(checker, self.redis, &key));
            let meaning = if expiry.is_some_and(|ttl| ttl.is_ok_and(|ttl| ttl < 0)) {
                "a request that started before the logout brought the session back for ever. KEEPTTL keeps the remaining time, but there was none"
            } else {
                "a request that started before the logout brought the session back: update writes even if the session has ended"
            };
            bail!(Finding::about(&seen, LOGGED_OUT, meaning));
        }
        self.expect_lost_note(&taken?, &mut phone).await
    }

    /// Lets the logout's command reach Redis just before the note's. Everything else that the note's instance asks
    /// Redis, it asks before both.
    async fn log_out_during_note(&self, alice: &mut Visitor<'_>) -> Result<()> {
        let checker = self.checker;
        let (copy, mut phone) = (alice.clone(), alice.clone());
        let (send_rest, rest_allowed) = oneshot::channel();
        let (loads, note_answered) = (self.loads()?, Cell::new(false));
        let note = self.note_slowly(&mut phone, rest_allowed);
        let note = note.inspect(|_| note_answered.set(true));
        let order = async {
            self.wait_for_load(loads).await?;
            checker.log("a note starts again, and Alice logs out; Redis delays all writes");
            self.redis.cli(&["CLIENT", "PAUSE", "10000", "WRITE"])?;
            let logout = alice.at(&self.there).post("/logout", "");
            let rest = async {
                wait_until("the logout's command", STEP_LIMIT, async || {
                    Ok((self.delayed()? >= 1).then_some(()))
                })
                .await?;
                let _ = send_rest.send(());
                wait_until("the note's command", STEP_LIMIT, async || {
                    Ok((note_answered.get() || self.delayed()? >= 2).then_some(()))
                })
                .await?;
                checker.log("the rest of the note arrives; Redis continues: logout, note");
                self.redis.cli(&["CLIENT", "UNPAUSE"])
            };
            let (logout, rest) = join(logout, rest).await;
            rest?;
            logout
        };
        let (taken, logout) = join(note, order).await;
        logout?;
        if let Some(seen) = self.response_to_alice(&copy).await? {
            let meaning = "a logout came between the check and the write, and the session is back. One command has to do both";
            bail!(Finding::about(&seen, LOGGED_OUT, meaning));
        }
        self.expect_lost_note(&taken?, &mut phone).await
    }

    /// Shuts Redis down after a note's session was loaded. Expects an error for the note.
    async fn shut_down_before_note(&self, alice: &mut Visitor<'_>) -> Result<()> {
        let (send_rest, rest_allowed) = oneshot::channel();
        let loads = self.loads()?;
        let note = self.note_slowly(alice, rest_allowed);
        let shutdown = async {
            self.wait_for_load(loads).await?;
            self.checker.log("a note to app-1 has started");
            no_connection::shut_down(self.checker, self.redis)?;
            let _ = send_rest.send(());
            Ok(())
        };
        let (taken, shutdown): (_, Result<()>) = join(note, shutdown).await;
        shutdown?;
        no_connection::expect_error(&taken?, "update")
    }

    /// Posts a note to the first instance, but sends its text only when that is allowed.
    async fn note_slowly(
        &self,
        phone: &mut Visitor<'_>,
        rest_allowed: oneshot::Receiver<()>,
    ) -> Result<Response> {
        let request =
            phone
                .client
                .post_slowly(&self.here, "/note", "bread", rest_allowed.map(drop));
        self.checker
            .observe(3 * RESPONSE_LIMIT, "POST /note, slowly", request)
            .await
    }

    /// Checks the response to the note whose session had ended: not an error, and no new session.
    async fn expect_lost_note(&self, taken: &Response, phone: &mut Visitor<'_>) -> Result<()> {
        if taken.status >= 500 {
            let meaning = "update found no session and returned an error, but a logout is not a failure of the server";
            let finding = Finding::about(taken, "status 200 for the note", meaning);
            bail!(finding.at(Some("app-1")));
        }
        self.checker
            .log("the phone, with the cookie of that response");
        let seen = phone.at(&self.there).get("/").await?;
        if is_alice(&seen) {
            let meaning = "update found that the session had ended, and started a new session for the note. The phone is logged in after the logout";
            bail!(Finding::about(&seen, LOGGED_OUT, meaning));
        }
        Ok(())
    }

    /// Visits both instances with a copy of Alice's cookie, and returns the response that greets her.
    async fn response_to_alice(&self, copy: &Visitor<'_>) -> Result<Option<Response>> {
        self.checker.log("a visitor with a copy of Alice's cookie");
        let endpoints = [self.here.clone(), self.there.clone()];
        copy.greeted("alice", &endpoints).await
    }

    /// Returns how many sessions were loaded so far.
    fn loads(&self) -> Result<u64> {
        let stats = self.redis.command_stats()?;
        Ok(stats.get("get").map_or(0, |get| get.calls))
    }

    /// Waits until an instance has loaded one more session than `before`.
    async fn wait_for_load(&self, before: u64) -> Result<()> {
        wait_until("the session to be loaded", STEP_LIMIT, async || {
            Ok((self.loads()? > before).then_some(()))
        })
        .await
    }

    /// Returns how many commands Redis is delaying.
    fn delayed(&self) -> Result<u64> {
        let count = self.redis.info("blocked_clients")?;
        let count = count.context("Redis reports no blocked_clients")?;
        Ok(count.parse()?)
    }
}

const LOGGED_OUT: &str = "Hello World: Alice has logged out";

fn is_alice(seen: &Response) -> bool {
    seen.body.starts_with("Hello alice")
}
