//! The record of a storm: its faults, and the clicks of each session. Times count from the start of the storm.

use std::{
    cell::{Cell, RefCell},
    fmt,
    time::{Duration, Instant},
};

/// A click, from the request to the end of the response.
#[derive(Debug, Clone)]
pub(crate) struct Click {
    /// The tab of the browser; the tabs of a session click at the same time.
    pub(crate) tab: usize,
    pub(crate) sent: Duration,
    /// The same as `sent` while the request is in flight.
    pub(crate) ended: Duration,
    pub(crate) outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The request has not ended yet.
    InFlight,
    /// The server acknowledged the click with this count.
    Counted(u64),
    /// An instance answered with an error, and does nothing more for the click. It may have counted.
    Failed(String),
    /// No instance answered. It may work on the click later, if it was frozen.
    Unanswered(String),
}

impl Click {
    pub(crate) fn took(&self) -> Duration {
        self.ended.saturating_sub(self.sent)
    }
}

/// A fault, from its start to its end.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) what: String,
    pub(crate) from: Duration,
    /// `None` while it lasts.
    pub(crate) to: Option<Duration>,
}

/// The clicks of one session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) user: String,
    pub(crate) clicks: RefCell<Vec<Click>>,
}

/// Everything that happened.
#[derive(Debug)]
pub(crate) struct Record {
    started: Instant,
    pub(crate) faults: RefCell<Vec<Fault>>,
    pub(crate) sessions: Vec<Session>,
    /// The visitors stop clicking when it is set.
    pub(crate) is_over: Cell<bool>,
}

impl Record {
    /// Begins the record of a storm with `sessions` sessions.
    pub(crate) fn begin(sessions: usize) -> Self {
        let session = |number| Session {
            user: format!("visitor-{number}"),
            clicks: RefCell::default(),
        };
        Self {
            started: Instant::now(),
            faults: RefCell::default(),
            sessions: (1..=sessions).map(session).collect(),
            is_over: Cell::new(false),
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Records a fault called `what` that lasts as long as `strike`.
    pub(crate) async fn fault<T>(&self, what: String, strike: impl Future<Output = T>) -> T {
        let index = self.faults.borrow().len();
        self.faults.borrow_mut().push(Fault {
            what,
            from: self.now(),
            to: None,
        });
        let result = strike.await;
        self.faults.borrow_mut()[index].to = Some(self.now());
        result
    }

    /// Records a fault called `what` that began at `from` and has ended, unless another one explains it.
    pub(crate) fn unexplained_fault(&self, what: String, from: Duration) {
        let mut faults = self.faults.borrow_mut();
        if faults
            .iter()
            .all(|fault| fault.to.is_some_and(|to| to < from))
        {
            let to = Some(self.now());
            faults.push(Fault { what, from, to });
        }
    }

    /// Returns how many clicks were acknowledged, and how many failed.
    pub(crate) fn clicks(&self) -> (usize, usize) {
        let (mut counted, mut failed) = (0, 0);
        for session in &self.sessions {
            for click in session.clicks.borrow().iter() {
                match click.outcome {
                    Outcome::InFlight => {}
                    Outcome::Counted(_) => counted += 1,
                    Outcome::Failed(_) | Outcome::Unanswered(_) => failed += 1,
                }
            }
        }
        (counted, failed)
    }
}

impl fmt::Display for Click {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sent, ended) = (self.sent.as_secs_f64(), self.ended.as_secs_f64());
        write!(f, "{sent:9.3} to {ended:9.3}  tab {}: ", self.tab)?;
        match &self.outcome {
            Outcome::InFlight => write!(f, "in flight"),
            Outcome::Counted(count) => write!(f, "{count}"),
            Outcome::Failed(error) | Outcome::Unanswered(error) => write!(f, "failed: {error}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:9.3} to ", self.from.as_secs_f64())?;
        match self.to {
            Some(to) => write!(f, "{:9.3}", to.as_secs_f64())?,
            None => write!(f, "      now")?,
        }
        write!(f, "  {}", self.what)
    }
}
