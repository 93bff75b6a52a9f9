//! A TCP proxy in front of Redis whose connections fail when a test asks for it.
//!
//! It can stop carrying bytes without closing a connection, hold back or delay a command, lose one
//! response, slow down all responses, and let another command go first. Each of these happens to
//! real Redis clients, and none can be caused at Redis itself.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Mutex, MutexGuard, PoisonError,
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
    faults: &'static Faults,
}

#[derive(Debug, Default)]
struct Faults {
    /// How many connections the proxy has accepted. Each has its number in this order.
    accepted: AtomicUsize,
    /// Connections with a smaller number carry nothing.
    stalled: AtomicUsize,
    /// The fault that strikes, once, the first command that contains the text.
    next: Mutex<Option<(String, Fault)>>,
    /// How long the proxy waits before each part of a response, and how many bytes a part has.
    pace: Mutex<Option<(Duration, usize)>>,
    rival: Mutex<Option<Rival>>,
    /// How long each command that contains the text is delayed.
    delay: Mutex<Option<(String, Duration)>>,
}

/// Another client, whose command reaches Redis first.
#[derive(Debug)]
struct Rival {
    /// The text of the commands that it outruns.
    text: String,
    /// Its command, as Redis reads it.
    command: Vec<u8>,
    /// How many more commands it outruns.
    times: usize,
}

#[derive(Debug)]
enum Fault {
    /// Reports that the command has arrived, and waits until the other channel closes.
    Hold(Sender<()>, Receiver<()>),
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
        // A test starts few proxies, and its process ends soon.
        let faults: &Faults = Box::leak(Box::default());
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let number = faults.accepted.fetch_add(1, Ordering::SeqCst);
                let address = address.clone();
                thread::spawn(move || serve(&client, &address, number, faults));
            }
        });
        Ok(Self { port, faults })
    }

    /// Returns the URL that clients connect to. It has no password.
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
    pub fn hold(&self, text: &str) -> HeldCommand {
        let ((arrival, arrived), (release, released)) = (channel(), channel());
        self.faults.set(text, Fault::Hold(arrival, released));
        HeldCommand {
            arrived,
            _release: release,
        }
    }

    /// Delays each command that contains `text`, and what its connection sends after it.
    pub fn delay(&self, text: &str, duration: Duration) {
        *lock(&self.faults.delay) = Some((text.to_owned(), duration));
    }

    /// Waits for `pause` before each `bytes` of a response, on all connections. With 1, Redis answers
    /// byte by byte. With [`usize::MAX`], it answers late.
    pub fn slow_down(&self, pause: Duration, bytes: usize) {
        *lock(&self.faults.pace) = Some((pause, bytes));
    }

    /// Loses the response to the next command that contains `text`, and closes its connection.
    /// Redis executes the command.
    pub fn lose_response_to(&self, text: &str) {
        self.faults.set(text, Fault::LoseResponse);
    }

    /// Lets Redis run `command`, as from another client, just before each of the next `times`
    /// commands that contain `text`.
    pub fn outrun(&self, text: &str, command: &[&str], times: usize) {
        let words = command
            .iter()
            .map(|word| format!("${}\r\n{word}\r\n", word.len()));
        let command = format!("*{}\r\n{}", command.len(), words.collect::<String>());
        *lock(&self.faults.rival) = Some(Rival {
            text: text.to_owned(),
            command: command.into_bytes(),
            times,
        });
    }

    /// Ends a fault that has not struck yet, and answers at full speed again. Stalled connections stay stalled.
    pub fn recover(&self) {
        *lock(&self.faults.next) = None;
        *lock(&self.faults.pace) = None;
        *lock(&self.faults.rival) = None;
        *lock(&self.faults.delay) = None;
    }
}

impl Faults {
    fn set(&self, text: &str, fault: Fault) {
        *lock(&self.next) = Some((text.to_owned(), fault));
    }

    /// Takes the fault if it is meant for `command`.
    fn take(&self, command: &[u8]) -> Option<Fault> {
        let taken = lock(&self.next).take_if(|(text, _)| contains(command, text));
        taken.map(|(_, fault)| fault)
    }

    fn delay(&self, command: &[u8]) -> Option<Duration> {
        let delay = lock(&self.delay);
        let delay = delay.as_ref().filter(|(text, _)| contains(command, text))?;
        Some(delay.1)
    }

    /// Returns the command that outruns `command`, if there is one.
    fn rival(&self, command: &[u8]) -> Option<Vec<u8>> {
        let mut rival = lock(&self.rival);
        let rival = rival
            .as_mut()
            .filter(|rival| contains(command, &rival.text))?;
        rival.times = rival.times.checked_sub(1)?;
        Some(rival.command.clone())
    }
}

fn contains(command: &[u8], text: &str) -> bool {
    command
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

/// Sends `command` to the Redis at `address`, and waits for the reply.
fn run(address: &str, command: &[u8]) -> std::io::Result<()> {
    let mut redis = TcpStream::connect(address)?;
    redis.write_all(command)?;
    redis.read_exact(&mut [0])
}

fn lock<T>(fault: &Mutex<T>) -> MutexGuard<'_, T> {
    fault.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Carries what `client` and the Redis at `address` send to each other.
fn serve(client: &TcpStream, address: &str, number: usize, faults: &Faults) {
    let Ok(server) = TcpStream::connect(address) else {
        thread::sleep(FaultProxy::REFUSAL_DELAY);
        return;
    };
    let lose_response = AtomicBool::new(false);
    let is_stalled = || faults.stalled.load(Ordering::SeqCst) > number;
    let forward = |mut to: &TcpStream, bytes: &[u8]| is_stalled() || to.write_all(bytes).is_ok();
    thread::scope(|scope| {
        scope.spawn(|| {
            carry(client, &server, |command| {
                if let Some(rival) = faults.rival(command)
                    && run(address, &rival).is_err()
                {
                    return false;
                }
                if let Some(delay) = faults.delay(command) {
                    thread::sleep(delay);
                }
                match faults.take(command) {
                    Some(Fault::Hold(arrived, released)) => {
                        let _ = arrived.send(());
                        // Returns an error when the `HeldCommand` is dropped.
                        let _ = released.recv();
                    }
                    Some(Fault::LoseResponse) => lose_response.store(true, Ordering::SeqCst),
                    None => {}
                }
                forward(&server, command)
            });
        });
        carry(&server, client, |response| {
            let pace = *lock(&faults.pace);
            let (pause, bytes) = pace.unwrap_or((Duration::ZERO, usize::MAX));
            !lose_response.load(Ordering::SeqCst)
                && response.chunks(bytes).all(|part| {
                    thread::sleep(pause);
                    forward(client, part)
                })
        });
    });
}

/// Hands what `from` sends to `forward`, until either end closes or `forward` returns false. Then closes both ends.
fn carry(mut from: &TcpStream, to: &TcpStream, forward: impl Fn(&[u8]) -> bool) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer)
        && forward(&buffer[..read])
    {}
    for end in [from, to] {
        let _ = end.shutdown(Shutdown::Both);
    }
}
