//! What each exercise is checked for, a file each.

mod balancer;
mod containers;
mod count;
mod file_store;
mod idle;
mod in_redis;
mod logout;
mod memory_store;
mod message;
mod one_line;
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

use crate::bench::Bench;

/// Longest that a check may take that says nothing else, so that every mistake gets its message within 20 s.
const LIMIT: Duration = Duration::from_secs(15);

/// How the work on an exercise is checked.
pub(crate) struct Check {
    /// Longest that it may take.
    pub(crate) limit: Duration,
    /// Does it. The work isn't right: [`Finding`](crate::finding::Finding). It can't be checked here:
    /// [`Skipped`](crate::finding::Skipped). Any other error: the installation isn't right.
    pub(crate) run: for<'a> fn(&'a Bench) -> LocalBoxFuture<'a, Result<()>>,
}

/// The check of the exercise called `name`.
pub(crate) fn of(name: &str) -> Option<Check> {
    let run: for<'a> fn(&'a Bench) -> LocalBoxFuture<'a, Result<()>> = match name {
        "count" => |bench| Box::pin(count::check(bench)),
        "memory-store" => |bench| Box::pin(memory_store::check(bench)),
        "restart" => |bench| Box::pin(restart::check(bench)),
        "file-store" => |bench| Box::pin(file_store::check(bench)),
        "two-terminals" => |bench| Box::pin(two_terminals::check(bench)),
        "balancer" => |bench| Box::pin(balancer::check(bench)),
        "one-line" => |bench| Box::pin(one_line::check(bench)),
        "redis-store" => |bench| Box::pin(redis_store::check(bench)),
        "secret" => |bench| Box::pin(secret::check(bench)),
        "sticky" => |bench| Box::pin(sticky::check(bench)),
        "redis-restart" => |bench| Box::pin(redis_restart::check(bench)),
        "containers" => {
            return Some(Check {
                limit: containers::LIMIT,
                run: |bench| Box::pin(containers::check(bench)),
            });
        }
        "renew" => |bench| Box::pin(renew::check(bench)),
        "logout" => |bench| Box::pin(logout::check(bench)),
        "idle" => |bench| Box::pin(idle::check(bench)),
        "message" => |bench| Box::pin(message::check(bench)),
        _ => return None,
    };
    Some(Check { limit: LIMIT, run })
}
