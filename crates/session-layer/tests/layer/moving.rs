//! Moving from actix-session's `RedisSessionStore`, with sessions that it has stored: `actix-session.json`, which
//! `tests/recorder` records.

use std::time::Duration;

use actix_web::{
    cookie::{Cookie, time},
    dev::ServiceResponse,
    http::header::SET_COOKIE,
};
use futures_util::future::join;
use serde_json::{Value, json};
use session_layer::Options;
use session_stores::{
    RedisStore,
    redis::{self, ActixSessions},
};
use testkit::{Persistence, Redis, TestEnv};

use crate::support::{Visitor, assert_seen};

/// Returns the recorded sessions: one with an encrypted cookie, and one with a signed cookie.
fn recorded() -> Vec<Value> {
    serde_json::from_str(include_str!("actix-session.json")).unwrap()
}

fn text<'a>(session: &'a Value, name: &str) -> &'a str {
    session[name].as_str().unwrap()
}

struct Site {
    redis: Redis,
    visitor: Visitor,
}

impl Site {
    /// Starts a site that imports sessions.
    async fn start() -> Self {
        Self::start_with(Some(ActixSessions::default()), Some("id")).await
    }

    async fn start_with(sessions: Option<ActixSessions>, cookie: Option<&str>) -> Self {
        let mut options = Options::default();
        options.import_cookie_name = cookie.map(str::to_owned);
        Self::start_under(options, sessions).await
    }

    async fn start_under(options: Options, sessions: Option<ActixSessions>) -> Self {
        let env = TestEnv::new().unwrap();
        let redis = Redis::start(&env, Persistence::None).await.unwrap();
        let mut store = redis::Options::new(redis.url());
        store.timeout = Duration::from_secs(10);
        store.rotation_grace = Duration::ZERO;
        store.import_actix_sessions = sessions.map(|mut it| {
            it.user_entry = Some("user_id".to_owned());
            it
        });
        let store = RedisStore::connect(store).await.unwrap();
        let visitor = Visitor::of(store, options).await;
        Self { redis, visitor }
    }

    /// Puts a recorded session into Redis, and returns the visitor with its cookie.
    fn visitor(&self, session: &Value) -> Visitor {
        self.put(text(session, "key"), text(session, "value"));
        let cookie = text(session, "cookie").to_owned();
        let mut visitor = self.visitor.clone();
        visitor.cookie = Some(Cookie::parse_encoded(cookie).unwrap());
        visitor
    }

    fn put(&self, key: &str, value: &str) {
        let put = self.redis.cli(&["SET", key, value, "EX", "86400"]);
        assert_eq!(put.unwrap(), "OK");
    }

    fn has(&self, session: &Value) -> bool {
        let found = self.redis.cli(&["EXISTS", text(session, "key")]);
        found.unwrap() == "1"
    }
}

#[actix_web::test]
async fn visitors_of_actix_session_stay_logged_in() {
    let site = Site::start().await;
    let expected = json!({ "user": "alice", "n": 3 });
    for session in recorded() {
        let mut alice = site.visitor(&session);
        let (mut other_tab, mut thief) = (alice.clone(), alice.clone());
        assert_seen(&alice.get("show").await, &expected);
        assert_eq!(alice.cookie.as_ref().unwrap().name(), "sessionID");
        assert!(!site.has(&session), "the key has moved");
        // It has sent its request before the first response arrived.
        assert_seen(&other_tab.get("show").await, &expected);
        assert_eq!(other_tab.id(), alice.id());
        assert_seen(
            &alice.get("count").await,
            &json!({ "user": "alice", "n": 4 }),
        );

        alice.get("log-out").await;
        for visitor in [&mut other_tab, &mut thief] {
            assert_seen(
                &visitor.get("show").await,
                &json!({ "user": null, "n": null }),
            );
        }
    }
}

#[actix_web::test]
async fn a_logout_is_final_for_a_session_not_imported_yet() {
    let site = Site::start().await;
    for session in recorded() {
        let mut alice = site.visitor(&session);
        let (mut slow, mut late) = (alice.clone(), alice.clone());
        join(slow.get("yield+set=b"), alice.get("log-out")).await;
        assert!(!site.has(&session));
        for visitor in [&mut slow, &mut late] {
            assert_seen(
                &visitor.get("show").await,
                &json!({ "user": null, "b": null }),
            );
        }
    }
}

