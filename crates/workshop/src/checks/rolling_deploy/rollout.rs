//! Runs the script while visitors come, and records what happens to the instances.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    path::Path,
    process::ExitStatus,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use testkit::{Group, wait_until};
use tokio::time::{sleep, timeout};

use super::{
    load::{Crowd, Load},
    site::{NEW, OLD, Site, ready_version},
};

/// The longest time that the script may take.
pub(super) const SCRIPT_LIMIT: Duration = Duration::from_secs(20);

/// How long the check waits for what the script has begun and not waited for.
const SETTLING: Duration = Duration::from_secs(3);

/// The time between two looks at the instances.
const PAUSE: Duration = Duration::from_millis(20);

/// How far an old instance has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Old {
    Serves,
    /// It was asked to stop.
    Stops,
    HasEnded,
}

/// How far a new instance has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum New {
    None,
    /// The script has started a process.
    Started,
    /// Its health check succeeds.
    Ready,
    /// HAProxy sends it visitors.
    InService,
}

/// The state of app-1 or app-2 at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct AppState {
    pub(super) old: Old,
    pub(super) new: New,
    /// Whether a command has made HAProxy take it out of service.
    pub(super) drained: bool,
    /// Where HAProxy sends its visitors.
    pub(super) address: SocketAddr,
}

/// The state of both at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    at: Instant,
    pub(super) apps: [AppState; 2],
}

impl Sample {
    pub(super) fn both(&self, holds: impl Fn(&AppState) -> bool) -> bool {
        self.apps.iter().all(holds)
    }
}

/// The events while the script ran, and shortly afterwards.
pub(super) struct Rollout {
    started: Instant,
    /// Is missing if the script still ran after [`SCRIPT_LIMIT`].
    pub(super) status: Option<ExitStatus>,
    pub(super) took: Duration,
    /// The states in their order.
    pub(super) samples: Vec<Sample>,
    /// The state right after the script's end.
    pub(super) at_end: Sample,
    /// Whether a new instance is on the spare port at last, to which HAProxy sends no visitors.
    pub(super) surplus: bool,
    pub(super) load: Load,
    /// The new instances end with it.
    _group: Group,
}

/// Runs `script` at `site` while visitors come.
pub(super) async fn roll_out(site: &mut Site, script: &Path) -> Result<Rollout> {
    let crowd = Crowd::arrive(site.endpoint()).await?;
    let started = Instant::now();
    let (mut child, group) = site.run(script)?;
    let (over, samples) = (Cell::new(false), RefCell::new(Vec::new()));
    let script = async {
        let ended = timeout(SCRIPT_LIMIT, child.wait()).await;
        let status = ended.ok().transpose().context("cannot wait for bash")?;
        let took = started.elapsed();
        // The look after the next one begins after the script's end.
        let index = samples.borrow().len() + 1;
        let at_end = wait_until("two more looks", SETTLING * 10, async || {
            Ok(samples.borrow().get(index).copied())
        });
        let at_end: Sample = at_end.await?;
        while status.is_some_and(|it| it.success()) && started.elapsed() < took + SETTLING {
            let last = samples.borrow().last().copied();
            if last.is_none_or(|last: Sample| {
                last.both(|app| app.new == New::InService && app.old == Old::HasEnded)
            }) {
                break;
            }
            sleep(PAUSE).await;
        }
        over.set(true);
        anyhow::Ok((status, took, at_end))
    };
    let watch = async {
        while !over.get() {
            let sample = look(site).await?;
            samples.borrow_mut().push(sample);
            sleep(PAUSE).await;
        }
        Ok(())
    };
    let visits = async { Ok(crowd.until(&over).await) };
    let ((status, took, at_end), (), load) = tokio::try_join!(script, watch, visits)?;
    let (samples, spare) = (samples.into_inner(), site.spare_address());
    let used = |sample: &Sample| sample.apps.iter().any(|app| app.address == spare);
    let surplus = !samples.last().is_some_and(used) && ready_version(spare).await.is_some();
    Ok(Rollout {
        started,
        status,
        took,
        samples,
        at_end,
        surplus,
        load,
        _group: group,
    })
}

async fn look(site: &mut Site) -> Result<Sample> {
    // The old ones first. If one of them stops because a new one has started, this look sees both.
    let mut old = Vec::new();
    for app in &mut site.apps {
        old.push(match app.is_running()? {
            false => Old::HasEnded,
            true if app.log().contains("stopping;") => Old::Stops,
            true => Old::Serves,
        });
    }
    let servers = site.balancer.inspect().await?.servers;
    let mut apps = Vec::new();
    for (number, (old, server)) in (1..).zip(old.into_iter().zip(&servers)) {
        let address = server.address.parse()?;
        let is_ready = ready_version(address).await.as_deref() == Some(NEW);
        let new = match is_ready {
            true if server.up && !server.drained => New::InService,
            true => New::Ready,
            false if site.has_started(number) => New::Started,
            false => New::None,
        };
        apps.push(AppState {
            old,
            new,
            drained: server.drained,
            address,
        });
    }
    let apps = apps.try_into().ok().context("HAProxy lacks a server")?;
    let at = Instant::now();
    Ok(Sample { at, apps })
}

impl Rollout {
    /// Describes in a few lines what happened.
    pub(super) fn steps(&self) -> Vec<String> {
        let when = |holds: &dyn Fn(&Sample) -> bool| {
            let sample = self.samples.iter().find(|sample| holds(sample));
            let seconds = sample.map(|it| it.at.duration_since(self.started).as_secs_f32());
            seconds.map_or_else(
                || "never".to_owned(),
                |seconds| format!("at {seconds:.1} s"),
            )
        };
        let apps = (0..2).map(|index| {
            let stops = when(&|sample| sample.apps[index].old >= Old::Stops);
            let ends = when(&|sample| sample.apps[index].old == Old::HasEnded);
            let serves = when(&|sample| sample.apps[index].new == New::InService);
            let number = index + 1;
            format!(
                "app-{number}: {OLD} stops {stops}, has ended {ends}; {NEW} in service {serves}"
            )
        });
        let ended = match self.status {
            Some(status) => {
                let seconds = self.took.as_secs_f32();
                format!("the script ends after {seconds:.1} s: {status}")
            }
            None => format!("the script still runs after {} s", SCRIPT_LIMIT.as_secs()),
        };
        apps.chain([ended, self.load.in_words()]).collect()
    }
}
