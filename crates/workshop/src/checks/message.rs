//! Exercise 19: a message reaches each listener once, at both instances.

use anyhow::{Result, bail};
use testkit::{Events, Redis};

use crate::checker::{Checker, Finding};

/// The messages in the order in which they are posted: the first to the first instance, the second to the second.
const POSTED: [&str; 2] = ["one", "two"];

/// The message that the check itself publishes at the end. A listener who gets it has got everything before it.
const END: &str = "the end";

const CHANNEL: &str = "messages";

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let (redis, apps) = checker.redis_and_two_apps(&[]).await?;
    let mut listeners = Vec::new();
    for app in &apps {
        checker.log(&format!("a visitor listens at {}", app.name()));
        let visitor = checker.visitor(&app.endpoint());
        listeners.push(visitor.listen("/messages").await?);
    }
    for (app, text) in apps.iter().zip(POSTED) {
        let mut visitor = checker.visitor(&app.endpoint());
        let seen = visitor.post_json("/message", &json(text)).await?;
        if seen.status >= 400 {
            let meaning =
                "the instance doesn't accept the message. If it logged a reason, you see it above";
            bail!(Finding::about(&seen, "202 for a message", meaning).at(Some(app.name())));
        }
    }

    let commands = writes(&redis)?;
    let Some(channel) = subscribed_channel(&redis)? else {
        bail!(not_subscribed(&commands))
    };
    redis.cli(&["PUBLISH", &channel, &json(END)])?;
    let mut heard = Vec::new();
    for (app, events) in apps.iter().zip(&mut listeners) {
        let texts = until_the_end(checker, events).await?;
        checker.log(&format!(
            "heard at {}: {}",
            app.name(),
            list(&texts, "nothing")
        ));
        heard.push(texts);
    }
    let Some(place) = heard.iter().position(|texts| *texts != POSTED) else {
        return Ok(());
    };
    let expected = format!("heard at both, once each: {}", POSTED.join(", "));
    let meaning = explain(&commands, &channel, &heard);
    bail!(
        Finding::new(expected, list(&heard[place], "nothing"), meaning)
            .at(Some(apps[place].name()))
    )
}

/// Returns the messages that a listener gets before the end.
async fn until_the_end(checker: &Checker, events: &mut Events) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    loop {
        let data = checker.next_event(events).await?;
        let message: serde_json::Value = serde_json::from_str(&data).unwrap_or_default();
        let text = message["message"].as_str().map_or(data, str::to_owned);
        if text == END {
            return Ok(texts);
        }
        texts.push(text);
    }
}

/// Returns the channel to which instances have subscribed. If there are several, prefers the one that the exercise
/// names.
fn subscribed_channel(redis: &Redis) -> Result<Option<String>> {
    let channels = redis.cli(&["PUBSUB", "CHANNELS"])?;
    let channels: Vec<_> = channels
        .lines()
        .filter(|channel| !channel.is_empty())
        .collect();
    let by_pattern = channels.is_empty() && redis.cli(&["PUBSUB", "NUMPAT"])? != "0";
    if by_pattern || channels.contains(&CHANNEL) {
        return Ok(Some(CHANNEL.to_owned()));
    }
    Ok(channels.first().map(|channel| (*channel).to_owned()))
}

/// Explains why no instance has subscribed to a channel, from the `commands` that brought messages to Redis.
fn not_subscribed(commands: &str) -> Finding {
    let meaning = if commands.contains("PUBLISH") {
        "the messages are published, but no instance has subscribed to the channel, so Redis delivers them to nobody"
    } else if commands.contains("PUSH") {
        "a list is a queue: one instance takes each message, and the others never see it. A channel delivers to all subscribers"
    } else if commands == "none" {
        "only listeners at the same instance get the message. Nothing was published to Redis, and no instance has subscribed there"
    } else {
        "an instance would have to look for the messages in Redis. No instance has subscribed to a channel, so none is notified"
    };
    let expected = "two instances that have subscribed to a channel";
    let observed = format!("channels in Redis: none; commands with a message: {commands}");
    Finding::new(expected, observed, meaning)
}

/// Explains why the instances, which have subscribed to `channel`, have not `heard` each message exactly once.
/// `commands` brought the messages to Redis.
fn explain(commands: &str, channel: &str, heard: &[Vec<String>]) -> String {
    let times =
        |texts: &[String], posted: &str| texts.iter().filter(|text| *text == posted).count();
    let heard_times = |posted: &'static str| heard.iter().map(move |texts| times(texts, posted));
    let times: Vec<_> = POSTED.into_iter().flat_map(heard_times).collect();
    if commands == "none" {
        "each message was handed out where it was posted, but nothing was published. So the other instance doesn't get it".to_owned()
    } else if !commands.contains("PUBLISH") {
        format!(
            "the instances wait for published messages, but the messages went into Redis by {commands}: a key stores the message but notifies no instance"
        )
    } else if times.iter().any(|times| *times > 1) {
        "a message is handed out at once and again when it arrives from Redis. An instance that publishes on a channel also receives its own messages"
            .to_owned()
    } else if times.iter().all(|times| *times == 0) {
        format!(
            "the instances have subscribed to the channel {channel:?}, but no posted message arrived there. Is it published there, and unchanged?"
        )
    } else {
        "some listeners missed a message. How does a message get from publish to the listeners at the other instance?".to_owned()
    }
}

/// Returns the names of the commands that wrote something to Redis.
fn writes(redis: &Redis) -> Result<String> {
    const WRITES: [&str; 9] = [
        "append", "hset", "lpush", "publish", "rpush", "sadd", "set", "xadd", "zadd",
    ];
    let stats = redis.command_stats()?;
    let used = WRITES
        .into_iter()
        .filter(|command| stats.contains_key(*command));
    let used: Vec<_> = used.map(str::to_uppercase).collect();
    Ok(list(&used, "none"))
}

fn json(text: &str) -> String {
    serde_json::json!({ "message": text }).to_string()
}

/// Joins `texts` into one line, which is `none` if there are none.
fn list(texts: &[String], none: &str) -> String {
    if texts.is_empty() {
        none.to_owned()
    } else {
        texts.join(", ")
    }
}