#[actix_web::test]
async fn only_an_application_that_asks_for_it_imports() {
    for (sessions, cookie) in [
        (None, Some("id")),
        (Some(ActixSessions::default()), None),
        (Some(ActixSessions::default()), Some("other")),
    ] {
        let site = Site::start_with(sessions, cookie).await;
        for session in recorded() {
            let seen = site.visitor(&session).get("show").await;
            assert_seen(&seen, &json!({ "user": null, "n": null }));
            assert!(site.has(&session));
        }
    }
}

#[actix_web::test]
async fn other_values_in_redis_are_left_alone() {
    let site = Site::start().await;
    // The import adds the previous ID. Only that makes the first of these sessions too large.
    let large = [65_290, 70_000].map(|n| json!({ "n": format!("\"{}\"", "x".repeat(n)) }));
    let [larger, largest] = &large.map(|value| value.to_string());
    let not_sessions = ["", "{", "[]", r#"{"n":3}"#, r#"{"n":"{"}"#, larger, largest];
    for session in recorded() {
        for value in not_sessions {
            let mut visitor = site.visitor(&session);
            site.put(text(&session, "key"), value);
            let seen = visitor.get("show").await;
            assert_seen(&seen, &json!({ "user": null, "n": null }));
            assert!(site.has(&session));
        }
        let mut forged = site.visitor(&session);
        forged.cookie = Some(Cookie::new("id", text(&session, "key").to_owned()));
        assert_seen(&forged.get("show").await, &json!({ "user": null }));
    }
}

#[actix_web::test]
async fn an_import_that_fails_keeps_the_old_session() {
    let site = Site::start().await;
    let index = "session:user:alice:sessions";
    for session in recorded() {
        let mut alice = site.visitor(&session);
        site.put(index, "not an index");
        let failed = alice.send("show").await.status();
        assert!(failed.is_server_error(), "{failed}");
        site.redis.cli(&["DEL", index]).unwrap();
        assert_seen(
            &alice.get("show").await,
            &json!({ "user": "alice", "n": 3 }),
        );
    }
}

/// Returns the names of the cookies that a response removes.
fn removed(response: &ServiceResponse) -> Vec<String> {
    let cookies = response.headers().get_all(SET_COOKIE);
    let cookies = cookies.map(|it| Cookie::parse_encoded(it.to_str().unwrap()).unwrap());
    cookies
        .filter(|it| it.max_age() == Some(time::Duration::ZERO) && it.path() == Some("/"))
        .map(|it| it.name().to_owned())
        .collect()
}

#[actix_web::test]
async fn the_old_cookie_is_removed_with_the_old_session() {
    let site = Site::start().await;
    for session in recorded() {
        let mut leaving = site.visitor(&session);
        let response = leaving.send("log-out").await;
        assert_eq!(removed(&response), ["sessionID", "id"]);

        let mut alice = site.visitor(&session);
        let response = alice.send("show").await;
        assert_eq!(removed(&response), ["id"], "it is imported");

        // A browser that has kept the old cookie.
        let new = alice.cookie.as_ref().unwrap().encoded().stripped();
        let both = format!("{}; {new}", text(&session, "cookie"));
        let response = alice.send_cookie(both, "log-out").await;
        assert_eq!(removed(&response), ["sessionID", "id"]);

        let others = alice.send_cookie("id=1", "set=a").await;
        assert_eq!(removed(&others), [""; 0], "another application's cookie");
    }
}

#[actix_web::test]
async fn both_cookies_may_have_the_same_name() {
    let mut options = Options::default();
    options.cookie_name = "id".to_owned();
    options.import_cookie_name = Some("id".to_owned());
    let site = Site::start_under(options, Some(ActixSessions::default())).await;
    for session in recorded() {
        let response = site.visitor(&session).send("show").await;
        assert_eq!(removed(&response), [""; 0]);
    }
}

#[actix_web::test]
async fn the_prefix_of_the_old_keys_is_an_option() {
    let mut sessions = ActixSessions::default();
    sessions.prefix = "shop:".to_owned();
    let site = Site::start_with(Some(sessions), Some("id")).await;
    for session in recorded() {
        let mut alice = site.visitor(&session);
        assert_seen(&alice.get("show").await, &json!({ "user": null }));
        let key = format!("shop:{}", text(&session, "key"));
        site.put(&key, text(&session, "value"));
        assert_seen(&alice.get("show").await, &json!({ "user": "alice" }));
    }
}
