//! Streams served by a real actix-web server to clients with sockets: what a hub alone cannot show.

use std::{net::TcpListener, time::Duration};

use actix_web::{
    App, HttpResponse, HttpServer,
    rt::{self, time::timeout},
    web,
};
use session_pubsub::{Hub, Options};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::support::{PATIENCE, hub, options, publish_many, redis, wait};

async fn messages(hub: web::Data<Hub>, session: web::Path<String>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .streaming(hub.subscribe(&session, None).unwrap())
}

/// Starts a server for the streams of `hub`. Returns its address.
fn serve(hub: &Hub) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let hub = web::Data::new(hub.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(hub.clone())
            .route("/messages/{session}", web::get().to(messages))
    });
    rt::spawn(server.workers(2).listen(listener).unwrap().run());
    address
}

/// A client whose stream has begun, and what it has read so far.
struct Client {
    socket: TcpStream,
    text: String,
}

impl Client {
    async fn open(address: &str, session: &str) -> Self {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let request = format!("GET /messages/{session} HTTP/1.1\r\nHost: x\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut client = Self {
            socket,
            text: String::new(),
        };
        client.read_until("retry: ").await;
        client
    }

    async fn read_until(&mut self, text: &str) {
        while !self.text.contains(text) {
            assert!(self.read().await > 0, "no {text:?}: {}", self.text);
        }
    }

    async fn read(&mut self) -> usize {
        let mut buffer = [0; 4096];
        let read = timeout(PATIENCE, self.socket.read(&mut buffer))
            .await
            .expect("some bytes or the end")
            .unwrap_or(0);
        self.text
            .push_str(&String::from_utf8_lossy(&buffer[..read]));
        read
    }
}

#[actix_web::test]
async fn a_client_that_leaves_frees_its_slot() {
    let redis = redis().await;
    let one = hub(&Options {
        heartbeat: Duration::from_millis(50),
        ..options(&redis.url())
    })
    .await;
    let client = Client::open(&serve(&one), "a").await;
    assert_eq!(one.streams(), 1);
    drop(client);
    wait("its slot to be free", || one.streams() == 0).await;
}

/// The client's socket is full, so the server does not even poll its stream. Other clients get all
/// messages, and the client finds the end of its stream when it reads on.
#[actix_web::test]
async fn a_client_that_does_not_read_delays_no_other() {
    let redis = redis().await;
    let one = hub(&options(&redis.url())).await;
    let address = serve(&one);
    let mut slow = Client::open(&address, "a").await;
    let mut quick = Client::open(&address, "b").await;
    let text = "x".repeat(2048);
    // More than all buffers between server and client hold, and the backlog too.
    for round in 0..80 {
        publish_many(&one, 100, &text).await;
        let last = format!("round {round}.");
        one.publish("alice", &last).await.unwrap();
        quick.read_until(&last).await;
        quick.text.clear();
    }
    while slow.read().await > 0 && !slow.text.ends_with("\r\n0\r\n\r\n") {}
    assert!(!slow.text.contains("round 79."), "its stream ended before");
    wait("its slot to be free", || one.streams() == 1).await;

    // The last chunk completes the response, so the connection can serve another request.
    one.end("b").await.unwrap();
    quick.read_until("0\r\n\r\n").await;
}
