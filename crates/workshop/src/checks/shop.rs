//! The shop of exercises 21 and 22: customers whose baskets are in their sessions.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, bail};
use testkit::{Endpoint, HeldCommand, Redis, Response, wait_until};

use crate::checker::{Checker, Finding, Visitor};

/// The longest time that an instance may take to reach the point that a check waits for.
pub(super) const STEP_LIMIT: Duration = Duration::from_secs(3);

/// How many of each item are in a basket.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Basket(BTreeMap<String, u64>);

impl Basket {
    /// Returns the basket in a response such as `alice: 1 pear, 2 tea`.
    fn of(user: &str, seen: &Response) -> Option<Self> {
        let (name, items) = seen.body.trim_end().split_once(':')?;
        let items = items.split(',').map(str::trim).filter(|it| !it.is_empty());
        let items = items.map(|it| {
            let (number, item) = it.split_once(' ')?;
            Some((item.to_owned(), number.parse().ok()?))
        });
        let items = items.collect::<Option<_>>()?;
        (name == user && seen.status == 200).then_some(Self(items))
    }

    pub(super) fn number_of(&self, item: &str) -> u64 {
        self.0.get(item).copied().unwrap_or_default()
    }
}

/// A customer who has logged in.
pub(super) struct Customer<'a> {
    user: String,
    pub(super) visitor: Visitor<'a>,
}

impl<'a> Customer<'a> {
    /// Logs `user` in at `endpoint`.
    pub(super) async fn log_in(
        checker: &'a Checker,
        user: &str,
        endpoint: &Endpoint,
    ) -> Result<Self> {
        let mut visitor = checker.visitor(endpoint);
        let seen = visitor.post("/login", user).await?;
        if seen.status != 200 {
            let meaning =
                "a customer cannot log in. If the server logged a reason, you see it above";
            bail!(Finding::about(&seen, "welcome", meaning));
        }
        let user = user.to_owned();
        Ok(Self { user, visitor })
    }

    /// Returns the key of the customer's session.
    pub(super) fn key(&self) -> Result<String> {
        let cookie = self.visitor.client.cookie().context("no session cookie")?;
        Ok(format!("session:{}", cookie.value()))
    }

    /// Returns the customer's basket, as the instance at `endpoint` shows it.
    pub(super) async fn basket(&self, endpoint: &Endpoint) -> Result<Basket> {
        let seen = self.visitor.clone().at(endpoint).get("/").await?;
        Basket::of(&self.user, &seen).with_context(|| {
            let expected = format!("the basket of {}", self.user);
            let meaning = "the customer has logged in, but the program shows no basket of theirs";
            Finding::about(&seen, expected, meaning)
        })
    }
}

/// Expects that a click succeeded that came alone. `expected` describes the basket.
pub(super) fn expect_success(checker: &Checker, seen: &Response, expected: &str) -> Result<()> {
    if seen.status == 200 {
        return Ok(());
    }
    let mut steps = checker.steps().into_iter();
    let meaning = if seen.status == 401 {
        "a click on its own was answered as if the session had ended. But Redis still has it"
    } else if steps.any(|step| step.contains("EXEC without MULTI")) {
        "WATCH, MULTI and EXEC need one connection, and ask takes any of the pool"
    } else {
        "a click on its own failed; the log of the instance, above, shows why"
    };
    let expected = format!("{expected} (200)");
    bail!(Finding::about(seen, expected, meaning))
}

/// Waits until the write that is to be held back has been sent.
pub(super) async fn arrival(write: &HeldCommand) -> Result<()> {
    let arrived = async || Ok(write.has_arrived().then_some(()));
    if wait_until("the write", STEP_LIMIT, arrived).await.is_ok() {
        return Ok(());
    }
    let observed = format!("none within {} s", STEP_LIMIT.as_secs());
    let meaning =
        "nothing that contains the item was sent to Redis. Does the program write the session?";
    bail!(Finding::new("a write of the session", observed, meaning))
}

/// Returns the keys that are not sessions.
pub(super) fn other_keys(redis: &Redis) -> Result<Vec<String>> {
    let keys = redis.cli(&["--scan"])?;
    let others = keys.lines().filter(|key| !key.starts_with("session:"));
    Ok(others
        .filter(|key| !key.is_empty())
        .map(str::to_owned)
        .collect())
}
