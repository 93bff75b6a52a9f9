//! What a visitor should see.

use std::time::Duration;

use testkit::Response;

/// What is expected of an answer; what isn't named here is not looked at. The status is 200 unless another is named.
#[derive(Debug, Clone, Default)]
pub struct Expect {
    status: Option<u16>,
    count: Option<u64>,
    text: Option<String>,
    second: Option<String>,
    location: Option<String>,
    value: Option<String>,
    session: Option<Session>,
    not_by: Option<String>,
    within: Option<Duration>,
}

#[derive(Debug, Clone)]
enum Session {
    Same(String),
    Another(String),
}

impl Expect {
    /// `Hello World #count`.
    #[must_use]
    pub fn count(count: u64) -> Self {
        Self {
            count: Some(count),
            ..Self::default()
        }
    }

    /// The answer of a server whose store doesn't answer: 503, when to try again, and no hang.
    #[must_use]
    pub fn unavailable() -> Self {
        Self {
            status: Some(503),
            ..Self::default()
        }
        .within(Duration::from_secs(2))
    }

    /// An answer that takes no longer than `limit`.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self {
            within: Some(limit),
            ..self
        }
    }

    /// `text` as the first line.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self {
            text: Some(text.to_owned()),
            ..Self::default()
        }
    }

    /// The way to `path`: 303.
    #[must_use]
    pub fn way_to(path: &str) -> Self {
        Self {
            status: Some(303),
            location: Some(path.to_owned()),
            ..Self::default()
        }
    }

    /// An answer that is no success.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self {
            status: Some(status),
            ..Self::default()
        }
    }

    /// `line` as the second line; empty: no second line.
    #[must_use]
    pub fn then(self, line: &str) -> Self {
        Self {
            second: Some(line.to_owned()),
            ..self
        }
    }

    /// A second line that names `value`, or none.
    #[must_use]
    pub fn value(self, value: Option<&str>) -> Self {
        Self {
            value: Some(value_in_words(value)),
            ..self
        }
    }

    /// The session that the visitor had at `earlier`.
    #[must_use]
    pub fn same_session(self, earlier: &Response) -> Self {
        Self {
            session: earlier.session.clone().map(Session::Same),
            ..self
        }
    }

    /// Another session than at `earlier`.
    #[must_use]
    pub fn another_session(self, earlier: &Response) -> Self {
        Self {
            session: earlier.session.clone().map(Session::Another),
            ..self
        }
    }

    /// An answer by another instance than `earlier`.
    #[must_use]
    pub fn another_instance(self, earlier: &Response) -> Self {
        Self {
            not_by: earlier.instance.clone(),
            ..self
        }
    }

    /// The expected and the observed, in the same words, so that they are equal if all is well.
    #[must_use]
    pub fn compare(&self, seen: &Response) -> (String, String) {
        let mut expected = Vec::new();
        let mut observed = Vec::new();
        let status = self.status.unwrap_or(200);
        if (seen.status, status) != (200, 200) {
            expected.push(match (status, &self.location) {
                (503, _) => "503, Retry-After: 1".to_owned(),
                (_, Some(path)) => format!("{status} to {path}"),
                (_, None) => status.to_string(),
            });
            observed.push(failure_in_words(seen));
        }
        if let Some(text) = self
            .count
            .map(|count| format!("Hello World #{count}"))
            .or(self.text.clone())
        {
            expected.push(text);
            observed.push(seen.body.lines().next().unwrap_or_default().to_owned());
        }
        if let Some(line) = &self.second {
            expected.push(format!("then {line:?}"));
            observed.push(format!(
                "then {:?}",
                seen.body.lines().nth(1).unwrap_or_default()
            ));
        }
        if let Some(value) = &self.value {
            expected.push(value.clone());
            observed.push(value_in_words(seen.value()));
        }
        let session = seen.session.as_deref().unwrap_or("-");
        match &self.session {
            Some(Session::Same(id)) => {
                expected.push(format!("session {id}"));
                observed.push(format!("session {session}"));
            }
            Some(Session::Another(id)) => {
                let word = if session == id { "the same" } else { "another" };
                expected.push("another session".to_owned());
                observed.push(format!("{word} session"));
            }
            None => {}
        }
        if let Some(other) = &self.not_by {
            let instance = seen.instance.as_deref().unwrap_or("-");
            let word = if instance == other {
                "the same"
            } else {
                "another"
            };
            expected.push("another instance".to_owned());
            observed.push(format!("{word} instance"));
        }
        if let Some(limit) = self.within {
            expected.push(format!("within {} s", limit.as_secs_f32()));
            let in_time = seen.took <= limit;
            observed.push(if in_time {
                format!("within {} s", limit.as_secs_f32())
            } else {
                format!("after {} s", seen.took.as_secs_f32())
            });
        }
        (expected.join(", "), observed.join(", "))
    }
}

fn value_in_words(value: Option<&str>) -> String {
    value.map_or_else(|| "no value".to_owned(), |value| format!("value {value}"))
}

/// An answer that is no success: its status, where it leads to, and when to try again.
pub(crate) fn failure_in_words(seen: &Response) -> String {
    let again = seen
        .header("retry-after")
        .map(|seconds| format!(", Retry-After: {seconds}"))
        .unwrap_or_default();
    let way = seen
        .header("location")
        .map(|path| format!(" to {path}"))
        .unwrap_or_default();
    format!("{}{way}{again}", seen.status)
}
