//! The session cookie.

use actix_web::http::Method;
use anyhow::{Context, Result};
use testkit::{Demo, Instance, Response};

use crate::{common::App, pages::PAGES};

/// Returns the name and value of the only cookie of a response, and its attributes in order.
pub(crate) fn cookie(response: &Response) -> Result<(&str, Vec<&str>)> {
    let count = response.headers.get_all("set-cookie").count();
    assert_eq!(count, 1, "{response:?}");
    let cookie = response.header("set-cookie").context("no cookie")?;
    let (pair, attributes) = cookie.split_once("; ").context("no attributes")?;
    let mut attributes: Vec<_> = attributes.split("; ").collect();
    attributes.sort_unstable();
    Ok((pair, attributes))
}

#[actix_web::test]
async fn the_cookie_is_http_only_lax_and_lasts_45_minutes() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut alice = app.client();
    let response = alice.log_in("alice").await?;
    let expected = ["HttpOnly", "Max-Age=2700", "Path=/", "SameSite=Lax"];
    assert_eq!(cookie(&response)?.1, expected);

    // The first request removes the flash message. The others change nothing but the time.
    for _ in 0..3 {
        let response = alice.get("/dashboard").await?;
        assert_eq!(cookie(&response)?.1, expected);
    }
    Ok(())
}

#[actix_web::test]
async fn a_secure_cookie_has_its_prefix_until_the_logout() -> Result<()> {
    let app = App::start(&[("SECURE_COOKIE", "true")]).await?;
    let mut alice = app.client();
    let response = alice.log_in("alice").await?;
    let (pair, attributes) = cookie(&response)?;
    assert!(pair.starts_with("__Host-sessionID="), "{pair}");
    let expected = ["HttpOnly", "Max-Age=2700", "Path=/", "SameSite=Lax"];
    assert_eq!(attributes, [&expected[..], &["Secure"]].concat());
    assert_eq!(alice.get("/dashboard").await?.status, 200);

    let mut logged_out = alice.copied()?;
    for client in [&mut alice, &mut logged_out] {
        let response = client.post("/logout", "").await?;
        let (pair, attributes) = cookie(&response)?;
        assert_eq!(pair, "__Host-sessionID=");
        // Without it a browser would ignore the removal.
        assert!(attributes.contains(&"Secure"), "{attributes:?}");
    }
    Ok(())
}

#[actix_web::test]
async fn the_session_id_is_in_the_cookie_only() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut alice = app.client();
    let mut responses = vec![alice.log_in("alice").await?];
    for path in PAGES {
        for accept in ["text/html", "application/json", "*/*"] {
            let headers = [("Accept", accept)];
            responses.push(alice.send(Method::GET, path, &headers).await?);
        }
    }
    let id = alice.id()?;
    for mut response in responses {
        response.headers.remove("set-cookie");
        let text = format!("{:?} {}", response.headers, response.body);
        assert!(!text.contains(&id[..8]), "{text}");
    }
    Ok(())
}

#[actix_web::test]
async fn a_new_secret_logs_no_user_out() -> Result<()> {
    const OLD: &str = "the old secret of more than 32 bytes";
    const NEW: &str = "the new secret of more than 32 bytes";
    let mut app = App::start(&[("SESSION_KEY", OLD)]).await?;
    let redis_url = app.redis()?.url();
    let start = async |name: &str, accepted: &str| {
        let settings = [
            ("SESSION_KEY", NEW),
            ("ACCEPTED_SESSION_KEYS", accepted),
            ("REDIS_URL", &redis_url),
        ];
        Instance::started(&app.env, Demo::Login, name, &settings).await
    };
    let strict = start("strict", "").await?;
    let others = format!("another secret of more than 32 bytes,{OLD}");
    let accepting = start("accepting", &others).await?;

    let mut alice = app.logged_in("alice").await?;
    let id = alice.id()?;
    for (instance, status) in [(&strict, 303), (&accepting, 200), (&strict, 200)] {
        alice.endpoint = instance.endpoint();
        let response = alice.get("/dashboard").await?;
        assert_eq!(response.status, status, "{}", instance.name());
        assert_eq!(alice.id()?, id);
    }

    let error = start("short", "short-secret").await.err();
    let error = error.context("it has started")?.to_string();
    assert!(error.contains("ACCEPTED_SESSION_KEYS"), "{error}");
    assert!(!error.contains("short-secret"), "{error}");
    Ok(())
}
