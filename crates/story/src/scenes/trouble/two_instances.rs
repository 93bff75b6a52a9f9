//! Two instances of a program, without a load balancer.

use std::process::Command;

use anyhow::Result;
use testkit::{Instance, binary};

use crate::narrator::Narrator;

/// The counter application with a store that writes `SET … XX`. It is a program of this crate.
pub(super) const LAST_WRITE_WINS: &str = "last-write-wins";

/// Starts two instances of `program`, each with its sessions in the Redis at its URL and with `settings`.
pub(super) async fn two_instances(
    narrator: &mut Narrator<'_>,
    program: &str,
    urls: [&str; 2],
    settings: &[(&str, &str)],
) -> Result<[Instance; 2]> {
    let env = narrator.env.clone();
    let start = async |number: usize| {
        let name = format!("instance-{number}");
        let url = ("REDIS_URL", urls[number - 1]);
        let settings = [&[url], settings].concat();
        let mut instance = Instance::of(&env, Command::new(binary(program)?), &name, &settings)?;
        instance.start().await?;
        anyhow::Ok(instance)
    };
    let what = format!("start {program}: two instances");
    narrator
        .act(&what, async { Ok([start(1).await?, start(2).await?]) })
        .await
}
