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
}

impl<'a> Picture<'a> {
    pub(crate) fn new(steps: &'a [Step]) -> Self {
        let answers = steps.iter().filter(|step| step.kind == Kind::Request);
        let lanes: BTreeSet<_> = answers.map(|step| step.instance.as_deref()).collect();
        let lanes: Vec<_> = lanes.into_iter().collect();
        let mut requests: Vec<Request> = Vec::new();
        // The count that each visitor has seen last.
        let mut counts = BTreeMap::new();
        let (mut incidents, mut compares_counts) = (Vec::new(), false);
        for step in steps {
            match step.kind {
                Kind::Request => {}
                // Before the first request, an incident is a part of the setting.
                Kind::Incident if !requests.is_empty() => {
                    incidents.push(&*step.step);
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
            requests.push(Request {
                step,
                lane: lane.unwrap_or_default(),
                incidents: std::mem::take(&mut incidents),
                gap: earlier.is_some_and(|earlier| earlier.visitor != step.visitor),
                cross: before.is_some() && before >= step.count,
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

    /// Returns whether a visitor has set a value, and then got a count without it.
    pub(crate) fn misses_a_value(&self) -> bool {
        let mut had_it = BTreeSet::new();
        self.requests.iter().any(|Request { step, .. }| {
            if step.value.is_some() {
                had_it.insert(step.visitor);
            }
            step.value.is_none() && step.count.is_some() && had_it.contains(&step.visitor)
        })
    }

    /// Returns whether several visitors sent the requests.
    pub(crate) fn has_gaps(&self) -> bool {
        self.requests.iter().any(|request| request.gap)
    }
}
