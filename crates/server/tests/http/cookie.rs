//! The session cookie, and the secret that signs it.

use anyhow::{Context, Result};
use testkit::Visitor;
use uuid::Uuid;

use crate::common::memory;

#[actix_web::test]
async fn the_cookie_is_a_signed_uuid_with_the_attributes_set() -> Result<()> {
    let secure = [("SECURE_COOKIE", "true")];
    let domain = [("COOKIE_DOMAIN", "example.com")];
    for (settings, name, more) in [
        (&[][..], "sessionID", "Path=/"),
        (&secure, "__Host-sessionID", "Secure; Path=/"),
        (&domain, "sessionID", "Path=/; Domain=example.com"),
    ] {
        let (_server, endpoint, mut visitor) = memory(settings).await?;
        let seen = visitor.get(&endpoint, "/").await?;
        assert_eq!(seen.headers.get_all("set-cookie").count(), 1);
        let header = seen.header("set-cookie").context("no cookie")?;
        let (pair, attributes) = header.split_once("; ").context("no attributes")?;
        assert!(pair.starts_with(&format!("{name}=")), "{header}");
        assert_eq!(attributes, format!("HttpOnly; SameSite=Lax; {more}"));
        assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(1));
        let https_only = (settings == secure).then_some("max-age=31536000");
        assert_eq!(seen.header("strict-transport-security"), https_only);

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
    let (_server, endpoint, mut owner) = memory(&[]).await?;
    owner.get(&endpoint, "/").await?;
    owner.get(&endpoint, "/session/set/mine").await?;
    let genuine = owner.cookie().context("no cookie")?.value().to_owned();
    let (signature, id) = genuine.split_at(44);
    let change = |text: &str| {
        let first = if text.starts_with('a') { "b" } else { "a" };
        text.replacen(|c: char| c.is_ascii_alphanumeric(), first, 1)
    };
    let secret = "another secret of at least thirty-two bytes";
    let (_other, elsewhere, mut stranger) = memory(&[("SESSION_KEY", secret)]).await?;
    stranger.get(&elsewhere, "/").await?;
    let signed_with_another_secret = stranger.cookie().context("no cookie")?.value().to_owned();

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
        let first = (seen.status, &*seen.body);
        assert_eq!(first, (200, "Hello World #0\n"), "{value}");
        let new = visitor.session_id().context("no new session")?;
        let is_new = Uuid::parse_str(new).is_ok() && !value.contains(new) && new != id;
        assert!(is_new, "{value} became {new}");
        assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(1));
    }
    let seen = owner.get(&endpoint, "/").await?;
    assert_eq!(seen.body, "Hello World #1\nvalue: mine\n");
    Ok(())
}

#[actix_web::test]
async fn the_demo_key_is_warned_about_once() -> Result<()> {
    for (secret, warns) in [("exactly-32-bytes-of-a-secret-it.", false), ("", true)] {
        let (server, endpoint, mut visitor) = memory(&[("SESSION_KEY", secret)]).await?;
        assert_eq!(visitor.get(&endpoint, "/").await?.status, 200);
        let log = server.log();
        for text in ["WARN", "SESSION_KEY is not set"] {
            assert_eq!(log.matches(text).count(), usize::from(warns), "{log}");
        }
    }
    Ok(())
}
