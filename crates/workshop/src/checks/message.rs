//! Exercise 19: each message reaches every listener once, whichever instance it was posted to.
//!
//! A right solution keeps these rules:
//! - listeners at both instances get each posted message once, unchanged, and in the order in which they were posted
//! - two messages may have the same text
//! - the payload on the channel is the message, so messages of other programs arrive too, even many at once
//! - while Redis refuses a message, its visitor gets an error, and no listener gets the message

mod explain;
mod texts;

use std::time::Duration;

use anyhow::{Result, bail};
use testkit::{Events, Instance, Redis, wait_until};

use self::{
    explain::Observed,
    texts::{BURST, ELSEWHERE, LONG, REFUSED, posted},
};
use super::{no_connection, redis_commands::refused};
use crate::checker::{Checker, Finding};

/// The channel that the exercise names.
const CHANNEL: &str = "messages";

/// The longest time that an instance may take to subscribe after its start.
const SUBSCRIBE_LIMIT: Duration = Duration::from_secs(1);

/// The message that the check itself publishes at the end. A listener who gets it has got everything before it.
const END: &str = "end";

/// Publishes all messages before any subscriber can react to the first.
const PUBLISH_BURST: &str = "for n = 1, ARGV[1] do \
    redis.call('PUBLISH', KEYS[1], '{\"message\":\"' .. math.floor(n) .. '\"}') end";

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let (redis, apps) = checker.redis_and_two_apps(&[]).await?;
    let mut listeners = Vec::new();
    for app in &apps {
        checker.log(&format!("a visitor listens at {}", app.name()));
        let visitor = checker.visitor(&app.endpoint());
        listeners.push(visitor.listen("/messages").await?);
    }
    wait_for_subscribers(&redis).await;
    for (app, text) in apps.iter().cycle().zip(posted()) {
        post(checker, app, &text).await?;
    }
    let commands = writes(&redis)?;
    let refused = post_refused(checker, &redis, &apps[0]).await?;

    let channel = subscribed_channel(&redis)?;
    if let Some(channel) = &channel {
        checker.log(&format!(
            "the check itself publishes {BURST} messages at once"
        ));
        redis.cli(&["EVAL", PUBLISH_BURST, "1", channel, &BURST.to_string()])?;
        redis.cli(&["PUBLISH", "other-program", &json(ELSEWHERE)])?;
        redis.cli(&["PUBLISH", channel, &json(END)])?;
    }
    let mut heard = Vec::new();
    for (app, events) in apps.iter().zip(&mut listeners) {
        let texts = until_the_end(checker, events).await?;
        checker.log(&format!(
            "heard at {}: {}",
            app.name(),
            explain::list(&texts)
        ));
        heard.push((app.name(), texts));
    }
    let observed = Observed {
        commands,
        channel,
        heard,
        refused,
    };
    if let Some(finding) = observed.explain() {
        bail!(finding);
    }
    no_connection::shut_down(checker, &redis)?;
    let mut visitor = checker.visitor(&apps[0].endpoint());
    let seen = visitor.post_json("/message", &json(REFUSED)).await?;
    no_connection::expect_error(&seen, "publish")
}

/// Waits until both instances have subscribed, or for a second: a program may subscribe after its start.
async fn wait_for_subscribers(redis: &Redis) {
    let subscribers = wait_until("two subscribers", SUBSCRIBE_LIMIT, async || {
        let clients = redis.cli(&["CLIENT", "LIST", "TYPE", "pubsub"])?;
        Ok((clients.lines().count() >= 2).then_some(()))
    });
    // A program that doesn't subscribe gets its own message later.
    let _ = subscribers.await;
}

/// Posts `text` at `app`, which has to accept it.
async fn post(checker: &Checker, app: &Instance, text: &str) -> Result<()> {
    let mut visitor = checker.visitor(&app.endpoint());
    let seen = visitor.post_json("/message", &json(text)).await?;
    if seen.status < 400 {
        return Ok(());
    }
    let meaning = if text.starts_with(LONG) {
        "the instance accepts short words, but not this text, which is long and contains quotes and line breaks. If it logged a reason, you see it above"
    } else {
        "the instance doesn't accept the message. If it logged a reason, you see it above"
    };
    bail!(Finding::about(&seen, "202 for a message", meaning).at(Some(app.name())))
}

/// Posts a message at `app` while Redis refuses to publish it. Returns the status.
async fn post_refused(checker: &Checker, redis: &Redis, app: &Instance) -> Result<u16> {
    checker.log("Redis refuses to publish");
    let mut visitor = checker.visitor(&app.endpoint());
    let json = json(REFUSED);
    let request = visitor.post_json("/message", &json);
    let seen = refused(redis, &["publish"], request).await?;
    checker.log("Redis accepts all commands again");
    Ok(seen.status)
}

/// Returns the texts that a listener gets until the end, or until it gets no more.
async fn until_the_end(checker: &Checker, events: &mut Events) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    while let Some(data) = checker.next_event(events).await? {
        let message: serde_json::Value = serde_json::from_str(&data).unwrap_or_default();
        let text = message["message"].as_str().map_or(data, str::to_owned);
        if text == END {
            break;
        }
        texts.push(text);
    }
    Ok(texts)
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
    Ok(if used.is_empty() {
        "none".to_owned()
    } else {
        used.join(", ")
    })
}

fn json(text: &str) -> String {
    serde_json::json!({ "message": text }).to_string()
}
