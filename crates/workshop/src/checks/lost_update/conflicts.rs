//! A session that another request changes just before each write of a click.

use std::time::Duration;

use anyhow::{Result, bail};
use testkit::Response;
use tokio::time::timeout;

use super::site::Site;
use crate::{checker::Finding, checks::shop::Customer};

/// How often a click is outrun that has to succeed at last, according to the task.
const CONFLICTS: usize = 30;

/// The longest time that 64 attempts may take, with a pause after each: more than the task allows.
const GIVE_UP_LIMIT: Duration = Duration::from_secs(5);

/// Adds 1 to the number of breads in a session, as another request does, and counts that.
const ADD_BREAD: &str = "local json = redis.call('GET', KEYS[1]) \
    local more = function(n) return '\"bread\":' .. n + 1 end \
    redis.call('SET', KEYS[1], (json:gsub('\"bread\":(%d+)', more)), 'KEEPTTL') \
    redis.call('INCR', KEYS[2])";

/// Where [`ADD_BREAD`] counts.
const COUNTER: &str = "breads-of-other-requests";

/// A customer with bread in the basket, and other requests that add bread.
pub(super) struct Rivals<'a> {
    site: &'a Site<'a>,
    alice: Customer<'a>,
}

impl<'a> Rivals<'a> {
    /// Logs a customer in, who clicks on bread once.
    pub(super) async fn new(site: &'a Site<'a>) -> Result<Self> {
        let mut alice = Customer::log_in(site.checker, "alice", &site.there).await?;
        alice.visitor.post("/add/bread", "").await?;
        Ok(Self { site, alice })
    }

    /// Adds bread just before each of the next `times` commands of the first instance that contain `text`.
    fn outrun(&self, text: &str, times: usize) -> Result<()> {
        self.site.redis.cli(&["SET", COUNTER, "0"])?;
        let command = ["EVAL", ADD_BREAD, "2", &self.alice.key()?, COUNTER];
        self.site.proxy.outrun(text, &command, times);
        Ok(())
    }

    /// Clicks on bread at the first instance. `meaning` explains why there is no response in time.
    async fn click(&self, expected: &str, meaning: &str) -> Result<Response> {
        let (what, checker) = ("POST /add/bread", self.site.checker);
        let mut tab = self.alice.visitor.client.clone();
        let click = checker.response(what, tab.post(&self.site.here, "/add/bread", ""));
        let Ok(seen) = timeout(GIVE_UP_LIMIT, click).await else {
            let observed = format!("no response within {} s", GIVE_UP_LIMIT.as_secs());
            bail!(Finding::new(expected, observed, meaning));
        };
        checker.record(what, seen?)
    }

    /// Ends that. Returns how many breads the other requests added, and how many there are now.
    async fn end(&self) -> Result<(u64, u64)> {
        self.site.proxy.recover();
        let added = self.site.redis.cli(&["GETDEL", COUNTER])?.parse()?;
        let basket = self.alice.basket(&self.site.there).await?;
        Ok((added, basket.number_of("bread")))
    }
}

/// Lets another request add bread just before the WATCH of a click, and expects that it is counted.
pub(super) async fn expect_watch_first(site: &Site<'_>) -> Result<()> {
    let mut rivals = Rivals::new(site).await?;
    let step = "another request adds bread just before the next WATCH";
    site.checker.log(step);
    // The pool sends UNWATCH.
    rivals.outrun("\nWATCH", 1)?;
    rivals
        .alice
        .visitor
        .at(&site.here)
        .post("/add/plum", "")
        .await?;
    let (added, breads) = rivals.end().await?;
    if breads == 1 + added {
        return Ok(());
    }
    let meaning = "the bread came between GET and WATCH, so EXEC didn't notice it. Only what is read after WATCH is safe";
    let observed = format!("{breads} bread");
    bail!(Finding::new(
        format!("{} bread", 1 + added),
        observed,
        meaning
    ))
}

/// Expects that a click is repeated until it succeeds.
pub(super) async fn expect_repeated(site: &Site<'_>) -> Result<()> {
    let rivals = Rivals::new(site).await?;
    site.checker.log(&format!(
        "others add bread just before each of the next {CONFLICTS} writes"
    ));
    rivals.outrun("bread", CONFLICTS)?;
    let expected = format!("status 200: the session changed {CONFLICTS} times, then no more");
    let meaning = "the customer waited, while change met a few changes of other requests. Does it pause for too long after each?";
    let seen = rivals.click(&expected, meaning).await?;
    let (added, breads) = rivals.end().await?;
    if seen.status != 200 {
        let meaning = "change gave up too early. The task names the number of attempts";
        bail!(Finding::about(&seen, expected, meaning));
    }
    if breads == added + 2 {
        return Ok(());
    }
    let expected = format!("{} bread: 2 from Alice, {added} from others", added + 2);
    let meaning = if breads == added + 1 {
        "two clicks on the same item, and one of them is lost. The write went through although the session had changed since change had read it"
    } else {
        "after several conflicts, not all clicks were counted once each"
    };
    bail!(Finding::new(expected, format!("{breads} bread"), meaning))
}

/// Expects that a click which is outrun each time gives up, and that the customer sees an error.
pub(super) async fn expect_end(site: &Site<'_>) -> Result<()> {
    let rivals = Rivals::new(site).await?;
    site.checker
        .log("from now on others add bread before every write");
    rivals.outrun("bread", usize::MAX)?;
    let expected = "an error (503) after 64 attempts";
    let meaning = "the customer waits and waits. Is there a limit of 64 attempts, and are the pauses between them short?";
    let seen = rivals.click(expected, meaning).await?;
    let (added, breads) = rivals.end().await?;
    if breads != added + 1 {
        let expected = format!("{} bread, and none from the click that failed", added + 1);
        let meaning = "the session changed before every write, so no write was allowed. But this click was written";
        bail!(Finding::new(expected, format!("{breads} bread"), meaning));
    }
    if seen.status != 503 {
        let meaning = "the click was not written, so the customer must not believe that it was, nor that they are logged out. change must return an error";
        bail!(Finding::about(&seen, expected, meaning));
    }
    Ok(())
}
