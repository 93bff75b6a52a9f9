//! A storm from its first gust to its summary.

use std::{
    io::{IsTerminal, Write, stderr},
    rc::Rc,
    time::Duration,
};

use anyhow::{Result, anyhow};
use fastrand::Rng;
use testkit::TestEnv;
use tokio::time::{interval, sleep};

use crate::{
    calm::{self, RECOVERY},
    gust::Gust,
    history, probe,
    record::{Click, Record},
    site::Site,
    visitors,
};

/// How long the visitors must see no error between two gusts.
const CALM: Duration = Duration::from_millis(500);

/// Moves to the start of the line, and clears it.
const CLEAR_LINE: &str = "\r\x1b[K";

/// Runs a storm for at least `lasts`, and returns its summary. The error of a violation has the history.
pub(crate) async fn run(seed: u64, lasts: Duration) -> Result<String> {
    testkit::build()?;
    let env = TestEnv::new()?;
    let mut site = Site::start(&env).await?;
    let record = Rc::new(Record::begin(visitors::SESSIONS));
    let redis_address = site.redis.address();
    let tabs = visitors::arrive(&site.deployment.endpoint, &record).await?;
    let gusts = async {
        let mut rng = Rng::with_seed(seed);
        while record.now() < lasts {
            Gust::random(&mut rng).strike(&mut site, &record).await?;
            sleep(RECOVERY + CALM).await;
            check(seed, &record)?;
        }
        anyhow::Ok(())
    };
    let outcome = tokio::select! {
        outcome = gusts => outcome,
        outcome = show_progress(&record, lasts) => outcome,
        () = probe::watch(&redis_address, &record) => Ok(()),
    };
    if stderr().is_terminal() {
        eprint!("{CLEAR_LINE}");
    }
    outcome?;
    record.is_over.set(true);
    for tab in tabs {
        tab.await?;
    }
    check(seed, &record)
}

/// Checks everything that was recorded so far, and returns a summary.
fn check(seed: u64, record: &Record) -> Result<String> {
    let (mut late_counts, mut recovery, mut slowest) = (0, Duration::ZERO, Duration::ZERO);
    for session in &record.sessions {
        let clicks = session.clicks.borrow();
        let history = history::check(&clicks);
        let calm = calm::check(&clicks, &record.faults.borrow());
        let (counts, calm) = history
            .and_then(|counts| Ok((counts, calm?)))
            .map_err(|violation| anyhow!(violation.report(seed, record, session)))?;
        late_counts += counts;
        recovery = recovery.max(calm);
        let took = clicks.iter().map(Click::took);
        slowest = slowest.max(took.max().unwrap_or_default());
    }
    let (counted, failed) = record.clicks();
    Ok(format!(
        "storm: seed {seed}, {} faults, {counted} clicks acknowledged: none lost, none repeated\n\
         storm: {failed} clicks failed, and {late_counts} of them counted; the slowest request \
         took {} ms\n\
         storm: errors went on for at most {} ms after a fault",
        record.faults.borrow().len(),
        slowest.as_millis(),
        recovery.as_millis(),
    ))
}

/// Shows the progress each second if the output goes to a terminal. Never ends.
async fn show_progress(record: &Record, lasts: Duration) -> Result<()> {
    let mut seconds = interval(Duration::from_secs(1));
    loop {
        seconds.tick().await;
        if !stderr().is_terminal() {
            continue;
        }
        let (counted, failed) = record.clicks();
        let faults = record.faults.borrow();
        let now = faults.iter().rfind(|fault| fault.to.is_none());
        let now = now.map_or("calm", |fault| &fault.what);
        let line = format!(
            "{} of {} s, {} faults, {counted} clicks, {failed} failed: {now}",
            record.now().as_secs(),
            lasts.as_secs(),
            faults.len(),
        );
        // It fits into a terminal of 80 columns.
        write!(stderr(), "{CLEAR_LINE}{line:.79}")?;
    }
}
