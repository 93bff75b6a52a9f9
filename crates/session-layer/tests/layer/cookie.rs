//! The session cookie.

use std::time::Duration;

use actix_web::http::header::SET_COOKIE;
use session_layer::Options;

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
