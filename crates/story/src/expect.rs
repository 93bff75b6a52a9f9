//! The response that a visitor should get.

use std::time::Duration;

use testkit::Response;

/// A description of a response. Anything that is not named here is not checked, except the status:
/// 200 unless another one is named.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expect {
    status: Option<String>,
    facts: Vec<Fact>,
}

#[derive(Debug, Clone)]
enum Fact {
    FirstLine(String),
    SecondLine(&'static str),
    Value(Option<&'static str>),
    SameSession(Option<String>),
    NewSession(Option<String>),
    OtherInstance(Option<String>),
    Within(Duration),
}

impl Expect {
    /// Expects `Hello World #count`.
    pub(crate) fn count(count: u64) -> Self {
        Self::text(&format!("Hello World #{count}"))
    }

    /// Expects `text` as the first line.
    pub(crate) fn text(text: &str) -> Self {
        Self::default().and(Fact::FirstLine(text.to_owned()))
    }

    /// Expects a status other than 200.
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status: Some(status.to_string()),
            ..Self::default()
        }
    }

    /// Expects a redirect to `path`, with status 303.
    pub(crate) fn redirect(path: &str) -> Self {
        Self {
            status: Some(format!("303 to {path}")),
            ..Self::default()
        }
    }

    /// Expects an error within 2 seconds, because the store does not answer: 503 and `Retry-After`.
    pub(crate) fn unavailable() -> Self {
        let status = Some("503, Retry-After: 1".to_owned());
        Self {
            status,
            ..Self::default()
        }
        .within(Duration::from_secs(2))
    }

    /// Expects the response in less than `limit`.
    pub(crate) fn within(self, limit: Duration) -> Self {
        self.and(Fact::Within(limit))
    }

    /// Expects `line` as the second line; if it is empty, expects no second line.
    pub(crate) fn second_line(self, line: &'static str) -> Self {
        self.and(Fact::SecondLine(line))
    }

    /// Expects a second line with `value`, or none.
    pub(crate) fn value(self, value: Option<&'static str>) -> Self {
        self.and(Fact::Value(value))
    }

    /// Expects the session that the visitor had in `earlier`.
    pub(crate) fn same_session(self, earlier: &Response) -> Self {
        self.and(Fact::SameSession(earlier.session.clone()))
    }

    /// Expects another session than in `earlier`.
    pub(crate) fn new_session(self, earlier: &Response) -> Self {
        self.and(Fact::NewSession(earlier.session.clone()))
    }

    /// Expects a response from another instance than `earlier`.
    pub(crate) fn other_instance(self, earlier: &Response) -> Self {
        self.and(Fact::OtherInstance(earlier.instance.clone()))
    }

    fn and(mut self, fact: Fact) -> Self {
        self.facts.push(fact);
        self
    }

    /// Describes what was expected and what was observed. The two are equal if all is well.
    pub(crate) fn compare(&self, seen: &Response) -> (String, String) {
        let mut pairs: Vec<_> = self.facts.iter().map(|fact| fact.compare(seen)).collect();
        if self.status.is_some() || seen.status != 200 {
            let expected = self.status.clone().unwrap_or_else(|| "200".to_owned());
            pairs.insert(0, (expected, status_in_words(seen)));
        }
        let (expected, observed): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        (expected.join(", "), observed.join(", "))
    }
}

impl Fact {
    /// Describes the expected and the observed fact.
    fn compare(&self, seen: &Response) -> (String, String) {
        let line = |number| seen.body.lines().nth(number).unwrap_or_default();
        let session = |id: &Option<String>| format!("session {}", id.as_deref().unwrap_or("-"));
        let value = |value: Option<&str>| {
            value.map_or_else(|| "no value".to_owned(), |value| format!("value {value}"))
        };
        let differs = |what: &str, same: bool| {
            let observed = if same { "the same" } else { "another" };
            (format!("another {what}"), format!("{observed} {what}"))
        };
        match self {
            Self::FirstLine(text) => (text.clone(), line(0).to_owned()),
            Self::SecondLine(text) => (format!("then {text:?}"), format!("then {:?}", line(1))),
            Self::Value(expected) => (value(*expected), value(seen.value())),
            Self::SameSession(id) => (session(id), session(&seen.session)),
            Self::NewSession(id) => differs("session", *id == seen.session),
            Self::OtherInstance(name) => differs("instance", *name == seen.instance),
            Self::Within(limit) => {
                let expected = format!("within {} s", limit.as_secs_f32());
                let late = format!("after {} s", seen.took.as_secs_f32());
                let in_time = seen.took <= *limit;
                (expected.clone(), if in_time { expected } else { late })
            }
        }
    }
}

/// Describes a response that is not 200: its status, its `Location`, and its `Retry-After`.
pub(crate) fn status_in_words(seen: &Response) -> String {
    let header = |name: &str, before: &str| {
        seen.header(name)
            .map(|value| format!("{before}{value}"))
            .unwrap_or_default()
    };
    let location = header("location", " to ");
    let retry_after = header("retry-after", ", Retry-After: ");
    format!("{}{location}{retry_after}", seen.status)
}
