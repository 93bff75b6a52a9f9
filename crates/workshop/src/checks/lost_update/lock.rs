//! A lock: a key in Redis that makes one request wait for another.

use std::time::Duration;

use anyhow::{Result, bail};
use testkit::wait_until;

use super::site::Site;
use crate::{checker::Finding, checks::shop::other_keys};

/// The value that the check writes into a lock, as if another request had taken it.
const RIVAL: &str = "another request";

/// How long a request may take to finish when nothing holds it up.
const MOMENT: Duration = Duration::from_millis(300);

pub(super) struct Lock<'a> {
    site: &'a Site<'a>,
    key: String,
}

impl<'a> Lock<'a> {
    /// Returns the lock that makes a click wait, after its time has passed: a key that is not one of the `known` ones.
    pub(super) fn expired(site: &'a Site<'a>, known: &[String]) -> Result<Option<Self>> {
        let mut keys = other_keys(site.redis)?.into_iter();
        let Some(key) = keys.find(|key| !known.contains(key)) else {
            return Ok(None);
        };
        if site.redis.cli(&["PTTL", &key])? == "-1" {
            let expected = "a click that doesn't wait for another one for ever";
            let observed = format!("it waits for a key without an expiry, {key:.24}");
            let meaning = "the key is a lock. If the instance that holds it were killed now, no request could change this session any more";
            bail!(Finding::new(expected, observed, meaning));
        }
        site.redis.cli(&["PEXPIRE", &key, "1"])?;
        site.checker
            .log("the click waits for a lock; the lock's time has passed");
        Ok(Some(Self { site, key }))
    }

    /// Takes the lock for another request.
    pub(super) fn take(&self) -> Result<()> {
        self.site.checker.log("a third request takes the lock");
        self.site.redis.cli(&["SET", &self.key, RIVAL]).map(drop)
    }

    /// Releases the lock when its first holder has `finished`, or after a moment. Returns whether it was still taken.
    pub(super) async fn release(&self, finished: impl Fn() -> bool) -> Result<bool> {
        let finished = async || Ok(finished().then_some(()));
        let _ = wait_until("the first holder", MOMENT, finished).await;
        let is_taken = self.site.redis.cli(&["GET", &self.key])? == RIVAL;
        self.site.redis.cli(&["DEL", &self.key])?;
        Ok(is_taken)
    }
}
