//! A way to Redis on which connections can go dead without an end, as behind a firewall that forgot them; on which a
//! command can be held up while others do something; and on which an answer can get lost.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};

use testkit::Redis;

/// How long a client of a proxy without a Redis waits for its end.
pub(super) const FINDS_OUT: Duration = Duration::from_millis(200);

pub(super) struct Proxy {
    port: u16,
    opened: Arc<AtomicUsize>,
    deaf: Arc<AtomicUsize>,
    mishap: Arc<Mutex<Option<Mishap>>>,
}

/// What happens, once, to the first command that has a word in it.
struct Mishap {
    word: String,
    kind: Kind,
}

enum Kind {
    /// It is held up: told to the one who waits for it, until that one lets it go.
    Held(Sender<()>, Receiver<()>),
    /// Its answer gets lost, and the connection with it.
    Unanswered,
}

/// A command that is, or will be, held up.
pub(super) struct Held {
    there: Receiver<()>,
    go: Sender<()>,
}

impl Held {
    /// Whether the command has come.
    pub(super) fn has_come(&self) -> bool {
        self.there.try_recv().is_ok()
    }

    pub(super) fn let_go(self) {
        self.go.send(()).unwrap();
    }
}

impl Proxy {
    pub(super) fn before(redis: &Redis) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            opened: Arc::default(),
            deaf: Arc::default(),
            mishap: Arc::default(),
        };
        let (address, opened, deaf, mishap) = (
            redis.address(),
            proxy.opened.clone(),
            proxy.deaf.clone(),
            proxy.mishap.clone(),
        );
        // Ends with the process: nothing waits for it.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let number = opened.fetch_add(1, Ordering::SeqCst);
                let Ok(server) = TcpStream::connect(&address) else {
                    // As a tunnel whose other end is gone: it takes a moment to find out.
                    thread::spawn(move || {
                        thread::sleep(FINDS_OUT);
                        drop(client);
                    });
                    continue;
                };
                let (to, from) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let (here, there) = (deaf.clone(), deaf.clone());
                let mishap = mishap.clone();
                let lost = Arc::new(AtomicBool::new(false));
                let losing = lost.clone();
                thread::spawn(move || {
                    carry(client, server, |bytes| {
                        befall(&mishap, bytes, &losing);
                        if here.load(Ordering::SeqCst) > number {
                            Fate::Lost
                        } else {
                            Fate::Passes
                        }
                    });
                });
                thread::spawn(move || {
                    carry(from, to, |_| match () {
                        () if lost.load(Ordering::SeqCst) => Fate::TheLast,
                        () if there.load(Ordering::SeqCst) > number => Fate::Lost,
                        () => Fate::Passes,
                    });
                });
            }
        });
        proxy
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// From now on the present connections carry nothing.
    pub(super) fn deafen(&self) {
        self.deaf
            .store(self.opened.load(Ordering::SeqCst), Ordering::SeqCst);
    }
    /// The next command that has `word` in it will be held up.
    pub(super) fn hold(&self, word: &str) -> Held {
        let ((come, there), (go, gone)) = (channel(), channel());
        *self.mishap.lock().unwrap() = Some(Mishap {
            word: word.to_owned(),
            kind: Kind::Held(come, gone),
        });
        Held { there, go }
    }

    /// Redis will execute the next command that has `word` in it, and nobody will learn of it.
    pub(super) fn lose_answer_to(&self, word: &str) {
        *self.mishap.lock().unwrap() = Some(Mishap {
            word: word.to_owned(),
            kind: Kind::Unanswered,
        });
    }
}

fn befall(mishap: &Mutex<Option<Mishap>>, command: &[u8], lost: &AtomicBool) {
    let said = |word: &str| {
        command
            .windows(word.len())
            .any(|part| part == word.as_bytes())
    };
    match mishap
        .lock()
        .unwrap()
        .take_if(|mishap| said(&mishap.word))
        .map(|mishap| mishap.kind)
    {
        Some(Kind::Held(come, gone)) => {
            let _ = come.send(());
            let _ = gone.recv();
        }
        Some(Kind::Unanswered) => lost.store(true, Ordering::SeqCst),
        None => {}
    }
}

/// What becomes of some bytes.
enum Fate {
    Passes,
    Lost,
    /// They are lost, and the connection ends.
    TheLast,
}

fn carry(mut from: TcpStream, mut to: TcpStream, fate: impl Fn(&[u8]) -> Fate) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        match fate(&buffer[..read]) {
            Fate::Passes if to.write_all(&buffer[..read]).is_err() => return,
            Fate::Passes | Fate::Lost => {}
            Fate::TheLast => break,
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}
