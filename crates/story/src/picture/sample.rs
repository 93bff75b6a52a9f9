//! Steps for the tests of pictures.

use crate::step::{Kind, Step};

/// Records a request of the visitor 1 to the instance with this number of `demo`. A value is there or not.
pub(super) fn visit(demo: &str, number: usize, count: impl Into<Option<u64>>, value: bool) -> Step {
    Step {
        visitor: Some(1),
        status: Some(200),
        count: count.into(),
        value: value.then(|| "hello".to_owned()),
        instance: Some(format!("{demo}-{number}")),
        ..Step::new(Kind::Request, "GET /", "", "")
    }
}

pub(super) fn of_visitor(visitor: usize, step: Step) -> Step {
    Step {
        visitor: Some(visitor),
        ..step
    }
}

pub(super) fn restart() -> Step {
    Step::new(Kind::Incident, "restart", "done", "done")
}
