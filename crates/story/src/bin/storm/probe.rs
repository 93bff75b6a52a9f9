//! Notices when the machine itself is slow, which excuses errors as a fault does.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use crate::record::Record;

/// A write that takes longer leaves a request too little of its 600 ms.
const SLOW: Duration = Duration::from_millis(200);

const PAUSE: Duration = Duration::from_millis(20);

/// Writes to the Redis at `address` all the time, without the proxy. Records as a fault when a write takes long: Redis
/// waits for the disk or for a processor. Never ends.
pub(crate) async fn watch(address: &str, record: &Record) {
    loop {
        // Redis is gone, or has closed the connection.
        let _ = write_until_error(address, record).await;
        sleep(PAUSE).await;
    }
}

async fn write_until_error(address: &str, record: &Record) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    loop {
        let from = record.now();
        stream.write_all(b"SET storm:probe 1\r\n").await?;
        let mut reply = [0; 5];
        stream.read_exact(&mut reply).await?;
        ensure!(reply == *b"+OK\r\n", "Redis answers {reply:?}");
        let took = record.now().saturating_sub(from);
        if took > SLOW {
            let what = format!("Redis takes {} ms for our own write", took.as_millis());
            record.unexplained_fault(what, from);
        }
        sleep(PAUSE).await;
    }
}
