//! Checks what visitors see besides their counts: each request ends in time, and errors end soon after the faults.

use std::time::Duration;

use crate::{
    record::{Click, Fault, Outcome},
    violation::Violation,
};

/// The longest time for a request. An instance waits for Redis for 600 ms. HAProxy needs up to two seconds to notice
/// that an instance is frozen, and ends its requests then.
pub(crate) const DEADLINE: Duration = Duration::from_secs(3);

/// How long errors may go on after the last fault.
pub(crate) const RECOVERY: Duration = Duration::from_secs(2);

/// Returns the longest time between the end of a fault and the last failed click that was sent after it.
pub(crate) fn check(clicks: &[Click], faults: &[Fault]) -> Result<Duration, Violation> {
    let mut longest = Duration::ZERO;
    for click in clicks {
        let took = click.took();
        if took > DEADLINE {
            let what = format!("a request took {:.1} s", took.as_secs_f32());
            return Err(Violation::at(click.sent, what));
        }
        let (Outcome::Failed(error) | Outcome::Unanswered(error)) = &click.outcome else {
            continue;
        };
        let Some(calm_for) = calm_for(click, faults) else {
            continue;
        };
        if calm_for > RECOVERY {
            let what = format!(
                "a request failed {:.1} s after the last fault: {error}",
                calm_for.as_secs_f32()
            );
            return Err(Violation::at(click.sent, what));
        }
        longest = longest.max(calm_for);
    }
    Ok(longest)
}

/// Returns how long the last fault had been over when `click` was sent, or `None` if a fault struck during the click.
fn calm_for(click: &Click, faults: &[Fault]) -> Option<Duration> {
    let mut last_end = Duration::ZERO;
    for fault in faults.iter().filter(|fault| fault.from <= click.ended) {
        last_end = last_end.max(fault.to.filter(|to| *to < click.sent)?);
    }
    Some(click.sent.saturating_sub(last_end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// A click that failed.
    fn failed(sent: u64, ended: u64) -> Click {
        Click {
            tab: 1,
            sent: millis(sent),
            ended: millis(ended),
            outcome: Outcome::Failed("503".to_owned()),
        }
    }

    fn fault(from: u64, to: Option<u64>) -> Fault {
        Fault {
            what: "a fault".to_owned(),
            from: millis(from),
            to: to.map(millis),
        }
    }

    #[test]
    fn errors_may_go_on_for_two_seconds() {
        let faults = [fault(5000, Some(6000))];
        let during = failed(5100, 5600);
        let after = failed(7900, 8400);
        assert_eq!(check(&[during], &faults).unwrap(), Duration::ZERO);
        assert_eq!(check(&[after], &faults).unwrap(), millis(1900));
    }

    #[test]
    fn an_error_after_two_seconds_is_a_violation() {
        let faults = [fault(1000, Some(5000)), fault(2000, Some(3000))];
        assert!(check(&[failed(6900, 6910)], &faults).is_ok());
        let late = check(&[failed(7100, 7110)], &faults).unwrap_err();
        assert_eq!(
            late.what,
            "a request failed 2.1 s after the last fault: 503"
        );
        // A fault that lasts or that begins during the click explains the error.
        let lasting = [fault(1000, None)];
        assert!(check(&[failed(7100, 7110)], &lasting).is_ok());
        let later = [fault(1000, Some(2000)), fault(7105, Some(8000))];
        assert!(check(&[failed(7100, 7110)], &later).is_ok());
    }

    #[test]
    fn an_error_before_the_first_fault_is_a_violation() {
        assert!(check(&[failed(2100, 2200)], &[fault(3000, None)]).is_err());
    }

    #[test]
    fn a_request_past_its_deadline_is_a_violation() {
        let faults = [fault(0, None)];
        assert!(check(&[failed(0, 3000)], &faults).is_ok());
        let slow = check(&[failed(0, 3001)], &faults).unwrap_err();
        assert_eq!(slow.what, "a request took 3.0 s");
    }
}
