//! Docker's health check of a demo: asks the server at the address that the first argument names for `/healthz`.
//!
//! It exits with 0 if the server answers 200 in time. The image has neither a shell nor curl.

use std::{
    env,
    error::Error,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Limits each wait: to connect, to send and to receive.
const TIMEOUT: Duration = Duration::from_secs(1);

fn main() -> Result<(), Box<dyn Error>> {
    let address: SocketAddr = env::args()
        .nth(1)
        .ok_or("usage: health-check IP:PORT")?
        .parse()?;
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n")?;
    // The status line begins with "HTTP/1.0 200".
    let mut start = [0; 12];
    stream.read_exact(&mut start)?;
    if !start.ends_with(b" 200") {
        return Err(String::from_utf8_lossy(&start).into());
    }
    Ok(())
}
