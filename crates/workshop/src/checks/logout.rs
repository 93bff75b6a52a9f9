//! Exercise 14: who logs out is out, everywhere, and a request that was on its way doesn't change that.

use std::{cell::Cell, time::Duration};

use anyhow::{Context, Result, bail};
use futures_util::{
    FutureExt,
    future::{join, join3},
};
use testkit::{Instance, Redis, Response, Visitor, wait_until};
use tokio::sync::oneshot;

use super::in_redis::{LATE, TTL, calls, expect_ttl, key_of, ttl, wear};
use crate::{bench::Bench, finding::Finding};

/// Longest that a server may take to be where it is waited for.
const SOON: Duration = Duration::from_secs(3);

pub(super) async fn check(bench: &Bench) -> Result<()> {
    let redis = bench.redis().await?;
    let apps = bench
        .two_apps(&[("REDIS_URL", &redis.url()), ("IDLE_TIMEOUT", TTL.0)])
        .await?;
    let scene = Scene {
        bench,
        redis: &redis,
        apps: &apps,
    };
    let mut alice = Visitor::new();
    scene.sign_in(&mut alice).await?;
    scene.note(&mut alice).await?;
    scene.logout_before(&mut alice).await?;
    scene.sign_in(&mut alice).await?;
    scene.logout_between(&mut alice).await?;
    scene.sign_in(&mut alice).await?;
    scene.expiry(&mut alice).await
}

struct Scene<'a> {
    bench: &'a Bench,
    redis: &'a Redis,
    apps: &'a [Instance; 2],
}

