//! What a check found wrong with an attendee's work, and what that means.

use std::{collections::BTreeSet, fmt};

use anyhow::{Result, bail};
use testkit::Response;

/// The work isn't right yet. Any other error of a check is one of the installation.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What should have been seen.
    pub expected: String,
    /// What was seen.
    pub observed: String,
    /// The instance that answered, where one did.
    pub instance: Option<String>,
    /// What that pattern means.
    pub meaning: String,
}

impl Finding {
    /// `observed` where `expected` should be, which means `meaning`.
    pub fn new(
        expected: impl Into<String>,
        observed: impl Into<String>,
        meaning: impl Into<String>,
    ) -> Self {
        Self {
            expected: expected.into(),
            observed: observed.into(),
            instance: None,
            meaning: meaning.into(),
        }
    }

    /// Seen at `instance`.
    #[must_use]
    pub fn at(self, instance: Option<&str>) -> Self {
        Self {
            instance: instance.map(str::to_owned),
            ..self
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "expected {}; observed {}; {}",
            self.expected, self.observed, self.meaning
        )
    }
}

impl std::error::Error for Finding {}

/// It can't be checked here, for the reason given.
#[derive(Debug, Clone)]
pub struct Skipped(pub String);

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Skipped {}

/// Expects `counts`, one for each of the answers in `seen`, which one visitor got in this order.
///
/// # Errors
/// They are others: a [`Finding`] that says what their pattern means.
pub fn expect_counts(seen: &[Response], counts: &[u64]) -> Result<()> {
    let observed: Vec<_> = seen.iter().map(Response::count).collect();
    if observed
        .iter()
        .copied()
        .eq(counts.iter().copied().map(Some))
    {
        return Ok(());
    }
    let first = observed
        .iter()
        .zip(counts)
        .position(|(seen, expected)| *seen != Some(*expected))
        .unwrap_or_default();
    let in_words = |counts: &[Option<u64>]| {
        counts
            .iter()
            .map(|count| count.map_or_else(|| "?".to_owned(), |count| count.to_string()))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let expected = in_words(&counts.iter().copied().map(Some).collect::<Vec<_>>());
    let finding = Finding::new(
        format!("counts {expected}"),
        format!("counts {}", in_words(&observed)),
        meaning(seen, &observed),
    );
    bail!(finding.at(seen.get(first).and_then(|seen| seen.instance.as_deref())))
}

/// What a visitor saw, visit by visit: the counts, or the status where there was none, and the instances that answered.
#[must_use]
pub fn seen_by(seen: &[Response]) -> String {
    let name = |seen: &Response| seen.instance.clone().unwrap_or_else(|| "nobody".to_owned());
    let told: Vec<_> = seen
        .iter()
        .map(|seen| {
            seen.count()
                .map_or_else(|| seen.status.to_string(), |count| count.to_string())
        })
        .collect();
    let names: Vec<_> = seen.iter().map(name).collect();
    let same = names.windows(2).all(|pair| pair[0] == pair[1]);
    let by = if same {
        format!("all by {}", names.first().cloned().unwrap_or_default())
    } else {
        format!("by {}", names.join(" "))
    };
    format!("counts {}, {by}", told.join(" "))
}

/// What it means that a visitor saw `counts` in `seen`.
fn meaning(seen: &[Response], counts: &[Option<u64>]) -> String {
    if let Some(failed) = seen.iter().find(|seen| seen.status >= 500) {
        return format!(
            "the server failed ({}); the reason, if it logged one, stands above",
            failed.status
        );
    }
    if let Some(strange) = seen.iter().find(|seen| seen.count().is_none()) {
        let line: String = strange
            .body
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(40)
            .collect();
        return format!(
            "the first line of the answer should be \"Hello World #N\", and is {line:?}"
        );
    }
    let counts: Vec<_> = counts.iter().flatten().copied().collect();
    let sessions: BTreeSet<_> = seen.iter().map(|seen| seen.session.as_deref()).collect();
    let instances: BTreeSet<_> = seen.iter().map(|seen| seen.instance.as_deref()).collect();
    let each_for_itself = instances.len() > 1
        && instances.iter().all(|name| {
            let own = seen
                .iter()
                .zip(&counts)
                .filter(|(seen, _)| seen.instance.as_deref() == *name);
            own.enumerate()
                .all(|(visit, (_, count))| u64::try_from(visit).is_ok_and(|visit| visit == *count))
        });
    let said = if each_for_itself && sessions.len() == 1 {
        "each server counts for itself: is the store shared?"
    } else if counts.iter().all(|count| *count == 0) {
        if sessions == BTreeSet::from([None]) {
            "the visitor got no cookie: nothing was put into the session"
        } else if sessions.len() == 1 {
            "the cookie is the same all the time, and the count is never kept: is it saved?"
        } else if instances.len() > 1 {
            "each visit gets a new session: what one server gave, the other doesn't know. Do both take the same cookie (the \
             secret), and look in the same place for the session?"
        } else {
            "each visit gets a new session: the visitor brings the cookie, and nothing is found under its id"
        }
    } else if counts.first() == Some(&1) {
        "this visit is counted too: N is how often the visitor was here before, so the first is #0"
    } else if counts.iter().skip(2).all(|count| *count == 1) && counts.len() > 2 {
        "the count sticks at 1: the first change is kept, the later ones are not. Does a write replace what was there?"
    } else {
        "that is no count of this visitor's visits"
    };
    said.to_owned()
}
