//! A way to Redis on which connections can go dead without an end, as behind a firewall that forgot them.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use testkit::Redis;

pub(super) struct Proxy {
    port: u16,
    opened: Arc<AtomicUsize>,
    deaf: Arc<AtomicUsize>,
}

impl Proxy {
    pub(super) fn before(redis: &Redis) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            opened: Arc::default(),
            deaf: Arc::default(),
        };
        let (address, opened, deaf) = (redis.address(), proxy.opened.clone(), proxy.deaf.clone());
        // Ends with the process: nothing waits for it.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let number = opened.fetch_add(1, Ordering::SeqCst);
                let Ok(server) = TcpStream::connect(&address) else {
                    continue;
                };
                let (to, from) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let (here, there) = (deaf.clone(), deaf.clone());
                thread::spawn(move || {
                    carry(client, server, || here.load(Ordering::SeqCst) > number)
                });
                thread::spawn(move || carry(from, to, || there.load(Ordering::SeqCst) > number));
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
}

fn carry(mut from: TcpStream, mut to: TcpStream, deaf: impl Fn() -> bool) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if !deaf() && to.write_all(&buffer[..read]).is_err() {
            return;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}
