//! Draws a picture as SVG, for light and dark pages.

use std::iter::zip;

use maud::{Markup, PreEscaped, html};
use server::PALETTE;

use super::{
    layout::{DOT, LINE, Row, bold_width, text_width},
    model::{Picture, Request},
    words::describe,
};

/// The space around a picture that is a document of its own.
const MARGIN: usize = 12;
/// How far a ring is from its dot.
const RING: usize = 4;

/// Returns the style of all pictures on a page.
pub(crate) fn style() -> String {
    let colours = |shade: fn(usize) -> &'static str| {
        let rules = (0..PALETTE.len()).map(|index| {
            let colour = shade(index);
            format!(".colour-{index} {{ --colour: {colour} }}\n")
        });
        rules.collect::<String>()
    };
    let light = colours(|index| PALETTE[index].dark);
    let dark = colours(|index| PALETTE[index].bright);
    format!(
        "{}{light}@media screen and (prefers-color-scheme: dark) {{\n\
         .picture {{ --ink: #f0f0f2; --pale: #a0a0a8; --paper: #1b1b1f }}\n{dark}}}\n",
        include_str!("svg.css")
    )
}

/// Returns `picture` for a page that has the [`style`] and explains the marks. Returns `None` if it has fewer than two
/// requests. `name` is unique on the page.
pub(crate) fn inline(picture: &Picture, name: &str, title: &str) -> Option<Markup> {
    (picture.requests.len() > 1).then(|| {
        let (rows, right, bottom) = rows(picture, 0, 0);
        svg(picture, name, title, [right, bottom], &rows)
    })
}

