//! Exercise 19: a message to all listeners, at every instance.

use std::{convert::Infallible, env, future::ready};

use actix_web::{
    App, HttpResponse, HttpServer, Responder,
    middleware::DefaultHeaders,
    rt,
    web::{self, Bytes, Data},
};
use anyhow::Context;
use deadpool_redis::redis::{Client, cmd};
use futures_util::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};
use server::Settings;
use tokio::sync::broadcast;

/// The Redis channel that all instances use.
const CHANNEL: &str = "messages";

struct Hub {
    redis: Client,
    /// Sends to all listeners at this instance.
    listeners: broadcast::Sender<String>,
}

impl Hub {
    /// Sends `message` to all listeners at this instance.
    fn hand_out(&self, message: String) {
        // An error only means that there are no listeners.
        let _ = self.listeners.send(message);
    }

    // --- YOUR TURN
    /// Sends `message` to all listeners at every instance.
    async fn publish(&self, message: String) -> anyhow::Result<()> {
        // TODO: reach the listeners at the other instances.
        self.hand_out(message);
        Ok(())
    }

    /// Returns the stream of messages that arrive on the channel from now on. `main` hands each of
    /// them out.
    async fn subscribe(&self) -> anyhow::Result<impl Stream<Item = String> + 'static> {
        // TODO: listen to the channel.
        Ok(stream::empty())
    }
    // --- UNTIL HERE
}

/// A message, as JSON. JSON escapes line breaks, so an event is always one line.
#[derive(Serialize, Deserialize)]
struct Message {
    message: String,
}

/// `POST /message`
async fn message(hub: Data<Hub>, message: web::Json<Message>) -> actix_web::Result<impl Responder> {
    match hub.publish(serde_json::to_string(&*message)?).await {
        Ok(()) => Ok(HttpResponse::Accepted()),
        Err(error) => {
            log::error!("not published: {error}");
            Ok(HttpResponse::ServiceUnavailable())
        }
    }
}

/// `GET /messages`: sends events as long as the visitor listens. A listener that is too slow misses
/// some.
async fn messages(hub: Data<Hub>) -> impl Responder {
    let events = stream::unfold(hub.listeners.subscribe(), async |mut messages| {
        loop {
            match messages.recv().await {
                Ok(message) => {
                    return Some((
                        Ok::<_, Infallible>(Bytes::from(format!("data: {message}\n\n"))),
                        messages,
                    ));
                }
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .streaming(events)
}

#[actix_web::main]
async fn main() {
    let server = Settings::from_env();
    server::run_to_end(async {
        let url = env::var("REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned());
        let hub = Data::new(Hub {
            redis: Client::open(url)?,
            listeners: broadcast::Sender::new(64),
        });
        let incoming = hub.subscribe().await;
        let incoming = incoming.context("no messages from Redis; is REDIS_URL its address?")?;
        let handed_out = hub.clone();
        rt::spawn(incoming.for_each(move |message| {
            handed_out.hand_out(message);
            ready(())
        }));

        let instance = server.instance.unwrap_or_default();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(hub.clone())
                .wrap(DefaultHeaders::new().add(("X-Served-By", instance.as_str())))
                .route("/message", web::post().to(message))
                .route("/messages", web::get().to(messages))
        })
        .shutdown_timeout(1)
        .bind((server.host, server.port))?;
        println!("listening on http://{}", server.addrs()[0]);
        Ok(server.run().await?)
    })
    .await;
}
