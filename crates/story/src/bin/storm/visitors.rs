//! The visitors, who click all the time.

use std::{rc::Rc, time::Duration};

use actix_rt::task::JoinHandle;
use anyhow::{Result, ensure};
use testkit::{Endpoint, Response, Visitor};
use tokio::time::{MissedTickBehavior, interval};

use crate::record::{Click, Outcome, Record};

/// Tabs of each session. A session with one tab sends its requests one after the other.
const TABS: [usize; 6] = [1, 1, 1, 1, 3, 3];

/// The pause between two clicks in a tab.
const PACE: Duration = Duration::from_millis(40);

pub(crate) const SESSIONS: usize = TABS.len();

/// Logs a visitor in for each session of `record`, and opens their tabs. Each tab clicks until the storm is over.
pub(crate) async fn arrive(
    endpoint: &Endpoint,
    record: &Rc<Record>,
) -> Result<Vec<JoinHandle<()>>> {
    let mut running = Vec::new();
    for (index, tabs) in TABS.into_iter().enumerate() {
        let mut visitor = Visitor::new();
        let login = format!(r#"{{"userId":"{}"}}"#, record.sessions[index].user);
        let seen = visitor.post_json(endpoint, "/login", &login).await?;
        ensure!(seen.status == 200, "the login got {seen:?}");
        for tab in 1..=tabs {
            let visitor = visitor.clone();
            let clicks = click(visitor, endpoint.clone(), Rc::clone(record), index, tab);
            running.push(actix_rt::spawn(clicks));
        }
    }
    Ok(running)
}

/// Clicks in a tab of the session with this `index`.
async fn click(
    mut visitor: Visitor,
    endpoint: Endpoint,
    record: Rc<Record>,
    index: usize,
    tab: usize,
) {
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !record.is_over.get() {
        pace.tick().await;
        let sent = record.now();
        let clicks = &record.sessions[index].clicks;
        let number = clicks.borrow().len();
        clicks.borrow_mut().push(Click {
            tab,
            sent,
            ended: sent,
            outcome: Outcome::InFlight,
        });
        let seen = visitor.get(&endpoint, "/api/counter").await;
        let click = &mut clicks.borrow_mut()[number];
        click.ended = record.now();
        click.outcome = outcome(seen);
    }
}

fn outcome(seen: Result<Response>) -> Outcome {
    let seen = match seen {
        Ok(seen) => seen,
        Err(error) => return Outcome::Unanswered(format!("{error:#}")),
    };
    match seen.count() {
        Some(count) => Outcome::Counted(count),
        None => match seen.instance {
            Some(instance) => Outcome::Failed(format!("{} from {instance}", seen.status)),
            None => Outcome::Unanswered(format!("{} from HAProxy", seen.status)),
        },
    }
}
