//! Draws a picture as a document of its own, which explains itself.

use std::{borrow::Cow, collections::BTreeSet};

use maud::{Markup, PreEscaped, html};

use super::{
    layout::{LINE, bold_width, text_width},
    model::Picture,
    svg::{CROSS, Marks, SAMPLE, Value, rows, sample, style, svg},
};

/// The space around everything.
const MARGIN: usize = 12;
/// The space above the legend and above the conclusion.
const GAP: usize = 18;
/// The height of a mark in the legend.
const MARK: usize = 30;
/// The least width of the texts.
const WIDTH: usize = 470;

/// The texts around a picture.
pub(crate) struct Document<'a> {
    /// Begins the IDs in the document.
    pub(crate) name: &'a str,
    pub(crate) title: &'a str,
    /// Whether HAProxy chooses the instances.
    pub(crate) balanced: bool,
    /// The conclusion.
    pub(crate) proves: &'a str,
}

impl Document<'_> {
    /// Returns `picture` between an explanation above it, and its marks and the conclusion below it.
    pub(crate) fn draw(&self, picture: &Picture) -> String {
        let (_, right, _) = rows(picture, MARGIN, 0);
        let width = right.max(WIDTH).max(MARGIN + bold_width(self.title));
        let explained = wrap(
            &self.explanation(picture),
            (width - MARGIN) / text_width("m"),
        );
        let proves = wrap(self.proves, (width - MARGIN) / bold_width("m"));

        let top = MARGIN + LINE * (explained.len() + 1) + LINE / 2;
        let (rows, _, bottom) = rows(picture, MARGIN, top);
        let (legend, bottom) = legend(picture, width, bottom);
        let size = [width + MARGIN, bottom + LINE * proves.len() + MARGIN];
        let content = html! {
            style { (PreEscaped(style())) }
            rect .paper width=(size[0]) height=(size[1]) rx="8" {}
            text .title x=(MARGIN) y=(MARGIN + LINE - 4) { (self.title) }
            (lines("legend", &explained, MARGIN, MARGIN + LINE + 4))
            (rows)
            (legend)
            (lines("proves", &proves, MARGIN, bottom))
        };
        let document = svg(picture, self.name, self.title, size, &content).into_string();
        let document = document.replacen("<svg", r#"<svg xmlns="http://www.w3.org/2000/svg""#, 1);
        // A short line for each element, so that a change is easy to read.
        let short = ["rect", "line", "path"]
            .iter()
            .fold(document, |text, name| {
                text.replace(&format!("></{name}>"), "/>")
            });
        short.replace("><", ">\n<") + "\n"
    }

    fn explanation(&self, picture: &Picture) -> String {
        let lanes = match (self.balanced, picture.lanes.len()) {
            (true, _) => {
                "Each lane is an instance of the server. \
                 HAProxy, the load balancer, chooses one for each request."
            }
            (false, 1) => "The lane is the server.",
            (false, _) => "Each lane is an instance of the server.",
        };
        let has_counts = picture.requests.iter().any(|it| it.step.count.is_some());
        let text = if has_counts {
            "A number is the count of visits, from 0."
        } else {
            "Its text is the value that the visitor saw."
        };
        format!("{lanes}\nA dot is a request. {text} The thin line follows the visitor.")
    }
}

/// Explains the marks in `picture`, below `top`. Returns it with its lower end.
fn legend(picture: &Picture, width: usize, top: usize) -> (Markup, usize) {
    let left = MARGIN + MARK + 8;
    let mut bottom = top + GAP;
    let entries = meanings(picture).into_iter().map(|(marks, words)| {
        let words = wrap(&words, (width - left) / text_width("m"));
        let y = bottom;
        bottom += MARK.max(LINE * words.len() + 5);
        (marks, words, y)
    });
    let entries: Vec<_> = entries.collect();
    let drawn = html! {
        @for (marks, words, y) in &entries {
            svg x=(MARGIN) y=(y) width=(MARK) height=(MARK) viewBox=(format!("0 0 {SAMPLE} {SAMPLE}")) {
                (sample(*marks))
            }
            (lines("legend", words, left, y + 5))
        }
    };
    let bottom = if entries.is_empty() {
        bottom
    } else {
        bottom + GAP
    };
    (drawn, bottom)
}

