//! The threads that wait for the disk.

use std::io;

use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinError,
};

/// A few threads that share one queue of work. A busy thread takes the next work without a pause.
#[derive(Debug)]
pub(super) struct Threads {
    handle: Handle,
    /// Owns the threads. It is `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl Threads {
    /// Creates the queue for at most `most` threads. One starts when there is work for it, and ends after some seconds
    /// without work.
    pub(super) fn new(most: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(most)
            .thread_name("session-file")
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    /// Runs `work` on one of the threads and returns its result.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        self.handle.spawn_blocking(work).await
    }
}

impl Drop for Threads {
    /// Lets the threads end on their own. A runtime that waits for its threads must not be dropped in async code.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::mpsc, thread, time::Duration};

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn much_work_shares_a_few_threads() {
        let threads = Threads::new(4).unwrap();
        let work = || {
            thread::sleep(Duration::from_millis(1));
            thread::current().id()
        };
        let ids = join_all((0..100).map(|_| threads.run(work))).await;
        let ids: HashSet<_> = ids.into_iter().map(Result::unwrap).collect();
        assert_eq!(ids.len(), 4);
    }

    #[tokio::test]
    async fn a_store_that_is_dropped_does_not_wait_for_its_disk() {
        let threads = Threads::new(4).unwrap();
        let (disk, hangs) = mpsc::channel::<()>();
        let (started, starts) = mpsc::channel();
        drop(threads.handle.spawn_blocking(move || {
            started.send(()).unwrap();
            hangs.recv()
        }));
        starts.recv().unwrap();
        drop(threads);
        // Until here the thread hangs.
        drop(disk);
    }
}
