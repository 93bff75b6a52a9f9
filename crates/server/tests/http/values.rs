//! What a visitor may put into the session, and how.

use actix_web::http::Method;
use anyhow::Result;
use testkit::{TestEnv, Visitor};

use crate::common::{ask, memory};

#[actix_web::test]
async fn a_value_is_set_read_and_unset_without_counting() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());
    assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(0));

    assert_eq!(
        visitor.get(&endpoint, "/session/").await?.body,
        "no value set\n"
    );
    let set = visitor.get(&endpoint, "/session/set/blue").await?;
    assert_eq!((set.status, set.body.as_str()), (200, "value set: blue\n"));
    for path in ["/session/", "/session"] {
        assert_eq!(visitor.get(&endpoint, path).await?.body, "blue\n");
    }
    for path in ["/session/unset/", "/session/unset"] {
        let unset = visitor.get(&endpoint, path).await?;
        assert_eq!((unset.status, unset.body.as_str()), (200, "value unset\n"));
        assert_eq!(
            visitor.get(&endpoint, "/session/").await?.body,
            "no value set\n"
        );
        visitor.get(&endpoint, "/session/set/green").await?;
    }
    assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(1));
    Ok(())
}

#[actix_web::test]
async fn reading_alone_begins_no_session() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let mut visitor = Visitor::new();
    for path in ["/session/", "/session/unset/"] {
        let seen = visitor.get(&server.endpoint(), path).await?;
        assert_eq!(
            (seen.status, seen.header("set-cookie")),
            (200, None),
            "{path}"
        );
    }
    Ok(())
}

#[actix_web::test]
async fn a_value_in_a_path_is_percent_decoded_once() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let mut visitor = Visitor::new();
    let cases = [
        ("a%20b", "a b"),
        ("a+b", "a+b"),
        ("a/b", "a/b"),
        ("a%2Fb%2520", "a/b%20"),
        ("gr%C3%BCn", "grün"),
        ("%F0%9F%A6%80", "🦀"),
        ("blue?colour=red", "blue"),
        ("..%2f..", "../.."),
    ];
    for (path, value) in cases {
        assert_eq!(
            visitor
                .get(&server.endpoint(), &format!("/session/set/{path}"))
                .await?
                .status,
            200,
            "{path}"
        );
        assert_eq!(
            visitor.get(&server.endpoint(), "/session/").await?.body,
            format!("{value}\n"),
            "{path}"
        );
    }
    visitor
        .get(&server.endpoint(), "/session/set/one%0Atwo")
        .await?;
    assert_eq!(
        visitor.get(&server.endpoint(), "/").await?.body,
        "Hello World #0\nvalue: one\\ntwo\n",
        "the second line is the last"
    );
    Ok(())
}

#[actix_web::test]
async fn a_value_has_1_to_1024_bytes() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    for value in ["x".to_owned(), "y".repeat(1024), "ü".repeat(512)] {
        let mut visitor = Visitor::new();
        let encoded: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
        assert_eq!(
            visitor
                .get(&server.endpoint(), &format!("/session/set/{encoded}"))
                .await?
                .status,
            200
        );
        assert_eq!(
            visitor.get(&server.endpoint(), "/session/").await?.body,
            format!("{value}\n")
        );
        assert_eq!(
            visitor
                .post(&server.endpoint(), "/session", &format!("value={encoded}"))
                .await?
                .status,
            303
        );
        assert_eq!(
            visitor.get(&server.endpoint(), "/session/").await?.body,
            format!("{value}\n")
        );
    }
    Ok(())
}

#[actix_web::test]
async fn a_bad_value_is_refused_in_words_and_the_session_is_as_before() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());
    visitor.get(&endpoint, "/").await?;
    visitor.get(&endpoint, "/session/set/blue").await?;
    let session = visitor.session_id().map(str::to_owned);

    let long = "x".repeat(1025);
    let wide = format!("{}x", "%C3%BC".repeat(512));
    let cases = [
        ("", "the value is empty"),
        (&long, "the value has 1025 bytes"),
        (&wide, "1025 bytes"),
        ("%FF", "not UTF-8"),
        ("a%C3", "not UTF-8"),
    ];
    for (path, why) in cases {
        let seen = visitor
            .get(&endpoint, &format!("/session/set/{path}"))
            .await?;
        assert_eq!(
            (seen.status, seen.header("set-cookie")),
            (400, None),
            "{path}"
        );
        assert!(
            seen.body.contains(why) && seen.body.ends_with('\n'),
            "{path}: {}",
            seen.body
        );
    }
    let too_long = format!("value={long}");
    let forms = [
        ("value=", "the value is empty"),
        ("", "the value is empty"),
        (&too_long, "1025 bytes"),
        ("value=%FF", "not UTF-8"),
    ];
    for (form, why) in forms {
        let seen = visitor.post(&endpoint, "/session", form).await?;
        assert_eq!(seen.status, 400, "{form}");
        assert!(seen.body.contains(why), "{form}: {}", seen.body);
    }
    assert_eq!(
        visitor.get(&endpoint, "/").await?.body,
        "Hello World #1\nvalue: blue\n"
    );
    assert_eq!(visitor.session_id().map(str::to_owned), session);
    Ok(())
}

#[actix_web::test]
async fn a_bad_value_begins_no_session() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let seen = Visitor::new()
        .get(&server.endpoint(), "/session/set/%FF")
        .await?;
    assert_eq!((seen.status, seen.header("set-cookie")), (400, None));
    Ok(())
}

#[actix_web::test]
async fn the_form_sets_and_unsets_and_leads_back_to_the_page() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let (endpoint, mut visitor) = (server.endpoint(), Visitor::new());

    for (path, form, after) in [
        ("/session", "value=deep+blue%21", "deep blue!\n"),
        ("/session/", "value=green", "green\n"),
        ("/session", "unset=1", "no value set\n"),
        ("/session", "unset=1", "no value set\n"),
    ] {
        let seen = visitor.post(&endpoint, path, form).await?;
        assert_eq!(
            (seen.status, seen.header("location")),
            (303, Some("/")),
            "{form}"
        );
        assert_eq!(
            visitor.get(&endpoint, "/session/").await?.body,
            after,
            "{form}"
        );
    }
    Ok(())
}

#[actix_web::test]
async fn a_post_that_is_no_form_changes_nothing() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let mut visitor = Visitor::new();
    visitor.get(&server.endpoint(), "/session/set/blue").await?;
    let seen = ask(
        &mut visitor,
        Method::POST,
        &server.endpoint(),
        "/session",
        &[("Content-Type", "application/json")],
    )
    .await?;
    assert_eq!(seen.status, 415);
    let large = format!("value={}", "x".repeat(20_000));
    assert_eq!(
        visitor
            .post(&server.endpoint(), "/session", &large)
            .await?
            .status,
        413
    );
    assert_eq!(
        visitor.get(&server.endpoint(), "/session/").await?.body,
        "blue\n"
    );
    Ok(())
}