/// Returns the marks in `picture`, and their meaning.
fn meanings(picture: &Picture) -> Vec<(Marks, String)> {
    let values = picture
        .requests
        .iter()
        .filter_map(|it| it.step.value.as_ref());
    let values: BTreeSet<_> = values.collect();
    let value = match (values.first(), values.len()) {
        (Some(value), 1) => format!("\"{value}\""),
        _ => "the value".to_owned(),
    };
    let marks = picture.requests.iter().map(Marks::of);
    let has = |value| marks.clone().any(|it| it.value == value);
    let differ = has(Value::There) && (has(Value::Missing) || has(Value::None));
    let entries = [
        (differ, Value::There, format!("{value} is there")),
        (differ, Value::Missing, format!("{value} is missing")),
        (differ, Value::None, "no value was set yet".to_owned()),
    ];
    let mut entries: Vec<_> = entries
        .into_iter()
        .filter(|(is_used, value, _)| *is_used && has(*value))
        .map(|(_, value, words)| {
            (
                Marks {
                    value,
                    cross: false,
                },
                words,
            )
        })
        .collect();
    if marks.clone().any(|it| it.cross) {
        let marks = Marks {
            value: Value::None,
            cross: true,
        };
        entries.push((marks, CROSS.to_owned()));
    }
    entries
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let lines = textwrap::wrap(text, width).into_iter();
    lines.map(Cow::into_owned).collect()
}

/// Draws `lines` of text below `top`.
fn lines(class: &str, lines: &[String], x: usize, top: usize) -> Markup {
    html! {
        @for (number, line) in (1..).zip(lines) {
            text .(class) x=(x) y=(top + number * LINE - 5) { (line) }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::step::Step;

    use super::super::sample::{restart, visit};
    use super::*;

    fn document(steps: &[Step]) -> String {
        let document = Document {
            name: "name",
            title: "<script>",
            balanced: false,
            proves: "A conclusion.",
        };
        document.draw(&Picture::new(steps))
    }

    #[test]
    fn dots_have_the_marks_that_the_legend_explains() {
        let drawn = document(&[
            visit("file", 2, 0, false),
            visit("file", 1, None, true),
            visit("file", 2, 1, false),
            visit("file", 1, 0, true),
        ]);
        let dots = |class: &str| {
            drawn
                .matches(&format!(r#"<g class="dot {class}">"#))
                .count()
        };
        assert_eq!(dots("colour-0 there"), 2, "{drawn}");
        assert_eq!(dots("colour-1 missing"), 1, "{drawn}");
        assert_eq!(dots("colour-1"), 1, "{drawn}");
        // One is in the picture, and one in the legend.
        assert_eq!(drawn.matches(r#"class="ring""#).count(), 2);
        assert_eq!(drawn.matches(r#"class="cross""#).count(), 2);
        for words in [
            "&quot;hello&quot; is there",
            "&quot;hello&quot; is missing",
            "no value was set yet",
            "the count did not go on",
        ] {
            assert!(drawn.contains(&format!(">{words}")), "{words}: {drawn}");
        }
    }

    #[test]
    fn legend_explains_only_the_marks_in_the_picture() {
        let drawn = document(&[0, 1].map(|count| visit("redis", 1, count, false)));
        assert_eq!(drawn.matches("<svg").count(), 1, "{drawn}");
    }

    #[test]
    fn value_is_not_missing_before_it_is_set() {
        let drawn = document(&[false, true].map(|value| visit("redis", 1, 0, value)));
        assert!(!drawn.contains("missing<"), "{drawn}");
        assert!(drawn.contains("no value was set yet"), "{drawn}");
    }

    #[test]
    fn lanes_are_explained_with_and_without_haproxy() {
        let steps = [1, 2].map(|number| visit("redis", number, 0, false));
        for (balanced, instances, words) in [
            (false, 1, "The lane is the server."),
            (false, 2, "Each lane is an instance of the server."),
            (
                true,
                2,
                "HAProxy, the load balancer, chooses one for each request.",
            ),
        ] {
            let document = Document {
                name: "",
                title: "",
                balanced,
                proves: "",
            };
            let explanation = document.explanation(&Picture::new(&steps[..instances]));
            let (lanes, _) = explanation.split_once("A dot is a request.").unwrap();
            assert!(lanes.trim_end().ends_with(words), "{lanes}");
        }
    }

    #[test]
    fn conclusion_comes_last() {
        let drawn = document(&[0, 1].map(|count| visit("redis", 1, count, false)));
        assert!(
            drawn.ends_with(">A conclusion.</text>\n</svg>\n"),
            "{drawn}"
        );
    }

    #[test]
    fn text_is_escaped() {
        let mut incident = restart();
        incident.step = "</svg><script>".to_owned();
        let mut steps = [
            visit("redis", 1, 0, false),
            incident,
            visit("redis", 1, 1, true),
        ];
        steps[2].instance = Some("<script>".to_owned());
        steps[2].value = Some("<script>".to_owned());
        let drawn = document(&steps);
        assert!(!drawn.contains("<script>"), "{drawn}");
    }
}
