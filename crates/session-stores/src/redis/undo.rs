//! Takes back a command whose reply did not come in time.

use std::time::Duration;

use deadpool_redis::redis::{Cmd, aio::MultiplexedConnection};
use tokio::{runtime::Handle, time::sleep};

/// How long commands may still be on their way.
const STILL_ARRIVES: Duration = Duration::from_secs(60);

/// Sends a command when it is dropped, unless [`forget`](Self::forget) was called.
///
/// It uses the connection of the command that it takes back. So Redis runs it after that one, however late both arrive.
pub(super) struct Undo {
    connection: MultiplexedConnection,
    command: Option<Cmd>,
}

impl Undo {
    pub(super) fn new(connection: MultiplexedConnection, command: Cmd) -> Self {
        Self {
            connection,
            command: Some(command),
        }
    }

    pub(super) fn forget(mut self) {
        self.command = None;
    }
}

impl Drop for Undo {
    fn drop(&mut self) {
        let (Some(command), Ok(runtime)) = (self.command.take(), Handle::try_current()) else {
            return;
        };
        let mut connection = self.connection.clone();
        runtime.spawn(async move {
            if command.query_async::<()>(&mut connection).await.is_err() {
                // A connection that is closed too early may lose what has not arrived yet.
                sleep(STILL_ARRIVES).await;
            }
        });
    }
}
