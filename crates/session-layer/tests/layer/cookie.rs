//! The session cookie.

use std::{panic::catch_unwind, time::Duration};

use actix_web::{cookie::Key, http::header::SET_COOKIE};
use session_layer::{KeyRing, Options, SessionLayer};

use crate::support::{Visitor, body, memory};

#[actix_web::test]
async fn a_visitor_gets_a_cookie_with_the_first_change() {
    let mut visitor = Visitor::new().await;
    let response = visitor.send("show+remove=a").await;
    assert_eq!(response.headers().get(SET_COOKIE), None);
    let response = visitor.send("set=a").await;
    let cookie = response.headers().get(SET_COOKIE).unwrap().to_str();
    let cookie = cookie.unwrap();
    assert!(cookie.starts_with("sessionID="), "{cookie}");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Secure; Path=/"));
    for steps in ["show", "set=a"] {
        let response = visitor.send(steps).await;
        assert_eq!(response.headers().get(SET_COOKIE), None, "{steps}");
        assert_eq!(response.headers().get("cache-control").unwrap(), "no-store");
    }
}

#[actix_web::test]
async fn attributes_are_those_of_the_settings() {
    let mut options = Options::default();
    options.cookie_name = "other".to_owned();
    options.cookie_secure = false;
    options.cookie_domain = Some("example.com".to_owned());
    options.cookie_max_age = Some(Duration::from_secs(60));
    let mut visitor = Visitor::of(memory(), options).await;
    for steps in ["set=a", "show"] {
        let response = visitor.send(steps).await;
        let cookie = response.headers().get(SET_COOKIE).expect(steps).to_str();
        let cookie = cookie.unwrap();
        assert!(cookie.starts_with("other=") && !cookie.contains("Secure"));
        for attribute in ["Domain=example.com", "Max-Age=60"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
    }
}

#[actix_web::test]
async fn other_cookies_do_no_harm() {
    let mut visitor = Visitor::new().await;
    visitor.get("set=a").await;
    let good = visitor.cookie.as_ref().unwrap().encoded().stripped();
    let others: [&[u8]; 6] = [
        b"a=\xff",
        b"sessionID=junk",
        b"sessionID=%ff%fe",
        b"sessionID=",
        b"=; ;sessionID",
        b"sessionIDs=1; Path=/",
    ];
    for other in others {
        let both = [other, b"; ", good.to_string().as_bytes()].concat();
        let response = visitor.send_cookie(both, "show").await;
        assert_eq!(response.headers().get(SET_COOKIE), None, "{other:?}");
        assert_eq!(body(response).await["a"], 1, "{other:?}");
    }
}

#[test]
fn a_cookie_that_browsers_reject_ends_the_start() {
    for (name, secure, domain, reason) in [
        ("", true, None, "Options::cookie_name"),
        ("a;b", true, None, "Options::cookie_name"),
        ("__Secure-a", false, None, "Options::cookie_secure"),
        ("__host-a", false, None, "Options::cookie_secure"),
        ("__Host-a", true, Some("a.test"), "Options::cookie_domain"),
    ] {
        let started = catch_unwind(|| {
            let mut options = Options::default();
            options.cookie_name = name.to_owned();
            options.cookie_secure = secure;
            options.cookie_domain = domain.map(str::to_owned);
            SessionLayer::with_options(memory(), KeyRing::new(Key::generate()), options);
        });
        let message = *started.unwrap_err().downcast::<String>().unwrap();
        assert!(message.contains(reason), "{name}: {message}");
    }
}
