//! The places of everything in a drawn picture, in pixels.

use super::{
    model::{Picture, Request},
    words::label,
};

/// The height of a dot.
pub(super) const DOT: usize = 30;
/// The distance between two lanes.
const LANE: usize = 46;
/// The distance between two dots.
const GAP: usize = 20;
/// The space between two texts.
const SPACE: usize = 6;
/// The height of a line of text.
pub(super) const LINE: usize = 20;
/// Where a picture wraps.
const WIDTH: usize = 800;

/// Requests side by side. A picture of many requests has several rows.
pub(super) struct Row<'a> {
    pub(super) dots: Vec<Dot<'a>>,
    pub(super) flags: Vec<Flag>,
    lanes: usize,
    top: usize,
    left: usize,
    /// The right end of its dots.
    end: usize,
}

/// A request.
pub(super) struct Dot<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) text: String,
    /// The middle.
    pub(super) x: usize,
    pub(super) width: usize,
}

/// A text above the lanes: an incident, which has a line through all lanes, or the name of a visitor.
pub(super) struct Flag {
    pub(super) text: String,
    pub(super) is_incident: bool,
    /// The place on the lanes.
    pub(super) x: usize,
    /// The edges of the text.
    pub(super) left: usize,
    right: usize,
    /// Its line of text, counted from the lanes upwards.
    line: usize,
}

impl<'a> Row<'a> {
    /// Places the requests of `picture` to the right of `left` and below `top`.
    pub(super) fn all(picture: &'a Picture, left: usize, top: usize) -> Vec<Self> {
        let new = |top| Row {
            dots: Vec::new(),
            flags: Vec::new(),
            lanes: picture.lanes.len(),
            top,
            left,
            end: left,
        };
        let (mut rows, mut row) = (Vec::new(), new(top));
        for request in &picture.requests {
            let text = label(request);
            let width = DOT.max(bold_width(&text) + 6);
            let has_flag = request.gap || !request.incidents.is_empty();
            let space = if has_flag { 2 * GAP } else { GAP };
            if row.end + space + width > WIDTH && !row.dots.is_empty() {
                let next = new(row.bottom());
                rows.push(std::mem::replace(&mut row, next));
            }
            let start = row.end + space;
            for incident in &request.incidents {
                row.flag(incident, true, start - GAP);
            }
            if picture.has_gaps() && (request.gap || row.dots.is_empty()) {
                let visitor = request.step.visitor.unwrap_or_default();
                row.flag(&format!("visitor {visitor}"), false, start);
            }
            row.dots.push(Dot {
                request,
                text,
                x: start + width / 2,
                width,
            });
            row.end = start + width;
        }
        rows.push(row);
        rows
    }

    /// Adds a text at `x`, or left of it if an incident has no room to its right. Texts that would overlap get a line
    /// each, and the last of them is the lowest. So no incident's line crosses a text.
    fn flag(&mut self, text: &str, is_incident: bool, x: usize) {
        let width = text_width(text);
        let left = if is_incident && x + width > WIDTH {
            x.saturating_sub(width)
        } else {
            x
        };
        self.flags.push(Flag {
            text: text.to_owned(),
            is_incident,
            x,
            left,
            right: left + width,
            line: 0,
        });
        for index in (0..self.flags.len()).rev() {
            let (flag, later) = (&self.flags[index], &self.flags[index + 1..]);
            let overlapping = later
                .iter()
                .filter(|it| it.left < flag.right + SPACE && flag.left < it.right + SPACE);
            let lines = overlapping.map(|it| it.line + 1);
            self.flags[index].line = lines.max().unwrap_or_default();
        }
    }

    /// Returns the left and right ends of the lane with this index. It has a break while its instance is killed.
    pub(super) fn pieces(&self, lane: usize) -> Vec<[usize; 2]> {
        let mut pieces: Vec<[usize; 2]> = Vec::new();
        let mut start = Some(self.left);
        for dot in &self.dots {
            let edge = dot.x - dot.width / 2 - GAP;
            match (start, dot.request.down.contains(&lane)) {
                (Some(left), true) => {
                    pieces.extend((left < edge).then_some([left, edge]));
                    start = None;
                }
                (None, false) => start = Some(edge),
                _ => {}
            }
        }
        pieces.extend(start.map(|left| [left, self.end + GAP]));
        pieces
    }

