//! The response that a visitor should get.

use std::time::Duration;

use testkit::Response;

/// A description of a response. Anything that is not named here is not checked, except the status: 200 unless another
/// one is named.
#[derive(Default)]
pub(crate) struct Expect {
    status: Option<String>,
    facts: Vec<Fact>,
}

/// An expected fact in words, and a function that describes the same fact of a response.
type Fact = (String, Box<dyn Fn(&Response) -> String>);

impl Expect {
    /// Expects `Hello World #count`.
    pub(crate) fn count(count: u64) -> Self {
        Self::text(&format!("Hello World #{count}"))
    }

    /// Expects `text` as the first line.
    pub(crate) fn text(text: &str) -> Self {
        Self::default().and(text, |seen| line(seen, 0).to_owned())
    }

    /// Expects a status other than 200, as [`status_in_words`] describes it.
    pub(crate) fn status(status: &str) -> Self {
        Self {
            status: Some(status.to_owned()),
            ..Self::default()
        }
    }

    /// Expects an error within 2 seconds, because the store does not answer: 503 and `Retry-After`.
    pub(crate) fn unavailable() -> Self {
        Self::status("503, Retry-After: 1").within(Duration::from_secs(2))
    }

    /// Expects the response in less than `limit`.
    pub(crate) fn within(self, limit: Duration) -> Self {
        let expected = format!("within {} s", limit.as_secs_f32());
        self.and(&expected.clone(), move |seen| match seen.took {
            took if took <= limit => expected.clone(),
            took => format!("after {} s", took.as_secs_f32()),
        })
    }

    /// Expects `text` as the second line; if it is empty, expects no second line.
    pub(crate) fn second_line(self, text: &str) -> Self {
        self.and(&format!("then {text:?}"), |seen| {
            format!("then {:?}", line(seen, 1))
        })
    }

    /// Expects a second line with `value`, or none.
    pub(crate) fn value(self, value: Option<&str>) -> Self {
        let words = |value: Option<&str>| {
            value.map_or_else(|| "no value".to_owned(), |value| format!("value {value}"))
        };
        self.and(&words(value), move |seen| words(seen.value()))
    }

    /// Expects the session that the visitor had in `earlier`.
    pub(crate) fn same_session(self, earlier: &Response) -> Self {
        let words = |seen: &Response| format!("session {}", seen.session.as_deref().unwrap_or("-"));
        self.and(&words(earlier), words)
    }

    pub(crate) fn new_session(self, earlier: &Response) -> Self {
        self.another("session", earlier, |seen| &seen.session)
    }

    /// Expects a response from another instance than `earlier`.
    pub(crate) fn other_instance(self, earlier: &Response) -> Self {
        self.another("instance", earlier, |seen| &seen.instance)
    }

    fn another(
        self,
        what: &'static str,
        earlier: &Response,
        of: fn(&Response) -> &Option<String>,
    ) -> Self {
        let earlier = of(earlier).clone();
        self.and(&format!("another {what}"), move |seen| {
            let which = if *of(seen) == earlier {
                "the same"
            } else {
                "another"
            };
            format!("{which} {what}")
        })
    }

    fn and(mut self, expected: &str, observe: impl Fn(&Response) -> String + 'static) -> Self {
        self.facts.push((expected.to_owned(), Box::new(observe)));
        self
    }

    /// Describes what was expected and what was observed. The two are equal if all is well.
    pub(crate) fn compare(&self, seen: &Response) -> (String, String) {
        let status = (self.status.is_some() || seen.status != 200).then(|| {
            let expected = self.status.as_deref().unwrap_or("200");
            (expected.to_owned(), status_in_words(seen))
        });
        let facts = self.facts.iter();
        let facts = facts.map(|(expected, observe)| (expected.clone(), observe(seen)));
        let (expected, observed): (Vec<_>, Vec<_>) = status.into_iter().chain(facts).unzip();
        (expected.join(", "), observed.join(", "))
    }
}

fn line(seen: &Response, number: usize) -> &str {
    seen.body.lines().nth(number).unwrap_or_default()
}

/// Describes a response that is not 200: its status, its `Location`, and its `Retry-After`.
pub(crate) fn status_in_words(seen: &Response) -> String {
    let mut words = seen.status.to_string();
    for (name, before) in [("location", " to "), ("retry-after", ", Retry-After: ")] {
        words.extend(seen.header(name).iter().flat_map(|value| [before, value]));
    }
    words
}
