//! Explains why Redis lost something or refused the servers.

use std::fs;

use anyhow::Result;
use testkit::Redis;

/// Explains why a Redis that runs is of no use to the servers, if it says so itself.
pub(super) fn refusal(redis: &Redis) -> Result<Option<&'static str>> {
    let is_replica = redis.info("role")?.as_deref() == Some("slave");
    Ok(if redis.cli(&["PING"])?.starts_with("NOAUTH") {
        Some(
            "Redis asks for a password, and the servers have none in their REDIS_URL. So no visitor has a session",
        )
    } else if is_replica {
        Some(
            "this Redis is a replica: it refuses writes, and the data of another server would replace its own. A restart needs no second server",
        )
    } else {
        None
    })
}

/// Explains why the servers get errors from a Redis that runs.
pub(super) fn why_refused(redis: &Redis) -> Result<&'static str> {
    let other = "Redis runs, but the servers got an error from it. If they logged a reason, you see it above. Which line limits what they may do?";
    Ok(refusal(redis)?.unwrap_or(other))
}

/// Explains why Redis came back empty after an orderly shutdown.
pub(super) fn why_empty(redis: &Redis) -> Result<&'static str> {
    let append_only = setting(redis, "appendonly")? != "no";
    let default_sync = setting(redis, "appendfsync")? == "everysec";
    let snapshots = !setting(redis, "save")?.is_empty();
    let has_files = fs::read_dir(redis.folder())?.next().is_some();
    Ok(if !append_only && !default_sync {
        "Redis came back empty. appendfsync sets when the append-only file reaches the disk, but there is no such file: appendonly is off"
    } else if !append_only && !snapshots {
        "Redis came back empty. It had neither snapshots nor a file of changes, so everything was in its memory. If your file switches one of them on, a later line switches it off again"
    } else if !has_files {
        "Redis came back empty. It may write snapshots, but at the shutdown it wrote none: there is no file in its folder"
    } else {
        "Redis came back empty, although there are files in its folder. Which line keeps it from reading them at its start?"
    })
}

/// Explains why a visit before a kill is lost. `appends` is whether Redis had an append-only file.
pub(super) fn why_lost(appends: bool, has_snapshot: bool) -> &'static str {
    match (appends, has_snapshot) {
        (true, _) => {
            "a visit before the kill is lost, although the append-only file was on. Which line keeps Redis from writing or reading it?"
        }
        (false, true) => {
            "Redis came back with its last snapshot, from a moment before the kill. Each visit since then is lost, however often Redis writes snapshots"
        }
        (false, false) => {
            "Redis came back without the last visits. There was no new snapshot before the kill, and a kill leaves no time for one. So only an older snapshot, if any, was left"
        }
    }
}

/// Returns the value of the setting `name` in the running Redis.
fn setting(redis: &Redis, name: &str) -> Result<String> {
    let reply = redis.cli(&["CONFIG", "GET", name])?;
    Ok(reply.lines().nth(1).unwrap_or_default().to_owned())
}