    /// Returns the height of the lane with this index.
    pub(super) fn lane(&self, index: usize) -> usize {
        self.first_line() + LANE * index + LANE / 2
    }

    /// Returns the base line of `flag`.
    pub(super) fn base(&self, flag: &Flag) -> usize {
        self.first_line() - flag.line * LINE - 5
    }

    /// Returns the lower end of the lines of text.
    fn first_line(&self) -> usize {
        let lines = self.flags.iter().map(|flag| flag.line + 1).max();
        self.top + lines.unwrap_or_default() * LINE
    }

    pub(super) fn bottom(&self) -> usize {
        self.first_line() + LANE * self.lanes
    }

    pub(super) fn right(&self) -> usize {
        let flags = self.flags.iter().map(|flag| flag.right);
        flags.chain([self.end + GAP]).max().unwrap_or_default()
    }
}

/// Returns the width of `text`, or a little more.
pub(super) fn text_width(text: &str) -> usize {
    text.chars().count() * 8
}

/// Returns the width of `text` in bold, or a little more.
pub(super) fn bold_width(text: &str) -> usize {
    text.chars().count() * 10
}

#[cfg(test)]
mod tests {
    use crate::step::Step;

    use super::super::sample::{of_visitor, restart, visit};
    use super::*;

    #[test]
    fn long_scene_wraps_and_loses_no_request() {
        let steps: Vec<_> = (0..40)
            .map(|count| visit("redis", 1, count, false))
            .collect();
        let picture = Picture::new(&steps);
        let rows = Row::all(&picture, 100, 0);
        assert!(rows.len() > 1);
        assert!(rows.iter().all(|row| row.right() <= WIDTH + GAP));
        let texts = rows
            .iter()
            .flat_map(|row| row.dots.iter().map(|dot| &*dot.text));
        assert!(texts.eq((0..40).map(|count| count.to_string())));
        assert!(rows[0].bottom() <= rows[1].lane(0) - LANE / 2);
    }

    #[test]
    fn lane_has_a_break_while_its_instance_is_killed() {
        let incident = |step: &str| Step {
            step: step.to_owned(),
            ..restart()
        };
        let steps = [
            visit("redis", 1, 0, false),
            visit("redis", 2, 1, false),
            incident("kill redis-2"),
            visit("redis", 1, 2, false),
            incident("start redis-2 again"),
            visit("redis", 1, 3, false),
        ];
        let ends = |steps: &[Step]| {
            let picture = Picture::new(steps);
            let row = Row::all(&picture, 100, 0).remove(0);
            let lines = row.flags.iter().map(|flag| flag.x).collect::<Vec<_>>();
            let [first, second] = [0, 1].map(|lane| row.pieces(lane));
            assert_eq!(first, [[100, row.end + GAP]]);
            (second, lines, row.end + GAP)
        };
        let (pieces, lines, right) = ends(&steps);
        assert_eq!(pieces, [[100, lines[0]], [lines[1], right]]);
        let (pieces, lines, _) = ends(&steps[..4]);
        assert_eq!(pieces, [[100, lines[0]]]);
        // It also goes on if the instance answers again.
        let (pieces, ..) = ends(&[&steps[..4], &steps[1..2]].concat());
        assert_eq!(pieces.len(), 2);
    }

    #[test]
    fn texts_overlap_neither_each_other_nor_a_line() {
        let mut steps = Vec::new();
        for count in 0..12 {
            let mut incident = restart();
            incident.step = "an incident with a long description".to_owned();
            steps.extend([visit("redis", 1, count, false), incident.clone(), incident]);
            steps.push(of_visitor(2, visit("redis", 1, count, false)));
        }
        let picture = Picture::new(&steps);
        for row in Row::all(&picture, 100, 0) {
            for (index, flag) in row.flags.iter().enumerate() {
                for later in &row.flags[index + 1..] {
                    let apart = flag.right < later.left || later.right < flag.left;
                    assert!(apart || row.base(flag) < row.base(later), "{}", flag.text);
                }
            }
        }
    }
}
