//! A picture in words, for people who cannot see it.

use super::model::{Picture, Request};

/// Characters of the longest text in a dot.
const LONGEST: usize = 11;

/// Returns the text in the dot of `request`: its count, the value, or its status.
pub(super) fn label(request: &Request) -> String {
    let step = request.step;
    let text = match (step.count, step.step.strip_prefix("GET /session/set/")) {
        (Some(count), _) => count.to_string(),
        (None, Some(value)) if step.value.is_some() => format!("set {value}"),
        (None, _) => match (&step.value, step.status) {
            (Some(value), _) => value.clone(),
            (None, Some(200)) => "ok".to_owned(),
            (None, Some(status)) => status.to_string(),
            (None, None) => "none".to_owned(),
        },
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Describes the requests of `picture` in order, as in `memory-1: 0, 1; restart memory-1; memory-1: 0 (…)`.
pub(super) fn describe(picture: &Picture) -> String {
    // An incident, or an instance and what it answered.
    let mut parts: Vec<(String, Vec<String>)> = Vec::new();
    let mut last = None;
    for request in &picture.requests {
        let incidents = request.incidents.iter();
        parts.extend(incidents.map(|incident| ((*incident).to_owned(), Vec::new())));
        let is_new = picture.has_gaps() && (request.gap || last.is_none());
        let goes_on = last == Some(request.lane) && request.incidents.is_empty() && !is_new;
        match parts.last_mut() {
            Some((_, answers)) if goes_on => answers.push(answer(request)),
            _ => {
                let visitor = request.step.visitor.filter(|_| is_new);
                let visitor = visitor.map_or_else(String::new, |it| format!("visitor {it} at "));
                let instance = picture.lanes[request.lane].unwrap_or("no response");
                parts.push((format!("{visitor}{instance}"), vec![answer(request)]));
            }
        }
        last = Some(request.lane);
    }
    let parts = parts.iter().map(|(what, answers)| match &answers[..] {
        [] => what.clone(),
        answers => format!("{what}: {}", answers.join(", ")),
    });
    parts.collect::<Vec<_>>().join("; ")
}

/// Describes the response to `request`.
fn answer(request: &Request) -> String {
    let text = label(request);
    let step = request.step;
    let marks = [
        (
            step.value.is_some() && step.count.is_some(),
            "with the value",
        ),
        (request.missing, "without the value"),
        (request.cross, "the count did not go on"),
    ];
    let marks = marks
        .into_iter()
        .filter_map(|(has, words)| has.then_some(words));
    match &*marks.collect::<Vec<_>>().join("; ") {
        "" => text,
        marks => format!("{text} ({marks})"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{of_visitor, restart, visit};
    use super::*;

    #[test]
    fn restart_in_words() {
        let steps = [
            visit("memory", 1, 0, false),
            visit("memory", 1, 1, false),
            restart(),
            visit("memory", 1, 0, false),
        ];
        assert_eq!(
            describe(&Picture::new(&steps)),
            "memory-1: 0, 1; restart; memory-1: 0 (the count did not go on)"
        );
    }

    #[test]
    fn visitors_values_and_statuses_in_words() {
        let mut set = visit("file", 1, None, true);
        set.step = "GET /session/set/hello".to_owned();
        let mut error = of_visitor(2, visit("file", 2, None, false));
        error.status = Some(503);
        let steps = [
            set,
            visit("file", 2, 0, true),
            visit("file", 2, 0, false),
            error,
        ];
        assert_eq!(
            describe(&Picture::new(&steps)),
            "visitor 1 at file-1: set hello; file-2: 0 (with the value), \
             0 (without the value; the count did not go on); visitor 2 at file-2: 503"
        );
    }

    #[test]
    fn long_value_is_cut() {
        let mut step = visit("file", 1, None, true);
        step.value = Some("ä".repeat(30));
        assert_eq!(label(&Picture::new(&[step]).requests[0]), "äääääääääää…");
    }
}
