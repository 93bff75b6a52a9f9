//! A shop with its sessions in Redis: a cart of its own type, pages for users only, and a logout everywhere else.
//!
//! The tests at the end keep the sessions in memory: `cargo test --example shop` runs them.
use std::{collections::BTreeMap, env, error::Error, time::Duration};

use actix_web::{
    App, HttpResponse, HttpServer,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::{Next, from_fn},
    web,
};
use serde::{Deserialize, Serialize};
use session_layer::{KeyRing, Options, Session, SessionError, SessionLayer};
use session_stores::{RedisStore, redis};

/// An entry of the session. It may have any type that serde can write as JSON and read again.
#[derive(Default, Serialize, Deserialize)]
struct Cart {
    items: BTreeMap<String, u32>,
}

/// Adds an item to the cart. If two requests add one at the same time, none is lost.
async fn add(session: Session, item: web::Path<String>) -> Result<String, SessionError> {
    let add = |cart: Option<Cart>| {
        let mut cart = cart.unwrap_or_default();
        *cart.items.entry(item.clone()).or_default() += 1;
        cart
    };
    let cart = session.update("cart", add).await?;
    Ok(format!("The cart has {:?}\n", cart.items))
}

/// Logs a user in. The session gets a new ID and keeps the cart.
async fn log_in(session: Session, user: web::Path<String>) -> Result<&'static str, SessionError> {
    session.log_in(user.into_inner());
    session.set_flash("Welcome!")?;
    Ok("You are logged in\n")
}

/// Lets only users who are logged in reach the routes inside.
async fn users_only(
    session: Session,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, actix_web::Error> {
    if session.user().is_some() {
        return next.call(request).await;
    }
    Ok(request.into_response(HttpResponse::Unauthorized().body("Log in first\n")))
}

async fn account(session: Session) -> Result<String, SessionError> {
    let cart: Cart = session.get("cart")?.unwrap_or_default();
    let flash = session.take_flash().unwrap_or("Hello again!".to_owned());
    let user = session.user().unwrap_or_default();
    Ok(format!("{flash} {user} has {:?}\n", cart.items))
}

async fn log_out_elsewhere(
    session: Session,
    store: web::Data<RedisStore>,
) -> Result<String, SessionError> {
    let mut ended = 0;
    if let Some(own) = session.record() {
        ended = session.wait(store.revoke_others(&own)).await?.len();
    }
    Ok(format!("{ended} other sessions have ended\n"))
}

/// Registers the routes that need a session.
fn with_session(config: &mut web::ServiceConfig) {
    let account = web::scope("/account")
        .wrap(from_fn(users_only))
        .route("", web::get().to(account))
        .route("/log-out-elsewhere", web::post().to(log_out_elsewhere));
    config
        .route("/cart/{item}", web::post().to(add))
        .route("/login/{user}", web::post().to(log_in))
        .service(account);
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let keys = KeyRing::from_secret(&env::var("SESSION_KEY").expect("SESSION_KEY is not set"))?;
    let redis = env::var("REDIS_URL").unwrap_or("redis://127.0.0.1".to_owned());
    let mut redis = redis::Options::new(redis);
    redis.prefix = "shop:".into();
    redis.timeouts.idle = Some(Duration::from_secs(60 * 60));
    redis.timeouts.absolute = Some(Duration::from_secs(24 * 60 * 60));
    let store = RedisStore::connect(redis).await?;
    let mut options = Options::default();
    options.cookie_name = "__Host-shop".into();
    let server = HttpServer::new(move || {
        let layer = SessionLayer::with_options(store.clone(), keys.clone(), options.clone());
        let sessions = web::scope("").wrap(layer.middleware());
        App::new()
            .app_data(web::Data::from(layer.store()))
            // It is outside the layer. So every visitor sees it, even while Redis is down.
            .route("/", web::get().to(|| async { "This is the shop\n" }))
            .service(sessions.configure(with_session))
    });
    let port = env::var("APP_PORT").unwrap_or("8080".to_owned()).parse()?;
    let server = server.bind(("127.0.0.1", port))?;
    println!("listening on http://127.0.0.1:{port}");
    Ok(server.run().await?)
}

#[cfg(test)]
mod tests {
    use actix_web::{
        cookie::{Cookie, Key},
        test::{TestRequest, call_and_read_body, call_service, init_service},
    };
    use session_stores::{MemoryStore, Timeouts};

    use super::*;

    #[actix_web::test]
    async fn a_login_keeps_the_cart_and_rotates_the_id() {
        let store = MemoryStore::new(Timeouts::default());
        let layer = SessionLayer::new(store, KeyRing::new(Key::generate()));
        let shop = App::new().wrap(layer.middleware()).configure(with_session);
        let shop = init_service(shop).await;
        let cookie = |response: ServiceResponse| -> Cookie<'static> {
            response.response().cookies().next().unwrap().into_owned()
        };

        let request = TestRequest::post().uri("/cart/tea");
        let visitor = cookie(call_service(&shop, request.to_request()).await);
        let request = TestRequest::post().uri("/login/alice");
        let request = request.cookie(visitor.clone());
        let alice = cookie(call_service(&shop, request.to_request()).await);
        let request = TestRequest::get().uri("/account").cookie(alice.clone());
        let account = call_and_read_body(&shop, request.to_request()).await;

        assert_eq!(account, "Welcome! alice has {\"tea\": 1}\n");
        assert_ne!(alice.value(), visitor.value());
    }

    /// A handler is a function. `Session::for_test` needs no server.
    #[actix_web::test]
    async fn the_cart_counts_each_item() {
        let session = Session::for_test();
        add(session.clone(), "tea".to_owned().into()).await.unwrap();
        let shown = add(session, "tea".to_owned().into()).await.unwrap();
        assert_eq!(shown, "The cart has {\"tea\": 2}\n");
    }
}
