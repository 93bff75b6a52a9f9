//! Draws a picture with characters, in at most 80 columns.

use anstyle::{Ansi256Color, Style};
use server::PALETTE;

use super::model::{Picture, Request};

/// Explains the picture.
pub(crate) const LEGEND: &str = "\
A picture sums up the visits of a scene. Each instance has a lane, with the
counts from left to right. After a gap, another visitor comes.
●  the value is there          |  an incident, such as a restart
✗  the count did not go on     ·  a page without a count";

const BOLD: Style = Style::new().bold();

const MARGIN: &str = "    ";

/// Columns of the terminal that a picture uses.
const WIDTH: usize = 78;

/// The palette on a terminal: each colour as a line, and behind a text in black or white. It is visible on light and
/// dark terminals.
const COLOURS: [(Ansi256Color, Ansi256Color); PALETTE.len()] = [
    (Ansi256Color(32), Ansi256Color(16)),
    (Ansi256Color(136), Ansi256Color(16)),
    (Ansi256Color(93), Ansi256Color(231)),
];

/// A request in the picture.
struct Column<'a> {
    request: &'a Request<'a>,
    /// The characters between it and the request before.
    joint: &'static str,
    /// The count, the status of an error, or a dot. A filled circle comes first if the value is there.
    text: String,
}

/// Draws the lanes of `picture` in colour. Returns `None` if no visitor has seen two counts.
pub(crate) fn draw(picture: &Picture) -> Option<String> {
    if !picture.compares_counts {
        return None;
    }
    let columns: Vec<_> = picture.requests.iter().map(Column::new).collect();
    let names = picture.lanes.iter().map(|lane| lane.unwrap_or("-"));
    let widest = names.map(|name| name.chars().count()).max()?;
    let cell = columns.iter().map(Column::width).max()?;

    // The name stands between the margin and a space, and each line ends with a dash.
    let mut end = MARGIN.len() + widest + 2;
    let fitting = columns.iter().take_while(|column| {
        end += column.joint.chars().count() + cell;
        end <= WIDTH
    });
    let fitting = fitting.count();

    let shown = &columns[..fitting];
    let lanes = picture.lanes.iter().enumerate();
    let mut drawn: Vec<_> = lanes
        .map(|(index, instance)| {
            let name = instance.unwrap_or("-");
            let (line, filled) = picture.colour(index).map_or_else(Default::default, styles);
            let cells = shown.iter().map(|column| {
                // The lane of a killed instance ends.
                let dash = if column.request.down.contains(&index) {
                    " "
                } else {
                    "─"
                };
                let joint = column.joint.replace('─', dash);
                let joint = joint.replace('|', &format!("{line:#}|{line}"));
                let (mark, rest) = if column.request.lane == index {
                    (column.mark(filled), cell - column.width())
                } else {
                    (String::new(), cell)
                };
                let rest = dash.repeat(rest);
                format!("{line}{joint}{line:#}{mark}{line}{rest}{line:#}")
            });
            let cells = cells.collect::<Vec<_>>().concat();
            let is_down = |column: &Column| column.request.down.contains(&index);
            let end = if shown.last().is_some_and(is_down) {
                ""
            } else {
                "─"
            };
            format!("{MARGIN}{BOLD}{name:<widest$}{BOLD:#} {cells}{line}{end}{line:#}\n")
        })
        .collect();
    match columns.len() - fitting {
        0 => {}
        1 => drawn.push(format!("{MARGIN}… and 1 more request\n")),
        left => drawn.push(format!("{MARGIN}… and {left} more requests\n")),
    }
    Some(drawn.concat())
}

impl<'a> Column<'a> {
    fn new(request: &'a Request<'a>) -> Self {
        let step = request.step;
        let value = if step.value.is_some() { "●" } else { "" };
        let text = match (step.count, step.status) {
            (Some(count), _) => format!("{value}{count}"),
            (None, Some(status @ 400..)) => status.to_string(),
            _ if value.is_empty() => "·".to_owned(),
            _ => value.to_owned(),
        };
        let joint = match (request.incidents.is_empty(), request.gap) {
            (false, true) => " | ",
            (false, false) => "─|─",
            (true, true) => "   ",
            (true, false) => "──",
        };
        Self {
            request,
            joint,
            text,
        }
    }

    /// Returns its text, in the style `filled` if the value is there, and its cross.
    fn mark(&self, filled: Style) -> String {
        let has_value = self.request.step.value.is_some();
        let style = if has_value { filled } else { BOLD };
        let cross = if self.request.cross { "✗" } else { "" };
        format!("{style}{}{style:#}{BOLD}{cross}{BOLD:#}", self.text)
    }

    fn width(&self) -> usize {
        self.text.chars().count() + usize::from(self.request.cross)
    }
}

/// Returns the styles of a line and of filled marks in a colour of the palette.
fn styles(index: usize) -> (Style, Style) {
    let (colour, text) = COLOURS[index];
    let filled = Style::new().bold().fg_color(Some(text.into()));
    (colour.on_default(), filled.bg_color(Some(colour.into())))
}

