//! Limits the time that a request waits for the store.

use std::{
    cell::Cell,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep};

use crate::StoreError;

pin_project! {
    /// Work of a store, which ends with [`StoreError::TimedOut`] when it has used up the time that is `left`.
    pub(crate) struct Waiting<'a, W> {
        #[pin]
        work: W,
        left: &'a Cell<Duration>,
        // The clock starts when the work has to wait. The work of a store in memory never does.
        #[pin]
        limit: Option<Sleep>,
    }
}

impl<'a, W> Waiting<'a, W> {
    pub(crate) fn new(work: W, left: &'a Cell<Duration>) -> Self {
        Self {
            work,
            left,
            limit: None,
        }
    }
}

impl<T, W: Future<Output = Result<T, StoreError>>> Future for Waiting<'_, W> {
    type Output = W::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<W::Output> {
        let mut this = self.project();
        if let Poll::Ready(result) = this.work.poll(context) {
            if let Some(limit) = this.limit.as_pin_mut() {
                let left = limit.deadline().saturating_duration_since(Instant::now());
                this.left.set(left);
            }
            return Poll::Ready(result);
        }
        if this.limit.is_none() {
            this.limit.set(Some(sleep(this.left.get())));
        }
        if let Some(limit) = this.limit.as_pin_mut() {
            ready!(limit.poll(context));
        }
        this.left.set(Duration::ZERO);
        Poll::Ready(Err(StoreError::TimedOut))
    }
}
