//! The button that ends a session.

use actix_web::http::Method;
use anyhow::Result;
use testkit::{Demo, Instance, TestEnv, Visitor};

use crate::common::{ALICE, BOB, first_button, record, viewed, viewer};

const FORM: &str = "application/x-www-form-urlencoded";

#[actix_web::test]
async fn the_button_ends_a_session_for_its_visitor_on_any_server() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[]).await?;
    let mut server = Instance::new(
        &env,
        Demo::Redis,
        "redis-1",
        &[("REDIS_URL", &viewed.redis.url())],
    )?;
    server.start().await?;
    let mut visitor = Visitor::new();
    visitor.get(&server.endpoint(), "/session/set/blue").await?;
    let id = visitor.session_id().unwrap_or_default().to_owned();

    let button = first_button(&viewed.page().await?)?;
    assert!(!button.contains(&id[9..]), "{button}");
    let seen = Visitor::new()
        .post(&viewed.viewer.endpoint(), "/end", &button)
        .await?;
    assert_eq!((seen.status, seen.header("location")), (303, Some("/")));
    assert!(viewed.page().await?.contains("No session lies here."));
    assert_eq!(
        visitor.get(&server.endpoint(), "/session/").await?.body,
        "no value set\n"
    );
    assert!(
        viewed
            .viewer
            .log()
            .contains(&format!("session ended sessionID={}\n", &id[..8])),
        "{}",
        viewed.viewer.log()
    );

    // Pressed twice, or after the session has ended by itself.
    assert_eq!(
        Visitor::new()
            .post(&viewed.viewer.endpoint(), "/end", &button)
            .await?
            .status,
        303
    );
    Ok(())
}

#[actix_web::test]
async fn one_button_ends_one_session_and_leads_back_to_its_page() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[]).await?;
    viewed.lay(ALICE, &record(ALICE, "{}", ""))?;
    let button = first_button(&viewed.page().await?)?.replace("cursor=0", "cursor=7");
    viewed.lay(BOB, &record(BOB, "{}", ""))?;
    let seen = Visitor::new()
        .post(&viewed.viewer.endpoint(), "/end", &button)
        .await?;
    assert_eq!(
        (seen.status, seen.header("location")),
        (303, Some("/?cursor=7"))
    );
    assert_eq!(
        viewed.redis.cli(&["EXISTS", &format!("session:{ALICE}")])?,
        "0"
    );
    assert_eq!(
        viewed.redis.cli(&["EXISTS", &format!("session:{BOB}")])?,
        "1"
    );
    Ok(())
}

#[actix_web::test]
async fn a_post_of_another_sites_page_ends_nothing() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[]).await?;
    viewed.lay(ALICE, &record(ALICE, "{}", ""))?;
    let endpoint = viewed.viewer.endpoint();
    let button = first_button(&viewed.page().await?)?;
    for header in [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Origin", "http://evil.example"),
        ("Origin", "http://localhost:1"),
        ("Origin", "null"),
    ] {
        let mut visitor = Visitor::new();
        let request = visitor
            .request(Method::POST, &endpoint, "/end")
            .content_type(FORM)
            .insert_header(header);
        assert_eq!(
            visitor.send(request, button.clone()).await?.status,
            403,
            "{header:?}"
        );
    }
    assert_eq!(
        viewed.redis.cli(&["EXISTS", &format!("session:{ALICE}")])?,
        "1"
    );

    let own = format!("http://{}", endpoint.host());
    let mut visitor = Visitor::new();
    let request = visitor
        .request(Method::POST, &endpoint, "/end")
        .content_type(FORM)
        .insert_header(("Origin", own));
    assert_eq!(visitor.send(request, button).await?.status, 303);
    Ok(())
}

#[actix_web::test]
async fn what_no_button_of_this_viewer_says_ends_nothing() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[]).await?;
    viewed.lay(ALICE, &record(ALICE, "{}", ""))?;
    let endpoint = viewed.viewer.endpoint();
    let another = viewer(&env, &viewed.redis, &[]).await?;
    let old = first_button(&Visitor::new().get(&another.endpoint(), "/").await?.body)?;
    for form in [old, format!("session={ALICE}"), "session=".to_owned()] {
        let seen = Visitor::new().post(&endpoint, "/end", &form).await?;
        assert_eq!(
            (seen.status, seen.body.contains("load the page again")),
            (400, true),
            "{form}"
        );
    }
    assert_eq!(
        Visitor::new().post(&endpoint, "/end", "").await?.status,
        400
    );
    assert_eq!(viewed.get("/end").await?.status, 405, "a link ends nothing");
    assert_eq!(
        viewed.redis.cli(&["EXISTS", &format!("session:{ALICE}")])?,
        "1"
    );
    Ok(())
}
