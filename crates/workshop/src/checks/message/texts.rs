//! The texts of the messages.

/// The texts that are posted, at the two instances by turns.
pub(super) const SHORT: [&str; 3] = ["one", "two", "two"];

/// Begins the last text that is posted, which is long.
pub(super) const LONG: &str = "it's\n\"three\"\n";

/// The text that is posted while Redis refuses it.
pub(super) const REFUSED: &str = "refused";

/// How many messages the check publishes at once. Their texts are numbers.
pub(super) const BURST: usize = 20;

/// Returns the texts that are posted.
pub(super) fn posted() -> Vec<String> {
    let long = format!("{LONG}{}", "x".repeat(20_000));
    let short = SHORT.iter().map(|text| (*text).to_owned());
    short.chain([long]).collect()
}

/// Returns the texts of the messages that the check publishes at once.
pub(super) fn burst() -> impl Iterator<Item = String> {
    (1..=BURST).map(|n| n.to_string())
}

/// The text that the check publishes on a channel of another program.
pub(super) const ELSEWHERE: &str = "elsewhere";
