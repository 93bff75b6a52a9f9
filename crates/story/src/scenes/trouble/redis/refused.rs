//! Redis is up and refuses the instances.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use anyhow::{Result, ensure};
use testkit::{Persistence, Redis, wait_until};

use super::PATIENCE;
use crate::{expect::Expect, narrator::Narrator};

impl Narrator<'_> {
    /// Runs `command` in `redis`.
    async fn redis_cli(&mut self, redis: &Redis, command: &str) -> Result<()> {
        let words: Vec<_> = command.split(' ').collect();
        let run = async { redis.cli(&words).map(drop) };
        self.incident(&format!("redis-cli {command}"), run).await
    }
}

pub(crate) async fn read_only(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "A failover makes another Redis the primary, and the old one a replica. A replica \
         refuses writes. Even a page that only reads is refused, because each request \
         renews the idle timeout.",
    )?;
    let redis = Redis::start(&narrator.env, Persistence::None).await?;
    let (deployment, mut visitor) = narrator.on_redis(&redis.url(), &[]).await?;
    narrator.visits(&mut visitor, 0..=1).await?;
    // The primary does not exist, so the replica keeps its data.
    let demote = "REPLICAOF 127.0.0.1 1";
    narrator.redis_cli(&redis, demote).await?;
    narrator
        .refused(&mut visitor, &deployment, "read only replica")
        .await?;
    let refused = Expect::unavailable();
    narrator.get(&mut visitor, "/session/", refused).await?;
    narrator.redis_cli(&redis, "REPLICAOF NO ONE").await?;
    narrator.recovery(&mut visitor).await?;
    narrator.visits(&mut visitor, 2..=3).await.map(drop)
}

pub(crate) async fn password(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("The instance logs in to Redis as the user app, with the password old.")?;
    let redis = Redis::start(&narrator.env, Persistence::None).await?;
    let create = "ACL SETUSER app on >old ~* &* +@all";
    narrator.redis_cli(&redis, create).await?;
    let url = format!("redis://app:old@{}", redis.address());
    let (deployment, mut visitor) = narrator.on_redis(&url, &[]).await?;
    narrator.visits(&mut visitor, 0..=1).await?;
    narrator.say("An administrator replaces the password. Open connections notice nothing:")?;
    let replace = "ACL SETUSER app >new <old";
    narrator.redis_cli(&redis, replace).await?;
    narrator.visits(&mut visitor, 2..=3).await?;
    narrator.say("The trouble comes with the next new connection, perhaps at night:")?;
    narrator.redis_cli(&redis, "CLIENT KILL USER app").await?;
    narrator
        .refused(&mut visitor, &deployment, "refused the password")
        .await?;
    narrator.say("A user of Redis can have two passwords. So accept the old one, too:")?;
    narrator.redis_cli(&redis, "ACL SETUSER app >old").await?;
    narrator.recovery(&mut visitor).await?;
    narrator.visits(&mut visitor, 4..=5).await.map(drop)
}

pub(crate) async fn connections(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Redis accepts 20 connections. Another application opens more and more of them. \
         Each worker of the instance has its connection already, and notices nothing:",
    )?;
    let limit = ["--maxclients", "20"];
    let redis = Redis::start_with(&narrator.env, Persistence::None, None, &limit).await?;
    redis.cli(&["ACL", "SETUSER", "app", "on", "nopass", "~*", "&*", "+@all"])?;
    let url = format!("redis://app:any@{}", redis.address());
    let (_server, mut visitor) = narrator.on_redis(&url, &[]).await?;
    narrator.visits(&mut visitor, 0..=3).await?;
    let take = async { take_all_connections(&redis) };
    let mut taken = narrator
        .incident("take all other connections", take)
        .await?;
    narrator.visits(&mut visitor, 4..=5).await?;
    narrator.say("The instance loses its connections, and the other application takes them:")?;
    // redis-cli needs a connection, too.
    taken.pop();
    let kill = wait_until("redis-cli to get through", PATIENCE, async || {
        let killed = redis.cli(&["CLIENT", "KILL", "USER", "app"])?;
        Ok(killed.parse::<u32>().ok())
    });
    narrator
        .incident("redis-cli CLIENT KILL USER app", kill)
        .await?;
    let take = async { take_all_connections(&redis) };
    taken.extend(narrator.incident("take all connections", take).await?);
    let refused = Expect::unavailable();
    narrator.get(&mut visitor, "/", refused).await?;
    drop(taken);
    narrator.say("The other application ends.")?;
    narrator.recovery(&mut visitor).await?;
    narrator.visits(&mut visitor, 6..=7).await?;
    let rejected = redis.info("rejected_connections")?.unwrap_or_default();
    // Redis has refused the other application twice: each time when it had taken all connections.
    let instance_too = async {
        ensure!(rejected.parse::<u32>()? > 2, "the instance was not refused");
        Ok(())
    };
    let what = format!("redis-cli INFO stats: rejected_connections:{rejected}");
    narrator.act(&what, instance_too).await
}

/// Opens connections to `redis` until it refuses one.
fn take_all_connections(redis: &Redis) -> Result<Vec<TcpStream>> {
    let mut taken = Vec::new();
    loop {
        let mut stream = TcpStream::connect(redis.address())?;
        let mut reply = [0];
        // Redis answers a refused connection with an error, or closes it before the command arrives.
        let answers = stream
            .write_all(b"PING\r\n")
            .and_then(|()| stream.read_exact(&mut reply));
        if answers.is_err() || reply != *b"+" {
            return Ok(taken);
        }
        taken.push(stream);
    }
}
