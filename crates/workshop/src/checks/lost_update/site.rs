//! The servers that the check starts.

use testkit::{Endpoint, FaultProxy, Redis};

use crate::checker::Checker;

/// Two instances with one Redis. The proxy is between the first instance and Redis.
pub(super) struct Site<'a> {
    pub(super) checker: &'a Checker,
    pub(super) redis: &'a Redis,
    pub(super) proxy: &'a FaultProxy,
    pub(super) here: Endpoint,
    pub(super) there: Endpoint,
}
