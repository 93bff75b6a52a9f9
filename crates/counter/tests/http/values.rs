//! A visitor sets, reads and unsets a value.

use anyhow::Result;
use testkit::Visitor;

use crate::common::memory;

#[actix_web::test]
async fn a_value_is_set_and_unset_without_counting() -> Result<()> {
    let (_server, endpoint, mut visitor) = memory().await?;
    assert_eq!(visitor.get(&endpoint, "/").await?.count(), Some(0));

    for (path, text, value) in [
        ("/session/set/blue", "value set: blue\n", "blue\n"),
        ("/session/unset/", "value unset\n", "no value set\n"),
        ("/session/unset", "value unset\n", "no value set\n"),
    ] {
        let changed = visitor.get(&endpoint, path).await?;
        assert_eq!((changed.status, &*changed.body), (200, text), "{path}");
        for shown in ["/session/", "/session"] {
            assert_eq!(visitor.get(&endpoint, shown).await?.body, value, "{path}");
        }
    }

    // 1024 bytes.
    let longest = "y".repeat(1024);
    // The page's form does the same and leads back to the page.
    for (path, form, value) in [
        ("/session", "value=deep+blue%21", "deep blue!\n"),
        ("/session/", "value=green", "green\n"),
        (
            "/session/",
            &format!("value={longest}"),
            &format!("{longest}\n"),
        ),
        ("/session", "unset=1", "no value set\n"),
        ("/session", "unset=1", "no value set\n"),
    ] {
        let seen = visitor.post(&endpoint, path, form).await?;
        let observed = (seen.status, seen.header("location"));
        assert_eq!(observed, (303, Some("/")), "{form}");
        let shown = visitor.get(&endpoint, "/session/").await?;
        assert_eq!(shown.body, value, "{form}");
    }
    // The line with the value is gone, too.
    assert_eq!(visitor.get(&endpoint, "/").await?.body, "Hello World #1\n");
    Ok(())
}

#[actix_web::test]
async fn only_a_change_starts_a_session() -> Result<()> {
    let (_server, endpoint, _) = memory().await?;
    for (path, status) in [
        ("/session/", 200),
        ("/session/unset/", 200),
        ("/session/set/%FF", 400),
    ] {
        let seen = Visitor::new().get(&endpoint, path).await?;
        let observed = (seen.status, seen.header("set-cookie"));
        assert_eq!(observed, (status, None), "{path}");
    }
    Ok(())
}

#[actix_web::test]
async fn a_value_in_a_path_is_percent_decoded_once() -> Result<()> {
    let (_server, endpoint, mut visitor) = memory().await?;
    for (path, value) in [
        ("x", "x"),
        (&*"y".repeat(1024), &*"y".repeat(1024)),
        (&"%C3%BC".repeat(512), &"ü".repeat(512)),
        ("a%20b", "a b"),
        ("a+b", "a+b"),
        ("a/b", "a/b"),
        ("a%2Fb%2520", "a/b%20"),
        ("gr%C3%BCn", "grün"),
        ("%F0%9F%A6%80", "🦀"),
        ("blue?colour=red", "blue"),
        ("..%2f..", "../.."),
    ] {
        let set = format!("/session/set/{path}");
        assert_eq!(visitor.get(&endpoint, &set).await?.status, 200, "{path}");
        let shown = visitor.get(&endpoint, "/session/").await?;
        assert_eq!(shown.body, format!("{value}\n"), "{path}");
    }
    Ok(())
}

#[actix_web::test]
async fn a_bad_value_is_explained_and_changes_nothing() -> Result<()> {
    let (_server, endpoint, mut visitor) = memory().await?;
    visitor.get(&endpoint, "/").await?;
    visitor.get(&endpoint, "/session/set/blue").await?;
    let session = visitor.session_id().map(str::to_owned);

    let long = "x".repeat(1025);
    let wide = format!("{}x", "%C3%BC".repeat(512));
    for (value, error) in [
        ("", "the value is empty"),
        (&long, "the value has 1025 bytes"),
        (&wide, "the value has 1025 bytes"),
        ("%FF", "not UTF-8"),
        ("a%C3", "not UTF-8"),
    ] {
        let (path, form) = (format!("/session/set/{value}"), format!("value={value}"));
        for seen in [
            visitor.get(&endpoint, &path).await?,
            visitor.post(&endpoint, "/session", &form).await?,
        ] {
            let (status, cookie) = (seen.status, seen.header("set-cookie"));
            assert_eq!((status, cookie), (400, None), "{value}");
            assert!(
                seen.body.contains(error) && seen.body.ends_with('\n'),
                "{seen:?}"
            );
        }
    }
    let empty = visitor.post(&endpoint, "/session", "").await?;
    assert_eq!(empty.status, 400, "a form without a field");
    let json = visitor.post_json(&endpoint, "/session", "{}").await?;
    assert_eq!(json.status, 415, "not a form");
    let large = format!("value={}", "x".repeat(20_000));
    let large = visitor.post(&endpoint, "/session", &large).await?;
    assert_eq!(large.status, 413, "too large to read");

    let seen = visitor.get(&endpoint, "/").await?;
    assert_eq!(seen.body, "Hello World #1\nvalue: blue\n");
    assert_eq!(visitor.session_id().map(str::to_owned), session);
    Ok(())
}