/// Returns `picture` as a document of its own, with its title and the meaning of its marks.
pub(crate) fn document(picture: &Picture, name: &str, title: &str) -> String {
    let has_counts = picture.requests.iter().any(|it| it.step.count.is_some());
    let text = if has_counts { "count" } else { "value" };
    let explained = [
        "A dot is a request, and a thin line follows the visitor.".to_owned(),
        format!("The text in a dot is the {text} that the visitor saw."),
    ];
    let (rows, right, bottom) = rows(picture, MARGIN, MARGIN + 4 * LINE);
    let (legend, legend_right, bottom) = legend(picture, bottom);
    let texts = explained.each_ref().map(|line| text_width(line));
    let widest = texts.into_iter().max().unwrap_or_default();
    let widest = widest.max(bold_width(title)) + MARGIN;
    let size = [
        right.max(legend_right).max(widest) + MARGIN,
        bottom + MARGIN,
    ];
    let content = html! {
        style { (PreEscaped(style())) }
        rect .paper width=(size[0]) height=(size[1]) rx="8" {}
        text .title x=(MARGIN) y=(MARGIN + LINE - 4) { (title) }
        @for (line, text) in (2..).zip(&explained) {
            text .legend x=(MARGIN) y=(MARGIN + line * LINE) { (text) }
        }
        (rows)
        (legend)
    };
    let document = svg(picture, name, title, size, &content).into_string();
    let document = document.replacen("<svg", r#"<svg xmlns="http://www.w3.org/2000/svg""#, 1);
    // A short line for each element, so that a change is easy to read.
    let short = ["rect", "line", "path"]
        .iter()
        .fold(document, |text, name| {
            text.replace(&format!("></{name}>"), "/>")
        });
    short.replace("><", ">\n<") + "\n"
}

fn svg(
    picture: &Picture,
    name: &str,
    title: &str,
    [width, height]: [usize; 2],
    content: &Markup,
) -> Markup {
    let ids = [format!("{name}-title"), format!("{name}-words")];
    html! {
        svg .picture role="img" aria-labelledby=(ids.join(" "))
            width=(width) height=(height) viewBox=(format!("0 0 {width} {height}")) {
            title id=(ids[0]) { (title) }
            desc id=(ids[1]) { (describe(picture)) }
            (content)
        }
    }
}

/// Draws the lanes of `picture` to the right of `left` and below `top`. Returns them with their right and lower end.
fn rows(picture: &Picture, left: usize, top: usize) -> (Markup, usize, usize) {
    let names = picture
        .lanes
        .iter()
        .map(|lane| lane.unwrap_or("no response"));
    let widest = names.clone().map(bold_width).max().unwrap_or_default();
    let rows = Row::all(picture, left + widest + 8, top);
    let right = rows.iter().map(Row::right).max().unwrap_or_default();
    let bottom = rows.last().map_or(top, Row::bottom);
    let drawn = html! {
        @for row in &rows {
            @for (index, name) in names.clone().enumerate() {
                @let y = row.lane(index);
                text x=(left) y=(y + 5) { (name) }
                line .lane.(colour_class(picture.colour(index))) x1=(left + widest + 8) x2=(row.end + 20) y1=(y) y2=(y) {}
            }
            @for pair in row.dots.windows(2).filter(|pair| !pair[1].request.gap) {
                @let [(x1, y1), (x2, y2)] = [&pair[0], &pair[1]].map(|dot| (dot.x, row.lane(dot.request.lane)));
                line .way x1=(x1) y1=(y1) x2=(x2) y2=(y2) {}
            }
            @for flag in &row.flags {
                @if flag.is_incident {
                    line .incident x1=(flag.x) x2=(flag.x) y1=(row.base(flag) + 4) y2=(row.bottom()) {}
                }
                text .flag x=(flag.left) y=(row.base(flag)) { (flag.text) }
            }
            @for dot in &row.dots {
                @let lane = dot.request.lane;
                @let marks = [dot.request.step.value.is_some(), dot.request.cross];
                (mark(&dot.text, [dot.x, row.lane(lane)], dot.width, &colour_class(picture.colour(lane)), marks))
            }
        }
    };
    (drawn, right, bottom)
}

/// Returns the class of what belongs to an instance with this colour.
pub(crate) fn colour_class(colour: Option<usize>) -> String {
    colour.map_or_else(String::new, |index| format!("colour-{index}"))
}

/// Draws a dot around `x` and `y`: filled if the value is `there`, with a ring and a cross if the session is `lost`.
fn mark(
    text: &str,
    [x, y]: [usize; 2],
    width: usize,
    colour: &str,
    [there, lost]: [bool; 2],
) -> Markup {
    let right = x + width / 2;
    let cross = format!("M{} {}l8 8m0 -8l-8 8", right - 4, y - DOT / 2 - 5);
    html! {
        g .dot.(colour).there[there] {
            @if lost {
                rect .ring x=(x - width / 2 - RING) y=(y - DOT / 2 - RING)
                    width=(width + 2 * RING) height=(DOT + 2 * RING) rx=(DOT / 2 + RING) {}
            }
            rect x=(x - width / 2) y=(y - DOT / 2) width=(width) height=(DOT) rx=(DOT / 2) {}
            @if !text.is_empty() {
                text x=(x) y=(y + 5) { (text) }
            }
            @if lost {
                path .halo d=(cross) {}
                path .cross d=(cross) {}
            }
        }
    }
}

/// The marks of a dot, `there` and `lost`, in words.
const MARKS: [([bool; 2], &str); 3] = [
    ([true, false], "the value is there"),
    ([false, false], "no value"),
    ([false, true], "the count did not go on"),
];

/// Returns a drawing of each mark, and its meaning.
pub(crate) fn marks() -> impl Iterator<Item = (Markup, &'static str)> {
    let size = DOT + 4 * RING;
    MARKS.into_iter().map(move |(marks, text)| {
        let drawn = html! {
            svg .picture width=(size) height=(size) aria-hidden="true" {
                (mark("", [size / 2, size / 2], DOT, "", marks))
            }
        };
        (drawn, text)
    })
}

/// Explains the marks in `picture`, below `top`. Returns it with its right and lower end.
fn legend(picture: &Picture, top: usize) -> (Markup, usize, usize) {
    let has = |mark: fn(&Request) -> bool| picture.requests.iter().any(mark);
    let differ = has(|it| it.step.value.is_some()) && has(|it| it.step.value.is_none());
    let used = [differ, differ, has(|it| it.cross)];
    let without = if picture.misses_a_value() {
        "the value is missing"
    } else {
        "no value yet"
    };
    let words = [MARKS[0].1, without, MARKS[2].1];
    let mut end = MARGIN;
    let entries = zip(used, zip(MARKS, words)).filter(|(is_used, _)| *is_used);
    let entries: Vec<_> = entries
        .map(|(_, ((marks, _), text))| {
            let left = end + RING;
            end = left + DOT + 10 + text_width(text) + 20;
            (left, marks, text)
        })
        .collect();
    let y = top + DOT / 2 + 10;
    let bottom = if entries.is_empty() { top } else { y + DOT / 2 };
    let drawn = html! {
        @for (left, marks, text) in entries {
            (mark("", [left + DOT / 2, y], DOT, "", marks))
            text .legend x=(left + DOT + 10) y=(y + 5) { (text) }
        }
    };
    (drawn, end, bottom)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{restart, visit};
    use super::*;

    #[test]
    fn dots_are_filled_and_ringed_as_the_legend_explains() {
        let steps = [
            visit("file", 1, None, true),
            visit("file", 2, 0, false),
            visit("file", 1, 0, true),
        ];
        let drawn = document(&Picture::new(&steps), "name", "A title");
        let (picture, legend) = drawn.split_once("the value is there").unwrap();
        assert_eq!(
            picture.matches(r#"<g class="dot colour-0 there">"#).count(),
            2
        );
        assert_eq!(picture.matches(r#"<g class="dot colour-1">"#).count(), 1);
        // One is in the picture, and one in the legend.
        assert_eq!(drawn.matches(r#"class="ring""#).count(), 2);
        assert_eq!(drawn.matches(r#"class="cross""#).count(), 2);
        assert!(legend.contains("the value is missing"), "{legend}");
        assert!(legend.contains("the count did not go on"), "{legend}");
    }

    #[test]
    fn legend_explains_only_the_marks_in_the_picture() {
        let steps = [0, 1].map(|count| visit("redis", 1, count, false));
        let drawn = document(&Picture::new(&steps), "name", "A title");
        for (_, words) in MARKS {
            assert!(!drawn.contains(words), "{words}: {drawn}");
        }
    }

    #[test]
    fn value_is_not_missing_before_it_is_set() {
        let steps = [false, true].map(|value| visit("redis", 1, 0, value));
        let drawn = document(&Picture::new(&steps), "name", "A title");
        assert!(drawn.contains("no value yet"), "{drawn}");
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
        let drawn = document(&Picture::new(&steps), "name", "<script>");
        assert!(!drawn.contains("<script>"), "{drawn}");
        assert_eq!(drawn.matches("</svg>").count(), 1, "{drawn}");
    }

    #[test]
    fn single_request_has_no_picture() {
        let steps = [visit("redis", 1, 0, false)];
        assert!(inline(&Picture::new(&steps), "name", "A title").is_none());
    }
}
