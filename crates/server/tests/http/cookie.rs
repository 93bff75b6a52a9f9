//! The session cookie.

use anyhow::{Context, Result};
use testkit::{TestEnv, Visitor};
use uuid::Uuid;

use crate::common::memory;

#[actix_web::test]
async fn the_cookie_is_signed_http_only_lax_and_ends_with_the_browser() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let mut visitor = Visitor::new();

    let seen = visitor.get(&server.endpoint(), "/").await?;
    let mut parts: Vec<_> = seen
        .header("set-cookie")
        .context("no cookie")?
        .split("; ")
        .skip(1)
        .collect();
    parts.sort_unstable();
    assert_eq!(
        parts,
        ["HttpOnly", "Path=/", "SameSite=Lax"],
        "and no Max-Age, Expires, Domain or Secure"
    );

    let cookie = visitor.cookie().context("no cookie")?;
    assert_eq!(cookie.name(), "sessionID");
    let (signature, id) = cookie.value().split_at_checked(44).context("too short")?;
    assert!(
        signature.ends_with('='),
        "44 characters are 32 bytes in base64: {signature}"
    );
    let uuid = Uuid::parse_str(id)?;
    assert_eq!((uuid.get_version_num(), uuid.to_string().as_str()), (4, id));

    assert_eq!(seen.headers.get_all("set-cookie").count(), 1);
    Ok(())
}

#[actix_web::test]
async fn over_https_the_cookie_is_secure_and_of_this_host_alone() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[("SECURE_COOKIE", "true")]).await?;
    let mut visitor = Visitor::new();

    let seen = visitor.get(&server.endpoint(), "/").await?;
    let header = seen.header("set-cookie").context("no cookie")?;
    assert!(header.starts_with("__Host-sessionID="), "{header}");
    let mut parts: Vec<_> = header.split("; ").skip(1).collect();
    parts.sort_unstable();
    assert_eq!(parts, ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
    assert_eq!(
        visitor.get(&server.endpoint(), "/").await?.count(),
        Some(1),
        "it is read under that name too"
    );
    Ok(())
}

#[actix_web::test]
async fn a_cookie_domain_shares_the_session_with_its_subdomains() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[("COOKIE_DOMAIN", "example.com")]).await?;
    let seen = Visitor::new().get(&server.endpoint(), "/").await?;
    let header = seen.header("set-cookie").context("no cookie")?;
    assert!(
        header.starts_with("sessionID=")
            && header.split("; ").any(|part| part == "Domain=example.com"),
        "{header}"
    );
    Ok(())
}

#[actix_web::test]
async fn a_tampered_cookie_gives_a_new_session_and_never_an_error() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let mut owner = Visitor::new();
    owner.get(&server.endpoint(), "/").await?;
    owner.get(&server.endpoint(), "/session/set/mine").await?;
    let genuine = owner.cookie().context("no cookie")?.value().to_owned();
    let (signature, id) = genuine.split_at(44);
    let other = |text: &str| {
        text.replacen(
            |c: char| c.is_ascii_alphanumeric(),
            if text.starts_with('a') { "b" } else { "a" },
            1,
        )
    };

    let tampered = [
        format!("{}{id}", other(signature)),
        format!("{signature}{}", other(id)),
        format!("{signature}{}", Uuid::new_v4()),
        format!("{signature}{id}x"),
        id.to_owned(),
        signature.to_owned(),
        String::new(),
        "ü\u{1f980}".to_owned(),
        "x".repeat(4000),
    ];
    for value in tampered {
        let mut visitor = Visitor::new();
        visitor.forge("sessionID", &value);
        let seen = visitor.get(&server.endpoint(), "/").await?;
        assert_eq!(
            (seen.status, seen.body.as_str()),
            (200, "Hello World #0\n"),
            "{value}"
        );
        let fresh = visitor.session_id().context("no new session")?;
        assert!(
            Uuid::parse_str(fresh).is_ok() && fresh != id,
            "{value} became {fresh}"
        );
        assert_eq!(
            visitor.get(&server.endpoint(), "/").await?.count(),
            Some(1),
            "{value}"
        );
    }
    assert_eq!(
        owner.get(&server.endpoint(), "/").await?.body,
        "Hello World #1\nvalue: mine\n"
    );
    Ok(())
}

#[actix_web::test]
async fn a_cookie_signed_with_another_secret_gives_a_new_session() -> Result<()> {
    let env = TestEnv::new()?;
    let ours = memory(&env, &[]).await?;
    let theirs = memory(
        &env,
        &[
            ("INSTANCE", "memory-2"),
            ("SESSION_KEY", "another secret of at least thirty-two bytes"),
        ],
    )
    .await?;
    let mut visitor = Visitor::new();
    visitor.get(&theirs.endpoint(), "/").await?;
    let foreign = visitor.session_id().map(str::to_owned);

    let seen = visitor.get(&ours.endpoint(), "/").await?;
    assert_eq!((seen.status, seen.count()), (200, Some(0)));
    assert_ne!(visitor.session_id().map(str::to_owned), foreign);
    Ok(())
}

#[actix_web::test]
async fn a_cookie_signed_with_the_same_secret_keeps_its_id_on_another_server() -> Result<()> {
    let env = TestEnv::new()?;
    let (one, two) = (
        memory(&env, &[]).await?,
        memory(&env, &[("INSTANCE", "memory-2")]).await?,
    );
    let mut visitor = Visitor::new();
    let first = visitor.get(&one.endpoint(), "/").await?;
    let second = visitor.get(&two.endpoint(), "/").await?;
    assert_eq!(
        (second.count(), second.session),
        (Some(0), first.session),
        "memory adopts an id it doesn't hold"
    );
    Ok(())
}
