//! A step of a scene, as it is recorded: for the pictures, the report and `--json`.

use serde::Serialize;
use testkit::Response;

/// Something that a scene did, and the outcome.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Step {
    pub kind: Kind,
    /// The action, as in `GET /`, or the paragraph.
    pub step: String,
    pub expected: String,
    /// The outcome; equal to `expected` if all is well.
    pub observed: String,
    /// The number of the visitor in this scene, from 1, if the step is a request.
    pub visitor: Option<usize>,
    /// The response in words, if there was one.
    pub response: Option<String>,
    /// The status of the response, if there was one.
    pub status: Option<u16>,
    /// The count that the response shows.
    pub count: Option<u64>,
    /// The value that the response shows, or that the request has set.
    pub value: Option<String>,
    /// The instance that answered, if the step is a request.
    pub instance: Option<String>,
    /// The first 8 characters of the visitor's session ID, if the step is a request.
    pub session: Option<String>,
    pub millis: u128,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A request of a visitor.
    Request,
    /// Something that happens to a server or to Redis between the requests, such as a restart.
    Incident,
    /// Something else that the scene does, such as starting a deployment.
    #[default]
    Action,
    /// A number or a word that the scene measured.
    Measurement,
    /// A paragraph that explains what follows.
    Narration,
}

impl Step {
    pub(crate) fn new(kind: Kind, step: &str, expected: &str, observed: &str) -> Self {
        Self {
            kind,
            step: step.to_owned(),
            expected: expected.to_owned(),
            observed: observed.to_owned(),
            ..Self::default()
        }
    }

    /// Adds what the visitor saw in the response to a request.
    pub(crate) fn with_response(mut self, seen: &Response) -> Self {
        self.value = shown_value(&self.step, seen).map(str::to_owned);
        self.status = Some(seen.status);
        self.count = seen.count();
        self.instance.clone_from(&seen.instance);
        self.session.clone_from(&seen.session);
        self.millis = seen.took.as_millis();
        self
    }
}

/// Returns the value in a response of the counter to `request`.
fn shown_value<'a>(request: &str, seen: &'a Response) -> Option<&'a str> {
    let first = seen.body.lines().next().filter(|_| seen.status == 200)?;
    if request == "GET /session/" {
        return Some(first).filter(|text| *text != "no value set");
    }
    first.strip_prefix("value set: ").or_else(|| seen.value())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::http::header::HeaderMap;

    use super::*;

    #[test]
    fn value_comes_from_each_page_of_the_counter() {
        for (request, status, body, value) in [
            ("GET /", 200, "Hello World #3", None),
            ("GET /", 200, "Hello World #3\nvalue: hello", Some("hello")),
            (
                "GET /session/set/hello",
                200,
                "value set: hello",
                Some("hello"),
            ),
            ("GET /session/", 200, "hello", Some("hello")),
            ("GET /session/", 200, "no value set", None),
            ("GET /session/", 503, "try again", None),
        ] {
            let seen = Response {
                status,
                body: body.to_owned(),
                instance: None,
                session: None,
                headers: HeaderMap::new(),
                took: Duration::ZERO,
            };
            let step = Step::new(Kind::Request, request, "", "").with_response(&seen);
            assert_eq!(step.value.as_deref(), value, "{request}: {body}");
        }
    }
}
