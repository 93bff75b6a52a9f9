//! Streams served by a real actix-web server to clients with sockets: what a hub alone cannot show.

use std::{net::TcpListener, time::Duration};

use actix_web::{
    App, HttpResponse, HttpServer,
    rt::{self, time::timeout},
    web,
};
use session_pubsub::Hub;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::TcpStream,
};

use super::support::{PATIENCE, hub, publish_many, redis, wait};

async fn messages(hub: web::Data<Hub>, session: web::Path<String>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .streaming(hub.subscribe(&session, &session, None).unwrap())
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

/// The lines that a client reads, of which some frame the chunks of the response.
type Client = Lines<BufReader<TcpStream>>;

/// Connects a client, and waits until its stream has begun.
async fn connect(address: &str, session: &str) -> Client {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = format!("GET /messages/{session} HTTP/1.1\r\nHost: x\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut client = BufReader::new(socket).lines();
    assert!(finds(&mut client, "retry: ").await);
    client
}

/// Reads until a line contains `text`. Returns false after the last chunk, which completes the response.
async fn finds(client: &mut Client, text: &str) -> bool {
    loop {
        let line = timeout(PATIENCE, client.next_line()).await.expect("a line");
        let line = line.unwrap().expect("not closed before the last chunk");
        if line == "0" || line.contains(text) {
            return line != "0";
        }
    }
}

/// The client's socket is full, so the server does not even poll its stream. Other clients get all messages, and the
/// client finds the end of its stream when it reads on.
#[actix_web::test]
async fn clients_that_leave_or_do_not_read_delay_no_other() {
    let redis = redis().await;
    let heartbeat = Duration::from_millis(50);
    let one = hub(&redis, |options| options.heartbeat = heartbeat).await;
    let address = serve(&one);
    // A silent stream finds out that its client has left when it sends a comment.
    drop(connect(&address, "leaves").await);
    wait("its slot to be free", || one.streams() == 0).await;

    let mut slow = connect(&address, "a").await;
    let mut quick = connect(&address, "b").await;
    let text = "x".repeat(2048);
    // More than all buffers between server and client hold, and the backlog too.
    for round in 0..80 {
        publish_many(&one, 100, &text).await;
        let last = format!("round {round}.");
        one.publish("alice", &last).await.unwrap();
        assert!(finds(&mut quick, &last).await);
    }
    assert!(!finds(&mut slow, "round 79.").await, "its stream ended");
    wait("its slot to be free", || one.streams() == 1).await;

    // The last chunk completes the response, so the connection can serve another request.
    one.end(&["b"]).await.unwrap();
    assert!(!finds(&mut quick, "more").await);
}
