//! A picture before it is drawn: which instance answered each request of a scene, and what came between the requests.

use std::collections::{BTreeMap, BTreeSet};

use server::colour_index;

use crate::step::{Kind, Step};

/// The requests of a scene in order, and the instances that answered them.
pub(crate) struct Picture<'a> {
    /// The instances, and `None` if some request got no response. Each has a lane.
    pub(crate) lanes: Vec<Option<&'a str>>,
    pub(crate) requests: Vec<Request<'a>>,
    /// Whether a visitor has seen two counts.
    pub(crate) compares_counts: bool,
}

/// A request in a picture.
pub(crate) struct Request<'a> {
    pub(crate) step: &'a Step,
    /// The index of its lane.
    pub(crate) lane: usize,
    /// The incidents between it and the request before.
    pub(crate) incidents: Vec<&'a str>,
    /// Whether another visitor sent the request before.
    pub(crate) gap: bool,
    /// Whether the visitor has already seen this count or a higher one.
    pub(crate) cross: bool,
    /// Whether the visitor has set a value, and got a count without it.
    pub(crate) missing: bool,
    /// The lanes of the instances that are killed.
    pub(crate) down: BTreeSet<usize>,
}

impl<'a> Picture<'a> {
    pub(crate) fn new(steps: &'a [Step]) -> Self {
        let answers = steps.iter().filter(|step| step.kind == Kind::Request);
        let lanes: BTreeSet<_> = answers.map(|step| step.instance.as_deref()).collect();
        let lanes: Vec<_> = lanes.into_iter().collect();
        let mut requests: Vec<Request> = Vec::new();
        // The count that each visitor has seen last.
        let mut counts = BTreeMap::new();
        // The visitors that have set a value.
        let mut owners = BTreeSet::new();
        let mut down = BTreeSet::new();
        let (mut incidents, mut compares_counts) = (Vec::new(), false);
        for step in steps {
            match step.kind {
                Kind::Request => {}
                // Before the first request, an incident is a part of the setting.
                Kind::Incident if !requests.is_empty() => {
                    incidents.push(&*step.step);
                    if let Some((name, is_killed)) = killed_or_started(&step.step)
                        && let Ok(lane) = lanes.binary_search(&Some(name))
                    {
                        if is_killed {
                            down.insert(lane);
                        } else {
                            down.remove(&lane);
                        }
                    }
                    continue;
                }
                _ => continue,
            }
            let earlier = requests.last().map(|request| request.step);
            let before = step
                .count
                .and_then(|count| counts.insert(step.visitor, count));
            compares_counts |= before.is_some();
            let lane = lanes.binary_search(&step.instance.as_deref());
            let lane = lane.unwrap_or_default();
            down.remove(&lane);
            if step.value.is_some() {
                owners.insert(step.visitor);
            }
            let has_set = owners.contains(&step.visitor);
            requests.push(Request {
                step,
                lane,
                incidents: std::mem::take(&mut incidents),
                gap: earlier.is_some_and(|earlier| earlier.visitor != step.visitor),
                cross: before.is_some() && before >= step.count,
                missing: has_set && step.value.is_none() && step.count.is_some(),
                down: down.clone(),
            });
        }
        Self {
            lanes,
            requests,
            compares_counts,
        }
    }

    /// Returns the index in the palette for the lane with this index. A request without a response has no colour.
    pub(crate) fn colour(&self, lane: usize) -> Option<usize> {
        self.lanes[lane].map(|name| colour_index(name, lane))
    }

    /// Returns the colour of the instance that answered `step`.
    pub(crate) fn colour_of(&self, step: &Step) -> Option<usize> {
        self.colour(self.lanes.binary_search(&step.instance.as_deref()).ok()?)
    }

    /// Returns whether several visitors sent the requests.
    pub(crate) fn has_gaps(&self) -> bool {
        self.requests.iter().any(|request| request.gap)
    }
}

/// Returns the instance that an incident is about, and whether it is killed. Otherwise it is started again.
fn killed_or_started(incident: &str) -> Option<(&str, bool)> {
    let started = || {
        let name = incident.strip_prefix("start ")?.strip_suffix(" again")?;
        Some((name, false))
    };
    let killed = incident.strip_prefix("kill ");
    killed.map(|name| (name, true)).or_else(started)
}
