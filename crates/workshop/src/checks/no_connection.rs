//! Takes Redis away at the end of a check, so that the attendee's program gets no connection to it.

use anyhow::{Result, bail};
use testkit::{Redis, Response};

use crate::checker::{Checker, Finding};

/// Shuts Redis down for good.
pub(super) fn shut_down(checker: &Checker, redis: &Redis) -> Result<()> {
    redis.cli(&["SHUTDOWN", "NOSAVE"])?;
    checker.log("Redis shuts down");
    Ok(())
}

/// Expects that `seen`, the response to a request after the shutdown, is an error. `function` is the attendee's.
pub(super) fn expect_error(seen: &Response, function: &str) -> Result<()> {
    if seen.status >= 500 {
        return Ok(());
    }
    let expected = "an error for the visitor, because Redis is down";
    let meaning = format!(
        "{function} got no connection to Redis, but the visitor saw no error. {function} must return that error too"
    );
    bail!(Finding::about(seen, expected, &meaning))
}
