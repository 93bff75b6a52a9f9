//! Prints sessions that the real `RedisSessionStore` of actix-session has stored in an empty Redis. Each has its
//! cookie, its key and its value.

use std::{env, error::Error};

use actix_session::{
    Session, SessionMiddleware, config::CookieContentSecurity, storage::RedisSessionStore,
};
use actix_web::{App, cookie::Key, http::header::SET_COOKIE, test, web};
use redis::Commands;
use serde_json::{Value, json};

/// The secret in the tests of the layer.
const SECRET: &[u8] = b"a secret of more than 32 bytes for these tests";

async fn begin(session: Session) -> Result<&'static str, actix_web::Error> {
    session.insert("user_id", "alice")?;
    session.insert("n", 3)?;
    Ok("done")
}

async fn record(url: &str, security: CookieContentSecurity) -> Result<Value, Box<dyn Error>> {
    let store = RedisSessionStore::new(url).await?;
    let sessions = SessionMiddleware::builder(store, Key::derive_from(SECRET))
        .cookie_content_security(security)
        .build();
    let app = App::new().wrap(sessions).route("/", web::get().to(begin));
    let app = test::init_service(app).await;
    let response = test::call_service(&app, test::TestRequest::get().to_request()).await;
    let cookie = response.headers().get(SET_COOKIE).ok_or("no cookie")?.to_str()?;
    let mut connection = redis::Client::open(url)?.get_connection()?;
    let keys: Vec<String> = connection.keys("*")?;
    let [key] = &keys[..] else {
        return Err("the Redis is not empty".into());
    };
    let value: String = connection.get(key)?;
    let ttl: u64 = connection.ttl(key)?;
    let () = connection.del(key)?;
    let cookie = cookie.split(';').next();
    Ok(json!({"cookie": cookie, "key": key, "value": value, "ttl": ttl}))
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("REDIS_URL")?;
    let sessions = [
        record(&url, CookieContentSecurity::Private).await?,
        record(&url, CookieContentSecurity::Signed).await?,
    ];
    println!("{}", serde_json::to_string_pretty(&sessions)?);
    Ok(())
}
