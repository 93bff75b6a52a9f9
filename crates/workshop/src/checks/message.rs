//! Exercise 16: a message reaches everybody who listens, at either server, once.

use anyhow::{Result, bail};
use testkit::{Events, Redis, Visitor};

use super::in_redis::calls;
use crate::{bench::Bench, finding::Finding};

/// The messages, in the order in which they are posted, each at the server of that place.
const POSTED: [&str; 2] = ["one", "two"];

/// What we publish ourselves when all are posted. Who has heard it has heard what came on the channel before.
const END: &str = "the end";

/// The channel that the exercise names.
const CHANNEL: &str = "messages";

pub(super) async fn check(bench: &Bench) -> Result<()> {
    let redis = bench.redis().await?;
    let apps = bench.two_apps(&[("REDIS_URL", &redis.url())]).await?;
    let mut listeners = Vec::new();
    for app in &apps {
        bench.did(&format!("somebody listens at {}", app.name()));
        listeners.push(
            bench
                .listen(&Visitor::new(), &app.endpoint(), "/messages")
                .await?,
        );
    }
    for (app, text) in apps.iter().zip(POSTED) {
        let seen = bench
            .post_json(
                &mut Visitor::new(),
                &app.endpoint(),
                "/message",
                &json(text),
            )
            .await?;
        if seen.status >= 400 {
            let meaning =
                "the message is not taken; the reason, if the server logged one, stands above";
            bail!(
                Finding::new("202 for a message", seen.status.to_string(), meaning)
                    .at(Some(app.name()))
            );
        }
    }

    let commands = writes(&redis)?;
    let Some(channel) = subscribed(&redis)? else {
        bail!(unsubscribed(&commands))
    };
    redis.cli(&["PUBLISH", &channel, &json(END)])?;
    let mut heard = Vec::new();
    for (app, events) in apps.iter().zip(&mut listeners) {
        let texts = until_the_end(bench, events).await?;
        bench.did(&format!("heard at {}: {}", app.name(), told(&texts)));
        heard.push(texts);
    }
    let Some(place) = heard.iter().position(|texts| *texts != POSTED) else {
        return Ok(());
    };
    let expected = format!(
        "heard at both, once each: {}",
        told(&POSTED.map(str::to_owned))
    );
    bail!(
        Finding::new(
            expected,
            told(&heard[place]),
            reason(&commands, &channel, &heard)
        )
        .at(Some(apps[place].name()))
    )
}

/// What a listener hears before the end.
async fn until_the_end(bench: &Bench, events: &mut Events) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    loop {
        let data = bench.next(events).await?;
        let message: Option<serde_json::Value> = serde_json::from_str(&data).ok();
        let text = message
            .and_then(|message| Some(message["message"].as_str()?.to_owned()))
            .unwrap_or(data);
        if text == END {
            return Ok(texts);
        }
        texts.push(text);
    }
}

/// The channel that servers listen on; of several the one that the exercise names.
fn subscribed(redis: &Redis) -> Result<Option<String>> {
    let told = redis.cli(&["PUBSUB", "CHANNELS"])?;
    let mut channels: Vec<_> = told.lines().filter(|channel| !channel.is_empty()).collect();
    channels.sort_by_key(|channel| *channel != CHANNEL);
    if channels.is_empty() && redis.cli(&["PUBSUB", "NUMPAT"])? != "0" {
        return Ok(Some(CHANNEL.to_owned()));
    }
    Ok(channels.first().map(|channel| (*channel).to_owned()))
}

/// No server listens to a channel, and these `commands` brought messages to Redis.
fn unsubscribed(commands: &str) -> Finding {
    let meaning = if commands.contains("PUBLISH") {
        "the messages are published, and no server has subscribed to the channel: Redis tells nobody"
    } else if commands.contains("PUSH") {
        "a list is a queue: each message is taken by one server, and the others never see it. A channel tells all who have subscribed"
    } else if commands == "none" {
        "only who listens at the same server is told: nothing was published to Redis, and no server has subscribed there"
    } else {
        "what lies in Redis has to be looked for: no server has subscribed to a channel, so none is told"
    };
    let observed = format!("channels in Redis: none; commands with a message: {commands}");
    Finding::new(
        "two servers that have subscribed to a channel",
        observed,
        meaning,
    )
}

/// Why the servers, which listen on `channel`, have not `heard` each message once that these `commands` brought to Redis.
fn reason(commands: &str, channel: &str, heard: &[Vec<String>]) -> String {
    let twice = |texts: &Vec<String>| {
        POSTED
            .iter()
            .any(|posted| texts.iter().filter(|text| text == posted).count() > 1)
    };
    if commands == "none" {
        "each message was handed out where it was posted, and nothing was published: the other server is not told".to_owned()
    } else if !commands.contains("PUBLISH") {
        format!(
            "the servers wait for what is published, and the messages went into Redis by {commands}: a key keeps the message, and tells nobody"
        )
    } else if heard.iter().any(twice) {
        "a message is handed out at once, and again when it comes from Redis: who publishes on a channel and listens to it is told as well"
            .to_owned()
    } else if heard
        .iter()
        .all(|texts| texts.iter().all(|text| !POSTED.contains(&text.as_str())))
    {
        format!(
            "the servers listen on the channel {channel:?}, and nothing that was posted came on it: is it published there, and as it is?"
        )
    } else {
        "not everybody was told everything: how does a message come from publish to who listens at the other server?".to_owned()
    }
}

/// The commands by which something went to Redis, by name.
fn writes(redis: &Redis) -> Result<String> {
    const WRITES: [&str; 9] = [
        "append", "hset", "lpush", "publish", "rpush", "sadd", "set", "xadd", "zadd",
    ];
    let calls = calls(redis)?;
    let names: Vec<_> = WRITES
        .into_iter()
        .filter(|command| calls.contains_key(*command))
        .map(str::to_uppercase)
        .collect();
    Ok(if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    })
}

fn json(text: &str) -> String {
    serde_json::json!({ "message": text }).to_string()
}

/// Messages, in a line.
fn told(texts: &[String]) -> String {
    if texts.is_empty() {
        "nothing".to_owned()
    } else {
        texts.join(", ")
    }
}
