//! The memory that a session takes while no request uses it.

use std::{os::unix::fs::MetadataExt, path::Path, time::Duration};

use anyhow::Result;
use testkit::{Redis, TestEnv};

use crate::{
    load::{Kind, Load, Sample, redis_info},
    server::Running,
};

/// Bytes for each session, of which most stores need only one kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Idle {
    /// More resident memory of the server.
    pub(crate) server: f64,
    /// More memory of Redis, with its own tables.
    pub(crate) redis: f64,
    /// Blocks of session files.
    pub(crate) disk: f64,
    /// The length of the cookie.
    pub(crate) cookie: f64,
}

/// Restarts `server`, lets visitors begin many sessions for `time`, and returns what each of them takes.
pub(crate) async fn measure(
    env: &TestEnv,
    redis: &Redis,
    server: &mut Running,
    time: Duration,
) -> Result<Idle> {
    let files = env.path().join("sessions").join(server.instance.name());
    server.instance.restart().await?;
    // Buffers for requests are no part of a session.
    let warm_up = Load::new(Kind::Change, Duration::from_secs(1));
    warm_up.run(env, redis, server).await?;
    let before = taken(redis, server, &files)?;
    let load = Load::new(Kind::New, time);
    let Sample {
        requests,
        cookie_bytes,
        ..
    } = load.run(env, redis, server).await?;
    let after = taken(redis, server, &files)?;
    let [server, redis, disk] = std::array::from_fn(|i| (after[i] - before[i]) / requests);
    Ok(Idle {
        server,
        redis,
        disk,
        cookie: cookie_bytes,
    })
}

/// Returns the bytes in the server, in Redis, and on the disk.
fn taken(redis: &Redis, server: &Running, files: &Path) -> Result<[f64; 3]> {
    let mut blocks = 0;
    if let Ok(files) = files.read_dir() {
        for file in files {
            // A file that is just being written has a temporary name.
            blocks += file?.metadata().map_or(0, |it| it.blocks());
        }
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "fewer bytes than a double can count"
    )]
    let disk = blocks as f64 * 512.0;
    Ok([
        server.usage()?.memory,
        redis_info(redis, "memory", "used_memory")?,
        disk,
    ])
}