#[cfg(test)]
mod tests {
    use crate::step::Step;

    use super::super::sample::{of_visitor, restart, visit};
    use super::*;

    /// Expects `lines` in plain characters, without the margin.
    #[track_caller]
    fn assert_picture(steps: impl IntoIterator<Item = Step>, lines: &[&str]) {
        let picture = draw(&Picture::new(&steps.into_iter().collect::<Vec<_>>())).unwrap();
        let picture = anstream::adapter::strip_str(&picture).to_string();
        let seen: Vec<_> = picture.lines().map(|line| &line[MARGIN.len()..]).collect();
        assert_eq!(seen, lines, "\n{picture}");
    }

    #[test]
    fn memory_on_two_instances_has_two_counts() {
        let steps = [(1, 0), (2, 0), (1, 1), (2, 1)];
        assert_picture(
            steps.map(|(number, count)| visit("memory", number, count, false)),
            &["memory-1 ──0───────1──────", "memory-2 ──────0✗──────1✗─"],
        );
    }

    #[test]
    fn files_on_two_instances_show_the_value_every_other_time() {
        let visits = (0..6).map(|it| visit("file", 2 - it % 2, it as u64 / 2, it % 2 == 1));
        assert_picture(
            [visit("file", 1, None, true)].into_iter().chain(visits),
            &[
                "file-1 ──●─────────●0✗───────●1✗───────●2✗─",
                "file-2 ───────0─────────1─────────2────────",
            ],
        );
    }

    #[test]
    fn redis_on_two_instances_has_one_count_and_one_value() {
        let visits = |first: usize, last| {
            (first..=last).map(|it| visit("redis", 1 + (it + it / 6) % 2, it as u64, it > 5))
        };
        let set = visit("redis", 1, None, true);
        assert_picture(
            visits(0, 5).chain([set]).chain(visits(6, 9)),
            &[
                "redis-1 ──0───────2───────4───────●───────●7──────●9─",
                "redis-2 ──────1───────3───────5───────●6──────●8─────",
            ],
        );
    }

    #[test]
    fn restart_between_two_requests_is_a_bar_in_all_lanes() {
        let first = [restart(), visit("memory", 1, 0, false)];
        let second = [visit("memory", 2, 0, false), restart(), restart()];
        let third = [visit("memory", 1, 0, false), restart()];
        assert_picture(
            [&first[..], &second, &third].concat(),
            &["memory-1 ──0──────|─0✗─", "memory-2 ──────0✗─|────"],
        );
    }

    #[test]
    fn lane_ends_where_its_instance_is_killed() {
        let mut kill = restart();
        kill.step = "kill redis-2".to_owned();
        let [first, second] = [0, 1].map(|it| visit("redis", it + 1, it as u64, false));
        assert_picture(
            [first, second, kill, visit("redis", 1, 2, false)],
            &["redis-1 ──0────|─2─", "redis-2 ─────1 |  "],
        );
    }

    #[test]
    fn gap_comes_before_another_visitor_and_no_cross() {
        let visits = [0, 1].map(|count| visit("redis", 1, count, false));
        let other = of_visitor(2, visit("redis", 1, 0, false));
        let back = visit("redis", 1, 2, false);
        assert_picture(
            visits.into_iter().chain([other, restart(), back]),
            &["redis-1 ──0──1   0 | 2─"],
        );
    }

    #[test]
    fn request_without_a_count_is_its_error_or_a_dot() {
        let error = Step {
            status: Some(503),
            ..visit("redis", 1, None, false)
        };
        let unanswered = Step {
            status: None,
            instance: None,
            ..visit("redis", 1, None, false)
        };
        let [first, second] = [0, 2].map(|count| visit("redis", 1, count, false));
        assert_picture(
            [first, error, unanswered, second],
            &[
                "-       ────────────·────────",
                "redis-1 ──0────503───────2───",
            ],
        );
    }

    #[test]
    fn long_scene_shows_the_requests_that_fit() {
        for (requests, end) in [(30, "… and 14 more requests"), (17, "… and 1 more request")] {
            let steps: Vec<_> = (0..requests)
                .map(|count| visit("redis", 1, count, false))
                .collect();
            let picture = draw(&Picture::new(&steps)).unwrap();
            let picture = anstream::adapter::strip_str(&picture).to_string();
            let lengths: Vec<_> = picture.lines().map(|line| line.chars().count()).collect();
            assert!(lengths.iter().all(|length| *length <= WIDTH), "{picture}");
            assert!(picture.ends_with(&format!("    {end}\n")), "{picture}");
        }
    }

    #[test]
    fn scene_without_two_counts_of_a_visitor_has_no_picture() {
        let one = visit("redis", 1, 0, false);
        let other = of_visitor(2, visit("redis", 1, 0, false));
        let login = visit("webserver", 1, None, false);
        assert!(draw(&Picture::new(&[one, other, login, restart()])).is_none());
        assert!(draw(&Picture::new(&[])).is_none());
    }
}