impl Scene<'_> {
    async fn sign_in(&self, alice: &mut Visitor) -> Result<()> {
        self.bench
            .post(alice, &self.apps[0].endpoint(), "/login", "user=alice")
            .await?;
        let seen = self
            .bench
            .visit(alice, &self.apps[1].endpoint(), "/")
            .await?;
        if !is_alice(&seen) {
            let meaning = "who signed in at one server is not signed in at the other";
            bail!(Finding::new("Hello alice", shown(&seen), meaning).at(seen.instance.as_deref()));
        }
        Ok(())
    }

    /// A session that lives can change.
    async fn note(&self, alice: &mut Visitor) -> Result<()> {
        let taken = self
            .bench
            .post(alice, &self.apps[0].endpoint(), "/note", "milk")
            .await?;
        let seen = self
            .bench
            .visit(alice, &self.apps[1].endpoint(), "/")
            .await?;
        if seen.body.trim_end() == "Hello alice, milk" {
            return Ok(());
        }
        let meaning = if taken.status >= 500 {
            "nobody has logged out, and the note is not taken: update failed; the reason, if it logged one, stands above"
        } else {
            "nobody has logged out, and the note is not kept: does update write?"
        };
        bail!(
            Finding::new("Hello alice, milk", shown(&seen), meaning).at(Some(self.apps[0].name()))
        )
    }

    /// A note is on its way to one server when Alice logs out at the other.
    async fn logout_before(&self, alice: &mut Visitor) -> Result<()> {
        let (copy, mut phone) = (alice.clone(), alice.clone());
        let (go, held) = oneshot::channel();
        let (reads, here) = (self.reads()?, self.apps[0].endpoint());
        let note = self
            .bench
            .post_slowly(&mut phone, &here, "/note", "bread", held.map(drop));
        let logout = async {
            self.has_read(reads).await?;
            self.bench
                .did("a note has begun to come to app-1; Alice logs out at app-2");
            self.bench
                .post(alice, &self.apps[1].endpoint(), "/logout", "")
                .await?;
            if let Some(seen) = self.still_in(&copy).await? {
                let meaning = "only the browser forgot its cookie: the session is still in Redis, and a copy of the cookie is signed in";
                bail!(found(&seen, meaning));
            }
            self.bench.did("the rest of the note comes");
            let _ = go.send(());
            Ok(())
        };
        let (taken, logout) = join(note, logout).await;
        logout?;
        let key = key_of(self.redis, &copy)?;
        if let Some(seen) = self.still_in(&copy).await? {
            let for_ever =
                key.is_some_and(|key| ttl(self.bench, self.redis, &key).is_ok_and(|ttl| ttl < 0));
            let meaning = if for_ever {
                "a request that began before the logout brought the session back, and now for ever: KEEPTTL keeps the time that is \
                 left, and there was none"
            } else {
                "a request that began before the logout brought the session back: update writes, whether there is a session or not"
            };
            bail!(found(&seen, meaning));
        }
        self.ended_quietly(&taken?, &mut phone).await
    }

    /// The answer to the note whose session had ended.
    async fn ended_quietly(&self, taken: &Response, phone: &mut Visitor) -> Result<()> {
        if taken.status >= 500 {
            let meaning = "update found no session to write to, and made an error of it: a logout is no failure of the server";
            bail!(
                Finding::new(
                    "an answer to the note, 200",
                    taken.status.to_string(),
                    meaning
                )
                .at(Some(self.apps[0].name()))
            );
        }
        self.bench.did("the phone, with the cookie of its answer");
        let seen = self
            .bench
            .visit(phone, &self.apps[1].endpoint(), "/")
            .await?;
        if is_alice(&seen) {
            let meaning = "update found that the session had ended, and began a new session for it: the phone is signed in after the logout";
            bail!(found(&seen, meaning));
        }
        Ok(())
    }

    /// The logout's command reaches Redis before the note's; what the note's server asks before, it asks before both.
    async fn logout_between(&self, alice: &mut Visitor) -> Result<()> {
        let (copy, mut phone) = (alice.clone(), alice.clone());
        let (go, held) = oneshot::channel();
        let (reads, over) = (self.reads()?, Cell::new(false));
        let (here, there) = (self.apps[0].endpoint(), self.apps[1].endpoint());
        let note = self
            .bench
            .post_slowly(&mut phone, &here, "/note", "bread", held.map(drop))
            .inspect(|_| over.set(true));
        let (allow, allowed) = oneshot::channel::<()>();
        let logout = async {
            allowed.await?;
            self.bench.post(alice, &there, "/logout", "").await
        };
        let order = async {
            self.has_read(reads).await?;
            self.bench
                .did("a note begins again, and Alice logs out; Redis holds writes back");
            self.redis.cli(&["CLIENT", "PAUSE", "10000", "WRITE"])?;
            let _ = allow.send(());
            wait_until("the logout's command", SOON, async || {
                Ok((self.held_back()? >= 1).then_some(()))
            })
            .await?;
            let _ = go.send(());
            wait_until("the note's command", SOON, async || {
                Ok((over.get() || self.held_back()? >= 2).then_some(()))
            })
            .await?;
            self.bench
                .did("the rest of the note comes; Redis goes on: logout, note");
            self.redis.cli(&["CLIENT", "UNPAUSE"])
        };
        let (taken, logout, order) = join3(note, logout, order).await;
        order?;
        logout?;
        if let Some(seen) = self.still_in(&copy).await? {
            let meaning = "a logout came between looking and writing, and the session is back: what looks and writes has to be one command";
            bail!(found(&seen, meaning));
        }
        self.ended_quietly(&taken?, &mut phone).await
    }

    /// A change gives the session its whole time again.
    async fn expiry(&self, alice: &mut Visitor) -> Result<()> {
        let key = key_of(self.redis, alice)?.context("no key of Alice's")?;
        wear(self.bench, self.redis, &key)?;
        self.note(alice).await?;
        let ttl = ttl(self.bench, self.redis, &key)?;
        if (0..=LATE).contains(&ttl) {
            let meaning =
                "a change doesn't set the time again: the session ends while its visitor is there";
            bail!(Finding::new(
                format!("a TTL of {} s after a note", TTL.1),
                format!("{ttl} s, as before"),
                meaning
            ));
        }
        expect_ttl(ttl)
    }

    /// What a server says that takes this copy of Alice's cookie for hers.
    async fn still_in(&self, copy: &Visitor) -> Result<Option<Response>> {
        self.bench.did("somebody with a copy of Alice's cookie");
        for app in self.apps {
            let seen = self
                .bench
                .visit(&mut copy.clone(), &app.endpoint(), "/")
                .await?;
            if is_alice(&seen) {
                return Ok(Some(seen));
            }
        }
        Ok(None)
    }

    /// Sessions that were read so far.
    fn reads(&self) -> Result<u64> {
        Ok(calls(self.redis)?.get("get").copied().unwrap_or_default())
    }

    /// Waits until a server has read one more session than `before`.
    async fn has_read(&self, before: u64) -> Result<()> {
        wait_until("the session to be read", SOON, async || {
            Ok((self.reads()? > before).then_some(()))
        })
        .await
    }

    /// Commands that Redis holds back.
    fn held_back(&self) -> Result<u64> {
        let told = self.redis.cli(&["INFO", "clients"])?;
        let count = told
            .lines()
            .find_map(|line| line.strip_prefix("blocked_clients:"))
            .context("Redis tells of no blocked clients")?;
        Ok(count.trim().parse()?)
    }
}

fn is_alice(seen: &Response) -> bool {
    seen.body.starts_with("Hello alice")
}

fn shown(seen: &Response) -> String {
    if seen.status == 200 {
        seen.body.trim_end().to_owned()
    } else {
        format!("status {}", seen.status)
    }
}

/// Somebody is signed in who shouldn't be.
fn found(seen: &Response, meaning: &str) -> Finding {
    Finding::new("Hello World: Alice has logged out", shown(seen), meaning)
        .at(seen.instance.as_deref())
}
