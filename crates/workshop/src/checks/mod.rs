//! The checks of all exercises, one file each.

mod balancer;
mod containers;
mod count;
mod file_store;
mod idle;
mod logout;
mod memory_store;
mod message;
mod one_line;
mod redis_data;
mod redis_restart;
mod redis_store;
mod renew;
mod restart;
mod secret;
mod sticky;
mod two_terminals;

use std::time::Duration;

use anyhow::Result;
use futures_util::future::LocalBoxFuture;

use crate::checker::Checker;

/// The time limit of a check, unless it sets its own. With it, every mistake gets its message
/// within 20 s.
const LIMIT: Duration = Duration::from_secs(15);

/// Checks the work on an exercise.
///
/// Fails with a [`Finding`](crate::finding::Finding) if the work isn't right, and with
/// [`Skipped`](crate::finding::Skipped) if this machine cannot check it. Any other error is a fault
/// of the installation.
type Run = for<'a> fn(&'a Checker) -> LocalBoxFuture<'a, Result<()>>;

/// Knows how to check one exercise.
pub(crate) struct Check {
    /// The longest time that the check may take.
    pub(crate) limit: Duration,
    pub(crate) run: Run,
}

/// Returns the check of the exercise called `name`.
pub(crate) fn of(name: &str) -> Option<Check> {
    let run: Run = match name {
        "count" => |checker| Box::pin(count::check(checker)),
        "memory-store" => |checker| Box::pin(memory_store::check(checker)),
        "restart" => |checker| Box::pin(restart::check(checker)),
        "file-store" => |checker| Box::pin(file_store::check(checker)),
        "two-terminals" => |checker| Box::pin(two_terminals::check(checker)),
        "balancer" => |checker| Box::pin(balancer::check(checker)),
        "one-line" => |checker| Box::pin(one_line::check(checker)),
        "redis-store" => |checker| Box::pin(redis_store::check(checker)),
        "secret" => |checker| Box::pin(secret::check(checker)),
        "sticky" => |checker| Box::pin(sticky::check(checker)),
        "redis-restart" => |checker| Box::pin(redis_restart::check(checker)),
        "containers" => |checker| Box::pin(containers::check(checker)),
        "renew" => |checker| Box::pin(renew::check(checker)),
        "logout" => |checker| Box::pin(logout::check(checker)),
        "idle" => |checker| Box::pin(idle::check(checker)),
        "message" => |checker| Box::pin(message::check(checker)),
        _ => return None,
    };
    let limit = match name {
        "containers" => containers::LIMIT,
        _ => LIMIT,
    };
    Some(Check { limit, run })
}
