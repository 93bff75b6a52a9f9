//! As an application serves it: over a real server of actix-web, two of them, to clients with sockets.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use actix_web::{
    App, HttpResponse, HttpServer, Responder,
    dev::ServerHandle,
    http::header::{CACHE_CONTROL, ContentType},
    rt::{self, time::timeout},
    web,
};
use session_pubsub::{Hub, Options};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::support::{PATIENCE, hub, options, redis, two, wait};

struct Server {
    address: String,
    handle: ServerHandle,
    done: rt::task::JoinHandle<std::io::Result<()>>,
}

async fn messages(hub: web::Data<Hub>, session: web::Path<String>) -> impl Responder {
    match hub.subscribe(&session, None) {
        Ok(stream) => HttpResponse::Ok()
            .content_type("text/event-stream")
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header(("X-Accel-Buffering", "no"))
            .streaming(stream),
        Err(error) => HttpResponse::TooManyRequests()
            .insert_header(ContentType::plaintext())
            .body(error.to_string()),
    }
}

fn serve(hub: &Hub) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let hub = web::Data::new(hub.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(hub.clone())
            .route("/messages/{session}", web::get().to(messages))
    });
    let server = server
        .workers(2)
        .disable_signals()
        .shutdown_timeout(20)
        .listen(listener)
        .unwrap()
        .run();
    Server {
        address,
        handle: server.handle(),
        done: rt::spawn(server),
    }
}

/// One who has asked for the stream, and what came of it so far.
struct Client {
    socket: TcpStream,
    seen: String,
}

impl Client {
    async fn of(server: &Server, session: &str) -> Self {
        let mut socket = TcpStream::connect(&server.address).await.unwrap();
        let request = format!(
            "GET /messages/{session} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        Self {
            socket,
            seen: String::new(),
        }
    }

    /// Reads until `text` has come.
    async fn sees(&mut self, text: &str) {
        while !self.seen.contains(text) {
            assert!(
                self.read().await > 0,
                "the connection ended without {text:?}: {}",
                self.seen
            );
        }
    }

    async fn read(&mut self) -> usize {
        let mut buffer = [0; 4096];
        let read = timeout(PATIENCE, self.socket.read(&mut buffer))
            .await
            .expect("something, or the end")
            .unwrap_or(0);
        self.seen
            .push_str(&String::from_utf8_lossy(&buffer[..read]));
        read
    }
}

#[actix_web::test]
async fn a_message_published_on_one_server_is_seen_by_the_clients_of_both() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let (here, there) = (serve(&one), serve(&other));
    let (mut alice, mut bob) = (Client::of(&here, "a").await, Client::of(&there, "b").await);
    for client in [&mut alice, &mut bob] {
        client.sees("\r\n\r\n").await;
        client.sees("retry: ").await;
        assert!(
            client.seen.starts_with("HTTP/1.1 200 OK\r\n")
                && client.seen.contains("content-type: text/event-stream\r\n"),
            "{}",
            client.seen
        );
    }
    one.publish("alice", "Hello").await.unwrap();
    alice
        .sees("event: message\ndata: {\"from\":\"alice\",\"message\":\"Hello\"}\n\n")
        .await;
    bob.sees("event: message\ndata: {\"from\":\"alice\",\"message\":\"Hello\"}\n\n")
        .await;

    other.end("a").await.unwrap();
    // The last chunk: the response is complete, and the connection could serve another request.
    alice.sees("\r\n0\r\n\r\n").await;
    one.publish("bob", "alone").await.unwrap();
    bob.sees("alone").await;
    assert!(!alice.seen.contains("alone"));
}

#[actix_web::test]
async fn a_server_whose_hub_is_closed_stops_at_once_with_streams_open() {
    let redis = redis().await;
    let (one, _) = two(&redis).await;
    let server = serve(&one);
    let mut clients = vec![];
    for session in ["a", "b", "c"] {
        let mut client = Client::of(&server, session).await;
        client.sees("retry: ").await;
        clients.push(client);
    }
    let start = Instant::now();
    one.close();
    server.handle.stop(true).await;
    server.done.await.unwrap().unwrap();
    println!(
        "a server with three open streams stopped in {:?}",
        start.elapsed()
    );
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "it waited for them: {:?}",
        start.elapsed()
    );
    for client in &mut clients {
        client.sees("\r\n0\r\n\r\n").await;
    }
}

#[actix_web::test]
async fn a_client_that_goes_away_gives_its_place_back() {
    let redis = redis().await;
    let one = hub(&Options {
        heartbeat: Duration::from_millis(50),
        ..options(&redis.url())
    })
    .await;
    let server = serve(&one);
    let mut client = Client::of(&server, "a").await;
    client.sees("retry: ").await;
    assert_eq!(one.streams(), 1);
    drop(client);
    wait("its place to be free", || one.streams() == 0).await;
}

/// Its socket is full, so its stream isn't even asked for more; others get all, and it finds the end when it reads on.
#[actix_web::test]
async fn a_client_that_does_not_read_holds_nobody_up_and_is_dropped() {
    let redis = redis().await;
    let one = hub(&options(&redis.url())).await;
    let server = serve(&one);
    let (mut slow, mut quick) = (
        Client::of(&server, "a").await,
        Client::of(&server, "b").await,
    );
    quick.sees("retry: ").await;
    slow.sees("retry: ").await;
    let text = "x".repeat(2048);
    // More than all buffers between here and there hold, and more than the backlog behind them.
    for round in 0..80 {
        let said = (0..100).map(|_| one.publish("alice", &text));
        assert!(
            futures_util::future::join_all(said)
                .await
                .iter()
                .all(Result::is_ok)
        );
        one.publish("alice", &format!("round {round}."))
            .await
            .unwrap();
        quick.sees(&format!("round {round}.")).await;
        quick.seen.clear();
    }
    while slow.read().await > 0 && !slow.seen.ends_with("\r\n0\r\n\r\n") {}
    assert!(!slow.seen.contains("round 79."), "it was dropped before");
    wait("its place to be free", || one.streams() == 1).await;
}
