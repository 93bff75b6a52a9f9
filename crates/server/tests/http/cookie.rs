//! The session cookie.

use anyhow::{Context, Result};
use testkit::{Response, TestEnv, Visitor};
use uuid::Uuid;

use crate::common::memory;

/// Returns the name of the cookie and its attributes, sorted.
fn cookie(seen: &Response) -> Result<(&str, Vec<&str>)> {
    let header = seen.header("set-cookie").context("no cookie")?;
    let mut parts = header.split("; ");
    let (name, _) = parts
        .next()
        .unwrap_or_default()
        .split_once('=')
        .context("no name")?;
    let mut attributes: Vec<_> = parts.collect();
    attributes.sort_unstable();
    Ok((name, attributes))
}

#[actix_web::test]
async fn the_cookie_is_a_signed_uuid_with_the_attributes_set() -> Result<()> {
    let env = TestEnv::new()?;
    let plain = ["HttpOnly", "Path=/", "SameSite=Lax"];
    let secure = ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"];
    let domain = ["Domain=example.com", "HttpOnly", "Path=/", "SameSite=Lax"];
    for (settings, name, attributes) in [
        (&[][..], "sessionID", &plain[..]),
        (&[("SECURE_COOKIE", "true")], "__Host-sessionID", &secure),
        (&[("COOKIE_DOMAIN", "example.com")], "sessionID", &domain),
    ] {
        let server = memory(&env, settings).await?;
        let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());
        let seen = visitor.get(&endpoint, "/").await?;
        assert_eq!(cookie(&seen)?, (name, attributes.to_vec()));
        assert_eq!(seen.headers.get_all("set-cookie").count(), 1);
        assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(1));

        // 32 bytes in base64 are 44 characters.
        let value = visitor.cookie().context("no cookie")?.value();
        let (signature, id) = value.split_at_checked(44).context("too short")?;
        assert!(signature.ends_with('='), "{signature}");
        let uuid = Uuid::parse_str(id)?;
        assert_eq!((uuid.get_version_num(), &*uuid.to_string()), (4, id));
    }
    Ok(())
}

#[actix_web::test]
async fn a_tampered_cookie_gives_a_new_session_without_error() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let endpoint = server.endpoint();
    let mut owner = Visitor::new();
    owner.get(&endpoint, "/").await?;
    owner.get(&endpoint, "/session/set/mine").await?;
    let genuine = owner.cookie().context("no cookie")?.value().to_owned();
    let (signature, id) = genuine.split_at(44);
    let change = |text: &str| {
        let first = if text.starts_with('a') { "b" } else { "a" };
        text.replacen(|c: char| c.is_ascii_alphanumeric(), first, 1)
    };
    let settings = [
        ("INSTANCE", "memory-2"),
        ("SESSION_KEY", "another secret of at least thirty-two bytes"),
    ];
    let stranger = memory(&env, &settings).await?;
    let mut elsewhere = Visitor::new();
    elsewhere.get(&stranger.endpoint(), "/").await?;
    let signed_with_another_secret = elsewhere.cookie().context("no cookie")?.value().to_owned();

    for value in [
        signed_with_another_secret,
        format!("{}{id}", change(signature)),
        format!("{signature}{}", change(id)),
        format!("{signature}{}", Uuid::new_v4()),
        format!("{signature}{id}x"),
        id.to_owned(),
        signature.to_owned(),
        String::new(),
        "ü\u{1f980}".to_owned(),
        "x".repeat(4000),
    ] {
        let mut visitor = Visitor::new();
        visitor.forge("sessionID", &value);
        let seen = visitor.get(&endpoint, "/").await?;
        assert_eq!(
            (seen.status, &*seen.body),
            (200, "Hello World #0\n"),
            "{value}"
        );
        let new = visitor.session_id().context("no new session")?;
        assert!(
            Uuid::parse_str(new).is_ok() && !value.contains(new) && new != id,
            "{value} became {new}"
        );
        assert_eq!(
            visitor.get(&endpoint, "/").await?.count(),
            Some(1),
            "{value}"
        );
    }
    assert_eq!(
        owner.get(&endpoint, "/").await?.body,
        "Hello World #1\nvalue: mine\n"
    );
    Ok(())
}
