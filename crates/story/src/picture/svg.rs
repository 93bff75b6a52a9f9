//! Draws a picture as SVG, for light and dark pages.

use maud::{Markup, html};
use server::PALETTE;

use super::{
    layout::{DOT, Row, bold_width},
    model::{Picture, Request},
    words::describe,
};

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

pub(super) fn svg(
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
pub(super) fn rows(picture: &Picture, left: usize, top: usize) -> (Markup, usize, usize) {
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
                @for [x1, x2] in row.pieces(index) {
                    line .lane.(colour_class(picture.colour(index))) x1=(x1) x2=(x2) y1=(y) y2=(y) {}
                }
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
                @let colour = colour_class(picture.colour(lane));
                (dot_with(Marks::of(dot.request), &dot.text, [dot.x, row.lane(lane)], dot.width, &colour))
            }
        }
    };
    (drawn, right, bottom)
}

/// Returns the class of what belongs to an instance with this colour.
pub(crate) fn colour_class(colour: Option<usize>) -> String {
    colour.map_or_else(String::new, |index| format!("colour-{index}"))
}

/// Whether the value is there, and whether the count did not go on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) value: Value,
    pub(super) cross: bool,
}

/// The value in a response.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    There,
    /// The visitor has set it before.
    Missing,
    None,
}

impl Marks {
    pub(super) fn of(request: &Request) -> Self {
        let value = match (&request.step.value, request.missing) {
            (Some(_), _) => Value::There,
            (None, true) => Value::Missing,
            (None, false) => Value::None,
        };
        let cross = request.cross;
        Self { value, cross }
    }
}

/// Draws a dot around `x` and `y`. It is filled if the value is there, and dashed if it is missing. It has a ring and a
/// cross if the count did not go on.
fn dot_with(
    Marks { value, cross: lost }: Marks,
    text: &str,
    [x, y]: [usize; 2],
    width: usize,
    colour: &str,
) -> Markup {
    let right = x + width / 2;
    let cross = format!("M{} {}l8 8m0 -8l-8 8", right - 4, y - DOT / 2 - 5);
    html! {
        g .dot.(colour).there[value == Value::There].missing[value == Value::Missing] {
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

/// The marks of a dot in words.
const MARKS: [(Marks, &str); 4] = [
    (marked(Value::There, false), "the value is there"),
    (marked(Value::Missing, false), "the value is missing"),
    (marked(Value::None, false), "no value was set yet"),
    (marked(Value::None, true), CROSS),
];

/// Explains the cross.
pub(super) const CROSS: &str =
    "the count did not go on: the visitor saw this number or a higher one before";

const fn marked(value: Value, cross: bool) -> Marks {
    Marks { value, cross }
}

/// Returns a drawing of each mark, and its meaning.
pub(crate) fn marks() -> impl Iterator<Item = (Markup, &'static str)> {
    MARKS.into_iter().map(|(marks, text)| {
        let drawn = html! {
            svg .picture width=(SAMPLE) height=(SAMPLE) aria-hidden="true" { (sample(marks)) }
        };
        (drawn, text)
    })
}

/// The width and the height of a [`sample`].
pub(super) const SAMPLE: usize = DOT + 4 * RING;

/// Draws a dot with `marks` and without a colour.
pub(super) fn sample(marks: Marks) -> Markup {
    dot_with(marks, "", [SAMPLE / 2, SAMPLE / 2], DOT, "")
}

#[cfg(test)]
mod tests {
    use super::super::sample::visit;
    use super::*;

    #[test]
    fn single_request_has_no_picture() {
        let steps = [visit("redis", 1, 0, false)];
        assert!(inline(&Picture::new(&steps), "name", "A title").is_none());
    }
}
