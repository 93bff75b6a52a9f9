//! Exercise 21: of two changes of a session at the same time, none is lost, whichever instances make them.
//!
//! The rules of a right solution:
//! - A click that was answered with 200 is counted once, however many others come at the same time, and it undoes none.
//! - This doesn't depend on the memory of an instance, nor on the speed of a client that holds a lock.
//! - A session that has ended stays ended, and one that was written has the whole idle timeout.
//! - A change that meets a newer session is repeated, but not for ever.
//! - If Redis returns an error, so does `change`, and if an answer is missing. Then it writes no second time.

mod conflicts;
mod explain;
mod lock;
mod no_answer;
mod overlap;
mod rules;
mod site;

use anyhow::{Result, bail};
use futures_util::future::join;
use testkit::{FaultProxy, Persistence, Redis};

use self::site::Site;
use super::{
    redis_data::{IDLE_TIMEOUT, expect_renewed, expect_whole, shorten_expiry, ttl},
    shop::{Customer, arrival, expect_success},
};
use crate::checker::{Checker, Finding};

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let redis = Redis::start(&checker.env, Persistence::None).await?;
    let proxy = FaultProxy::start(&redis)?;
    let app = async |name, url: String| {
        let settings = [
            ("REDIS_URL", url.as_str()),
            ("IDLE_TIMEOUT", IDLE_TIMEOUT.0),
        ];
        checker.app(name, &settings).await
    };
    let apps = [
        app("app-1", proxy.url()).await?,
        app("app-2", redis.url()).await?,
    ];
    let site = Site {
        checker,
        redis: &redis,
        proxy: &proxy,
        here: apps[0].endpoint(),
        there: apps[1].endpoint(),
    };
    let mut alice = Customer::log_in(checker, "alice", &site.here).await?;
    site.one_by_one(&mut alice).await?;
    overlap::check(&site).await?;
    site.log_out_during_click().await?;
    conflicts::expect_repeated(&site).await?;
    rules::expect_all_of_many(&site, &alice).await?;
    conflicts::expect_end(&site).await?;
    rules::expect_errors(&site, &mut alice).await?;
    no_answer::expect_error(&site).await?;
    rules::expect_setting(&site).await
}

impl Site<'_> {
    /// Clicks once at each instance, and expects that a write starts the idle timeout again.
    async fn one_by_one(&self, alice: &mut Customer<'_>) -> Result<()> {
        let seen = alice.visitor.at(&self.here).post("/add/tea", "").await?;
        expect_success(self.checker, &seen, "1 tea")?;
        let key = alice.key()?;
        expect_whole(ttl(self.checker, self.redis, &key)?)?;
        shorten_expiry(self.checker, self.redis, &key)?;
        let seen = alice.visitor.at(&self.there).post("/add/tea", "").await?;
        expect_success(self.checker, &seen, "2 tea")?;
        let basket = alice.basket(&self.here).await?;
        if basket.number_of("tea") != 2 {
            let observed = format!("{} tea", basket.number_of("tea"));
            let meaning = "these two clicks came one after the other, and are not in the session. Does change write what it has changed?";
            bail!(Finding::new("2 tea after two clicks", observed, meaning));
        }
        expect_renewed(self.checker, self.redis, &key)
    }

    /// Logs a customer out while the write of their click is on its way.
    async fn log_out_during_click(&self) -> Result<()> {
        let bob = Customer::log_in(self.checker, "bob", &self.here).await?;
        let (mut tab, mut other_tab) = (bob.visitor.clone(), bob.visitor.clone());
        let write = self.proxy.hold("plum");
        let click = tab.post("/add/plum", "");
        let logout = async {
            arrival(&write).await?;
            let step =
                "Bob clicks on a plum, and the network holds his write back; he logs out at app-2";
            self.checker.log(step);
            other_tab.at(&self.there).post("/logout", "").await?;
            write.release();
            anyhow::Ok(())
        };
        let (clicked, logout) = join(click, logout).await;
        logout?;
        let clicked = clicked?;
        let seen = other_tab.get("/").await?;
        if seen.status == 200 {
            let meaning = "a click that began before the logout brought the session back. A write needs a session that still exists";
            bail!(Finding::about(
                &seen,
                "status 401: Bob has logged out",
                meaning
            ));
        }
        if clicked.status != 401 {
            let meaning = "Bob has logged out, so nothing was written. Then change returns None, and the click is answered with 401";
            bail!(Finding::about(
                &clicked,
                "status 401 for the click",
                meaning
            ));
        }
        Ok(())
    }
}
