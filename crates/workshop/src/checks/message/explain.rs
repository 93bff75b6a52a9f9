//! Explains what the listeners heard.

use super::texts::{BURST, ELSEWHERE, REFUSED, SHORT, burst, posted};
use crate::checker::Finding;

/// The longest part of a text that is shown.
const SHOWN: usize = 12;

/// The observations of the check.
pub(super) struct Observed<'a> {
    /// The commands that brought messages to Redis, or `none`.
    pub(super) commands: String,
    /// The channel that instances have subscribed to.
    pub(super) channel: Option<String>,
    /// The name of each instance, and the texts that its listener heard.
    pub(super) heard: Vec<(&'a str, Vec<String>)>,
    /// The status of the response while Redis refused the message.
    pub(super) refused: u16,
}

impl Observed<'_> {
    /// Returns what is wrong with these observations, if anything is.
    pub(super) fn explain(&self) -> Option<Finding> {
        let Some(channel) = &self.channel else {
            let expected = "two instances that have subscribed to a channel";
            let observed = format!(
                "channels in Redis: none; commands with a message: {}",
                self.commands
            );
            return Some(Finding::new(expected, observed, self.why_not_subscribed()));
        };
        self.wrong_messages(channel)
            .or_else(|| self.wrong_burst(channel))
            .or_else(|| self.wrong_refusal())
    }

    /// Explains why no instance has subscribed to a channel.
    fn why_not_subscribed(&self) -> &'static str {
        let listeners = self.heard.len();
        let total = |text: &str| -> usize { self.times(text).iter().sum() };
        if self.heard.iter().all(|(_, texts)| *texts == posted()) {
            "the listeners heard every message, but no instance has subscribed to a channel in the Redis of REDIS_URL. The task is to send the messages through it, with publish and subscribe"
        } else if self.commands.contains("PUBLISH") {
            "the messages are published, but no instance has subscribed to the channel, so Redis delivers them to no listener"
        } else if self.commands == "none" && self.only_where_posted() {
            "only listeners at the same instance get the message. Nothing was published to Redis, and no instance has subscribed there"
        } else if self.commands.contains("PUSH") && total(SHORT[0]) == 1 && listeners > 1 {
            "a list is a queue: one instance takes each message, and the others never see it. A channel delivers to all subscribers"
        } else {
            "Redis delivers a message to the instances that have subscribed to its channel. No instance has subscribed to one"
        }
    }

    /// Explains why the posted messages have not arrived once at each listener.
    fn wrong_messages(&self, channel: &str) -> Option<Finding> {
        let all = posted();
        let is_burst = |text: &String| burst().any(|it| it == **text);
        let heard = self.heard.iter().map(|(name, texts)| {
            let own = texts
                .iter()
                .filter(|text| !is_burst(text) && *text != REFUSED);
            (*name, own.cloned().collect::<Vec<_>>())
        });
        let (name, texts) = heard.into_iter().find(|(_, texts)| *texts != all)?;
        let times = self.times(SHORT[0]);
        let (none, doubled) = (times.iter().all(|n| *n == 0), times.iter().all(|n| *n == 2));
        let unknown = texts.iter().find(|text| !all.contains(text));
        let burst_heard = self
            .heard
            .iter()
            .any(|(_, texts)| texts.iter().any(is_burst));
        let commands = &self.commands;
        let meaning = if commands == "none" && self.only_where_posted() {
            "each message was handed out where it was posted, but nothing was published. So the other instance doesn't get it".to_owned()
        } else if !commands.contains("PUBLISH") {
            format!(
                "the instances wait for published messages, but the messages went into Redis by {commands}, which delivers nothing to subscribers"
            )
        } else if unknown.is_some_and(|text| text == ELSEWHERE) {
            "this listener heard a message of another program, which has a channel of its own in the same Redis. Subscribe to one channel only".to_owned()
        } else if unknown.is_some() {
            "this listener heard a text that no visitor has posted. Does each message arrive unchanged?".to_owned()
        } else if times == [2, 1] {
            "the message \"one\" was posted at app-1, whose listener heard it twice: it is handed out at once and again when it arrives from Redis. An instance that publishes on a channel also receives its own messages".to_owned()
        } else if doubled && self.times("1").contains(&2) {
            "each instance hands out each published message twice. Has it subscribed twice, or to a channel and to a pattern?".to_owned()
        } else if doubled {
            "each posted message arrived twice at both instances. Is it published twice?".to_owned()
        } else if none && burst_heard {
            format!(
                "the instances have subscribed to the channel {channel:?}, but no posted message arrived there. Is it published there, and unchanged?"
            )
        } else if self.lost_repetition() {
            format!(
                "the text {:?} was posted twice, and a listener heard it once. Two visitors may write the same",
                SHORT[1]
            )
        } else {
            "some listeners missed a message, or got it in another order. How does a message get from publish to the listeners at the other instance?".to_owned()
        };
        let expected = format!("heard at both, once each: {}", list(&all));
        Some(Finding::new(expected, list(&texts), meaning).at(Some(name)))
    }

    /// Explains why the messages that the check published at once have not all arrived.
    fn wrong_burst(&self, channel: &str) -> Option<Finding> {
        let count = |texts: &[String]| burst().filter(|text| texts.contains(text)).count();
        let is_wrong = |(_, texts): &&(&str, Vec<String>)| count(texts) != BURST;
        let (name, texts) = self.heard.iter().find(is_wrong)?;
        let meaning = if count(texts) == 0 {
            "posted messages arrive, but not those that another program published on the same channel. The payload has to be the message, unchanged and without additions"
        } else {
            "of the messages that were published at once, only some arrived. One subscription has to stay open for all messages"
        };
        let expected = format!("{BURST} of {BURST} messages on the channel {channel:?}");
        let observed = format!("{} of {BURST}", count(texts));
        Some(Finding::new(expected, observed, meaning).at(Some(name)))
    }

    /// Explains what happened to the message that Redis refused.
    fn wrong_refusal(&self) -> Option<Finding> {
        let times = self.times(REFUSED);
        let heard = times.iter().filter(|times| **times > 0).count();
        let meaning = match (self.refused < 400, heard) {
            (false, 0) => return None,
            (false, _) => {
                "Redis refused the message and the visitor saw an error, but a listener got the message. If the visitor tries again, it arrives twice there"
            }
            (true, heard) if (1..times.len()).contains(&heard) => {
                "Redis refused the message, the visitor saw no error, and not all listeners got it. Without Redis a message can't reach everyone, so publish must return the error"
            }
            (true, _) => {
                "Redis refused the message when it was posted, but the visitor saw no error. publish must wait for Redis's reply and return its error"
            }
        };
        let expected = "an error for the visitor whose message Redis refused";
        let observed = format!("status {}; heard by {heard} of 2 listeners", self.refused);
        Some(Finding::new(expected, observed, meaning))
    }

    /// Returns how often each listener heard `text`.
    fn times(&self, text: &str) -> Vec<usize> {
        let times = |texts: &[String]| texts.iter().filter(|heard| *heard == text).count();
        self.heard.iter().map(|(_, texts)| times(texts)).collect()
    }

    /// Returns whether each listener heard at least the first message of its own instance, and not that of the other.
    fn only_where_posted(&self) -> bool {
        self.times(SHORT[0]) == [1, 0] && self.heard.iter().all(|(_, texts)| !texts.is_empty())
    }

    /// Returns whether a listener heard a text only once that was posted twice, and every other text.
    fn lost_repetition(&self) -> bool {
        self.heard.iter().any(|(_, texts)| {
            let all = posted().iter().all(|text| texts.contains(text));
            all && texts.iter().filter(|text| *text == SHORT[1]).count() == 1
        })
    }
}

/// Lists what a listener heard in one line, as in `one, two, 20 of 20 at once`.
pub(super) fn list(texts: &[String]) -> String {
    let is_burst = |text: &String| burst().any(|it| it == *text);
    let shown = texts.iter().filter(|text| !is_burst(text)).map(|text| {
        let line: String = text
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(SHOWN)
            .collect();
        if line == *text {
            line
        } else {
            format!("{line} …")
        }
    });
    let mut shown: Vec<_> = shown.collect();
    let at_once = texts.iter().filter(|text| is_burst(text)).count();
    if at_once > 0 {
        shown.push(format!("{at_once} of {BURST} at once"));
    }
    if shown.is_empty() {
        return "nothing".to_owned();
    }
    shown.join(", ")
}
