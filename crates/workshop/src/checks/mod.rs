//! The checks of all exercises, one file each.

mod balancer;
mod containers;
mod copied_cookie;
mod count;
mod file_store;
mod idle;
mod late_write;
mod logout;
mod lost_update;
mod memory_store;
mod message;
mod new_secret;
mod no_connection;
mod one_line;
mod redis_commands;
mod redis_data;
mod redis_restart;
mod redis_store;
mod renew;
mod restart;
mod rolling_deploy;
mod secret;
mod session_file;
mod shared_folder;
mod shop;
mod sticky;
mod two_terminals;

use std::time::Duration;

use anyhow::{Result, bail};

use crate::checker::Checker;

/// The time limit of a check, unless it sets its own. With it, every mistake gets its message within 20 s.
const LIMIT: Duration = Duration::from_secs(15);

/// Checks the work on the exercise called `name`.
///
/// Fails with a [`Finding`](crate::finding::Finding) if the work isn't right, and with
/// [`Skipped`](crate::finding::Skipped) if this machine cannot check it. Any other error is a fault of the
/// installation.
pub(crate) async fn run(name: &str, checker: &Checker) -> Result<()> {
    match name {
        "count" => count::check(checker).await,
        "memory-store" => memory_store::check(checker).await,
        "restart" => restart::check(checker).await,
        "file-store" => file_store::check(checker).await,
        "two-terminals" => two_terminals::check(checker).await,
        "balancer" => balancer::check(checker).await,
        "one-line" => one_line::check(checker).await,
        "redis-store" => redis_store::check(checker).await,
        "secret" => secret::check(checker).await,
        "sticky" => sticky::check(checker).await,
        "redis-restart" => redis_restart::check(checker).await,
        "containers" => containers::check(checker).await,
        "shared-folder" => shared_folder::check(checker).await,
        "copied-cookie" => copied_cookie::check(checker).await,
        "new-secret" => new_secret::check(checker).await,
        "renew" => renew::check(checker).await,
        "logout" => logout::check(checker).await,
        "idle" => idle::check(checker).await,
        "message" => message::check(checker).await,
        "rolling-deploy" => rolling_deploy::check(checker).await,
        "lost-update" => lost_update::check(checker).await,
        "late-write" => late_write::check(checker).await,
        _ => bail!("exercise {name} has no check"),
    }
}

/// Returns the longest time that the check of the exercise called `name` may take.
pub(crate) fn limit(name: &str) -> Duration {
    match name {
        "containers" => containers::LIMIT,
        "rolling-deploy" => rolling_deploy::LIMIT,
        _ => LIMIT,
    }
}
