//! Compares the counts that a visitor saw with the expected ones, and explains the difference.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use testkit::Response;

use crate::finding::Finding;

/// Expects `counts`, one for each response in `seen`, which one visitor got in this order.
pub(crate) fn expect_counts(seen: &[Response], counts: &[u64]) -> Result<()> {
    miscount(seen, counts).map_or(Ok(()), |finding| bail!(finding))
}

/// Returns a finding that explains the counts in `seen`, unless they are `counts`.
pub(crate) fn miscount(seen: &[Response], counts: &[u64]) -> Option<Finding> {
    debug_assert_eq!(seen.len(), counts.len());
    let is_wrong = |(seen, count): (&Response, &u64)| seen.count() != Some(*count);
    let first = seen.iter().zip(counts).position(is_wrong)?;
    let expected: Vec<_> = counts.iter().map(u64::to_string).collect();
    let expected = format!("counts {}", expected.join(" "));
    let observed = format!("counts {}", list_counts(seen));
    let finding = Finding::new(expected, observed, meaning(seen, counts));
    Some(finding.at(seen[first].instance.as_deref()))
}

/// Lists the counts in `seen`, with the status or a question mark where a response has no count.
pub(crate) fn list_counts(seen: &[Response]) -> String {
    let count = |seen: &Response| match (seen.count(), seen.status) {
        (Some(count), _) => count.to_string(),
        (None, 200) => "?".to_owned(),
        (None, status) => status.to_string(),
    };
    seen.iter().map(count).collect::<Vec<_>>().join(" ")
}

/// Describes what a visitor saw: the counts, and the instances that answered.
pub(crate) fn summary(seen: &[Response]) -> String {
    let name = |seen: &Response| seen.instance.clone().unwrap_or("no instance".to_owned());
    let mut names: Vec<_> = seen.iter().map(name).collect();
    let all = if names.windows(2).all(|pair| pair[0] == pair[1]) {
        names.truncate(1);
        "all "
    } else {
        ""
    };
    format!("counts {}, {all}by {}", list_counts(seen), names.join(" "))
}

/// Explains the counts in `seen`, which are not the `expected` ones.
fn meaning(seen: &[Response], expected: &[u64]) -> String {
    if let Some(failed) = seen.iter().find(|seen| seen.status >= 500) {
        let status = failed.status;
        return format!("the server failed ({status}). If it logged a reason, you see it above");
    }
    if let Some(strange) = seen.iter().find(|seen| seen.count().is_none()) {
        let line = strange.body.lines().next().unwrap_or_default();
        let line: String = line.chars().take(40).collect();
        return format!(
            "the response should begin with \"Hello World #N\", but its first line is {line:?}"
        );
    }
    let counts: Vec<_> = seen.iter().filter_map(Response::count).collect();
    let sessions: BTreeSet<_> = seen.iter().map(|seen| seen.session.as_deref()).collect();
    let instances: BTreeSet<_> = seen.iter().map(|seen| seen.instance.as_deref()).collect();
    let count_separately = instances.iter().all(|name| {
        let own = seen.iter().filter(|seen| seen.instance.as_deref() == *name);
        (0..)
            .zip(own)
            .all(|(visit, seen)| seen.count() == Some(visit))
    });
    let meaning = if instances.len() > 1 && sessions.len() == 1 && count_separately {
        "each instance counts separately. Is the store shared?"
    } else if counts.iter().all(|count| *count == 0) {
        if sessions == BTreeSet::from([None]) {
            "the visitor got no cookie. Is anything put into the session?"
        } else if sessions.len() == 1 {
            "the session ID stays the same, but the count stays 0. Is the next count saved?"
        } else if instances.len() > 1 {
            "the visitor gets new session IDs. Do both instances accept the same cookie (the secret), and do they look for the session in the same place?"
        } else {
            "the visitor sends the cookie, and gets new session IDs. Is the session stored under its ID, and found again?"
        }
    } else if counts.first() == Some(&1) && expected.first() == Some(&0) {
        "the first visit shows #1. N is the number of earlier visits, so it should show #0"
    } else if counts.len() > 2 && counts.iter().skip(2).all(|count| *count == 1) {
        "the count sticks at 1. Does a later write replace the old state?"
    } else {
        "these numbers don't count this visitor's visits"
    };
    meaning.to_owned()
}
