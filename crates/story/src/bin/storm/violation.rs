//! A violation: something that no visitor may see. Describes it with its history.

use std::{fmt::Write, time::Duration};

use crate::record::{Record, Session};

/// Clicks that are printed before and after the violation.
const AROUND: usize = 15;

#[derive(Debug)]
pub(crate) struct Violation {
    /// The time of the click that shows it.
    pub(crate) at: Duration,
    pub(crate) what: String,
}

impl Violation {
    pub(crate) fn at(at: Duration, what: String) -> Self {
        Self { at, what }
    }

    /// Describes the violation with the history of `session` around it.
    pub(crate) fn report(&self, seed: u64, record: &Record, session: &Session) -> String {
        let mut clicks = session.clicks.borrow().clone();
        clicks.sort_by_key(|click| click.sent);
        let index = clicks.partition_point(|click| click.sent < self.at);
        let first = index.saturating_sub(AROUND);
        let last = (index + AROUND).min(clicks.len());
        let shown = &clicks[first..last];
        let from = shown.first().map_or(self.at, |click| click.sent);
        let until = shown.last().map_or(self.at, |click| click.ended);
        let what = format!(
            "{}, at {:.3} s: {}",
            session.user,
            self.at.as_secs_f64(),
            self.what
        );
        let mut text = format!("{what}\n\nfaults, in seconds since the start:\n");
        let mut faults = record.faults.borrow().clone();
        faults.sort_by_key(|fault| fault.from);
        for fault in &faults {
            let is_near = fault.to.is_none_or(|to| to + Duration::from_secs(5) > from);
            if is_near && fault.from <= until {
                let _ = writeln!(text, "  {fault}");
            }
        }
        let _ = writeln!(
            text,
            "\nclicks {} to {last} of {}:",
            first + 1,
            clicks.len()
        );
        for click in shown {
            let mark = if click.sent == self.at { '>' } else { ' ' };
            let _ = writeln!(text, "{mark} {click}");
        }
        // Once more at the end, where a long report is read first.
        let _ = write!(text, "\n{what}\nrepeat these faults with --seed {seed}");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Click, Fault, Outcome};

    #[test]
    fn a_report_has_the_seed_the_faults_and_the_clicks() {
        let record = Record::begin(1);
        let seconds = Duration::from_secs;
        record.faults.borrow_mut().push(Fault {
            what: "restart Redis".to_owned(),
            from: seconds(1),
            to: Some(seconds(2)),
        });
        let session = &record.sessions[0];
        session.clicks.borrow_mut().push(Click {
            tab: 1,
            sent: seconds(3),
            ended: seconds(4),
            outcome: Outcome::Counted(7),
        });
        let violation = Violation::at(seconds(3), "7 is wrong".to_owned());
        let report = violation.report(42, &record, session);
        for part in [
            "visitor-1, at 3.000 s: 7 is wrong",
            "1.000 to     2.000  restart Redis",
            ">     3.000 to     4.000  tab 1: 7",
            "--seed 42",
        ] {
            assert!(report.contains(part), "{part}: {report}");
        }
    }
}
