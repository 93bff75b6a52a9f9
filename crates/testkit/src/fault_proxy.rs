//! A TCP proxy in front of Redis whose connections fail when a test asks for it.
//!
//! It can stop carrying bytes without closing a connection, hold back one command, and lose one
//! response. Each of these happens to real Redis clients, and none can be caused at Redis itself.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};

use anyhow::Result;

use crate::Redis;

/// A proxy in front of one [`Redis`]. It carries every byte until a fault is set.
///
/// Its threads end with the process. Dropping the proxy closes nothing.
#[derive(Debug)]
pub struct FaultProxy {
    port: u16,
    faults: Arc<Faults>,
}

#[derive(Debug, Default)]
struct Faults {
    /// How many connections the proxy has accepted. Each has its number in this order.
    accepted: AtomicUsize,
    /// Connections with a smaller number carry nothing.
    stalled: AtomicUsize,
    /// The fault that strikes, once, the first command that contains the text.
    next: Mutex<Option<(String, Fault)>>,
}

#[derive(Debug)]
enum Fault {
    Hold {
        arrived: Sender<()>,
        released: Receiver<()>,
    },
    LoseResponse,
}

/// A command that [`FaultProxy::hold`] holds back. Dropping it releases the command.
#[derive(Debug)]
pub struct HeldCommand {
    arrived: Receiver<()>,
    /// The proxy waits until this is dropped.
    _release: Sender<()>,
}

impl HeldCommand {
    /// Returns whether the command has reached the proxy since the last call.
    #[must_use]
    pub fn has_arrived(&self) -> bool {
        self.arrived.try_recv().is_ok()
    }

    /// Lets the command go on to Redis.
    pub fn release(self) {
        drop(self);
    }
}

impl FaultProxy {
    /// How long the proxy keeps a client waiting before it closes the connection while Redis is
    /// gone. A tunnel, too, needs a moment to find out that its other end is gone.
    pub const REFUSAL_DELAY: Duration = Duration::from_millis(200);

    /// Starts a proxy in front of `redis`, on a free port.
    pub fn start(redis: &Redis) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let address = redis.address();
        let faults = Arc::new(Faults::default());
        let proxy = Self {
            port,
            faults: Arc::clone(&faults),
        };
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let number = faults.accepted.fetch_add(1, Ordering::SeqCst);
                let (address, faults) = (address.clone(), Arc::clone(&faults));
                thread::spawn(move || serve(&client, &address, number, &faults));
            }
        });
        Ok(proxy)
    }

    /// Returns the URL that clients connect to. It has no password.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Stops carrying bytes on all open connections, without closing them. A firewall that drops
    /// its state does the same. New connections work.
    pub fn stall(&self) {
        let accepted = self.faults.accepted.load(Ordering::SeqCst);
        self.faults.stalled.store(accepted, Ordering::SeqCst);
    }

    /// Holds back the next command that contains `text`, and what its connection sends after it.
    #[must_use]
    pub fn hold(&self, text: &str) -> HeldCommand {
        let ((arrival, arrived), (release, released)) = (channel(), channel());
        self.faults.set(
            text,
            Fault::Hold {
                arrived: arrival,
                released,
            },
        );
        HeldCommand {
            arrived,
            _release: release,
        }
    }

    /// Loses the response to the next command that contains `text`, and closes its connection.
    /// Redis executes the command.
    pub fn lose_response_to(&self, text: &str) {
        self.faults.set(text, Fault::LoseResponse);
    }
}

impl Faults {
    fn set(&self, text: &str, fault: Fault) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Some((text.to_owned(), fault));
    }

    /// Takes the fault if it is meant for `command`.
    fn take(&self, command: &[u8]) -> Option<Fault> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let contains = |text: &str| {
            command
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        };
        next.take_if(|(text, _)| contains(text))
            .map(|(_, fault)| fault)
    }
}

/// The fate of some bytes.
enum Fate {
    Forward,
    Discard,
    /// Discards the bytes and closes the connection.
    Close,
}

/// Carries what `client` and the Redis at `address` send to each other.
fn serve(client: &TcpStream, address: &str, number: usize, faults: &Faults) {
    let Ok(server) = TcpStream::connect(address) else {
        thread::sleep(FaultProxy::REFUSAL_DELAY);
        return;
    };
    let lose_response = AtomicBool::new(false);
    let forward_unless_stalled = || {
        if faults.stalled.load(Ordering::SeqCst) > number {
            Fate::Discard
        } else {
            Fate::Forward
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            carry(client, &server, |command| {
                match faults.take(command) {
                    Some(Fault::Hold { arrived, released }) => {
                        let _ = arrived.send(());
                        // Returns an error when the `HeldCommand` is dropped.
                        let _ = released.recv();
                    }
                    Some(Fault::LoseResponse) => lose_response.store(true, Ordering::SeqCst),
                    None => {}
                }
                forward_unless_stalled()
            });
        });
        carry(&server, client, |_| {
            if lose_response.load(Ordering::SeqCst) {
                Fate::Close
            } else {
                forward_unless_stalled()
            }
        });
    });
}

/// Carries bytes in one direction until either end closes, and then closes the other one.
fn carry(mut from: &TcpStream, mut to: &TcpStream, fate: impl Fn(&[u8]) -> Fate) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        match fate(&buffer[..read]) {
            Fate::Forward if to.write_all(&buffer[..read]).is_ok() => {}
            Fate::Discard => {}
            Fate::Forward | Fate::Close => break,
        }
    }
    for end in [from, to] {
        let _ = end.shutdown(Shutdown::Both);
    }
}
