//! Checks the history of a session as a counter: no acknowledged click is lost or repeated.
//!
//! A click that failed may have counted once or not at all. Its write may be late. But the write has no effect if
//! another click has counted since the instance read the session. So a failed click explains a count only if an
//! instance was still working on it when the count before was taken. The clicks of a session may overlap.

use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

use crate::{
    record::{Click, Outcome},
    violation::Violation,
};

/// How long a frozen instance may still work on a click after HAProxy has given it up. No freeze lasts longer.
const FROZEN: Duration = Duration::from_secs(5);

/// Returns how many of the failed clicks have counted.
pub(crate) fn check(clicks: &[Click]) -> Result<u64, Violation> {
    let mut counted = Vec::new();
    let mut failed = Vec::new();
    for click in clicks {
        match click.outcome {
            Outcome::Counted(count) => counted.push((count, click)),
            Outcome::InFlight => failed.push((click.sent, Duration::MAX)),
            Outcome::Failed(_) => failed.push((click.sent, click.ended)),
            Outcome::Unanswered(_) => failed.push((click.sent, click.ended + FROZEN)),
        }
    }
    counted.sort_by_key(|(count, click)| (*count, click.sent));
    failed.sort();

    // For each count, the time by which it and all smaller counts were taken.
    let mut taken_by = vec![Duration::MAX; counted.len() + 1];
    for (index, (_, click)) in counted.iter().enumerate().rev() {
        taken_by[index] = taken_by[index + 1].min(click.ended);
    }

    let mut late_counts = 0;
    let mut failed = failed.into_iter().peekable();
    // The failed clicks that may explain a count, by the end of the work on them. The earliest one is used first.
    let mut may_count = BinaryHeap::new();
    let mut previous = 0;
    // Counts greater than the previous one were taken after this time.
    let mut taken_after = Duration::ZERO;
    for (index, &(count, click)) in counted.iter().enumerate() {
        let violation = |what| Err(Violation::at(click.sent, what));
        if count <= previous {
            return violation(format!("the count {count} was acknowledged twice"));
        }
        if click.sent > taken_by[index + 1] {
            return violation(format!("the count {count} follows a greater one"));
        }
        for missing in previous + 1..count {
            while let Some((_, until)) = failed.next_if(|(sent, _)| *sent <= taken_by[index]) {
                may_count.push(Reverse(until));
            }
            while may_count
                .peek()
                .is_some_and(|Reverse(until)| *until < taken_after)
            {
                may_count.pop();
            }
            if may_count.pop().is_none() {
                return violation(format!(
                    "the count {missing} belongs to no click: no failed click can explain it"
                ));
            }
            late_counts += 1;
        }
        previous = count;
        taken_after = taken_after.max(click.sent);
    }
    Ok(late_counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: u64 = 0;
    const UNANSWERED: u64 = u64::MAX;
    const IN_FLIGHT: u64 = u64::MAX - 1;

    /// A click that was sent and ended at these milliseconds, with its count or one of the constants.
    type Row = (u64, u64, u64);

    fn checked<const N: usize>(rows: [Row; N]) -> Result<u64, String> {
        let clicks = rows.map(|(sent, ended, count)| Click {
            tab: 1,
            sent: Duration::from_millis(sent),
            ended: Duration::from_millis(ended),
            outcome: match count {
                FAILED => Outcome::Failed("503".to_owned()),
                IN_FLIGHT => Outcome::InFlight,
                UNANSWERED => Outcome::Unanswered("502".to_owned()),
                count => Outcome::Counted(count),
            },
        });
        check(&clicks).map_err(|violation| violation.what)
    }

    fn refused<const N: usize>(rows: [Row; N], because: &str) {
        let error = checked(rows).unwrap_err();
        assert!(error.contains(because), "{error}");
    }

    #[test]
    fn each_click_counts_once() {
        assert_eq!(checked([]), Ok(0));
        assert_eq!(checked([(0, 1, 1), (2, 3, 2), (4, 5, 3)]), Ok(0));
    }

    #[test]
    fn a_failed_click_may_count_once_or_not_at_all() {
        assert_eq!(checked([(0, 1, 1), (2, 3, FAILED), (4, 5, 2)]), Ok(0));
        assert_eq!(checked([(0, 1, 1), (2, 3, FAILED), (4, 5, 3)]), Ok(1));
    }

    #[test]
    fn a_failed_click_counts_before_the_next_one_or_never() {
        let rows = [(0, 1, 1), (2, 3, FAILED), (4, 5, 2), (6, 7, 4)];
        refused(rows, "the count 3 belongs to no click");
    }

    #[test]
    fn a_frozen_instance_may_count_for_some_seconds() {
        let rows = [(0, 1, 1), (2, 3, UNANSWERED), (4, 5, 2), (6, 7, 4)];
        assert_eq!(checked(rows), Ok(1));
        let late = [
            (0, 1, 1),
            (2, 3, UNANSWERED),
            (5500, 5501, 2),
            (6000, 6001, 4),
        ];
        refused(late, "the count 3 belongs to no click");
    }

    #[test]
    fn a_click_in_flight_may_have_counted() {
        assert_eq!(checked([(0, 1, 1), (2, 2, IN_FLIGHT), (3, 4, 3)]), Ok(1));
    }

    #[test]
    fn clicks_at_once_may_count_in_any_order() {
        assert_eq!(checked([(0, 9, 3), (1, 8, 1), (2, 9, 2)]), Ok(0));
        assert_eq!(
            checked([(0, 9, FAILED), (1, 2, 1), (3, 4, 2), (5, 6, 4)]),
            Ok(1)
        );
    }

    #[test]
    fn a_repeated_count_is_a_violation() {
        refused(
            [(0, 1, 1), (2, 3, 2), (4, 5, 2)],
            "2 was acknowledged twice",
        );
    }

    #[test]
    fn a_lost_session_is_a_violation() {
        refused(
            [(0, 1, 1), (2, 3, 2), (4, 5, 1)],
            "1 was acknowledged twice",
        );
    }

    #[test]
    fn a_lost_click_is_a_violation() {
        // The count 3 was lost. The click that failed would hide that, if the order did not matter.
        let rows = [(0, 1, 1), (2, 3, FAILED), (4, 5, 3), (6, 7, 2)];
        refused(rows, "2 follows a greater one");
    }

    #[test]
    fn a_click_that_counts_twice_is_a_violation() {
        refused([(0, 1, 1), (2, 3, 3)], "the count 2 belongs to no click");
        let rows = [(0, 1, 1), (2, 3, FAILED), (4, 5, 4)];
        refused(rows, "the count 3 belongs to no click");
    }

    #[test]
    fn a_click_cannot_count_before_it_was_sent() {
        let rows = [(0, 1, 1), (2, 3, 3), (4, 5, FAILED), (6, 7, 4)];
        refused(rows, "the count 2 belongs to no click");
    }

    #[test]
    fn a_greater_count_must_not_end_before_a_smaller_one() {
        refused([(0, 9, 1), (2, 3, 3), (4, 9, 2)], "2 follows");
    }
}
