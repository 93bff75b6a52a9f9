//! The button that ends a session.

use actix_web::http::Method;
use anyhow::Result;
use testkit::{Demo, Instance, Visitor};

use crate::common::{ALICE, BOB, Fixture, assert_contains, first_button, record, start_viewer};

#[actix_web::test]
async fn a_demos_session_is_shown_and_ended() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    let url = it.redis.url();
    let server = Instance::started(&it.env, Demo::Redis, "redis-1", &[("REDIS_URL", &url)]).await?;
    let mut visitor = Visitor::new();
    visitor.get(&server.endpoint(), "/session/set/blue").await?;
    let id = visitor.session_id().unwrap_or_default().to_owned();
    let (key, short) = (format!("session:{id}"), &id[..8]);
    it.redis.cli(&["PEXPIRE", &key, "600000"])?;

    let page = it.page().await?;
    let (shown, data) = (format!("{short}…"), "&quot;value&quot;: &quot;blue&quot;");
    assert_contains(&page, &[&shown, data, "not logged in"]);
    let ttl: i64 = it.redis.cli(&["PTTL", &key])?.parse()?;
    assert!(ttl <= 600_000, "the page extended the timeout: {ttl}");

    let button = first_button(&page)?;
    assert!(!button.contains(&id[9..]), "{button}");
    // The second click finds no session.
    for _ in 0..2 {
        let response = it.end(&button).await?;
        let seen = (response.status, response.header("location"));
        assert_eq!(seen, (303, Some("/")));
    }
    assert!(it.page().await?.contains("There are no sessions."));
    let after = visitor.get(&server.endpoint(), "/session/").await?;
    assert_eq!(after.body, "no value set\n");
    let log = it.viewer.log();
    assert_contains(&log, &[&format!("session ended sessionID={short}\n")]);
    Ok(())
}

#[actix_web::test]
async fn only_the_viewers_own_page_can_end_a_session() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    it.store(ALICE, &record(ALICE, "{}", ""))?;
    let button = first_button(&it.page().await?)? + "&search=7d&from=17-0000002a&since=42";
    it.store(BOB, &record(BOB, "{}", ""))?;
    let endpoint = it.viewer.endpoint();
    let post = async |name: &str, value: &str| {
        let mut visitor = Visitor::new();
        let request = visitor
            .request(Method::POST, &endpoint, "/end")
            .content_type("application/x-www-form-urlencoded")
            .insert_header((name, value));
        visitor.send(request, button.clone()).await
    };

    // The server's tests have all cases.
    for (name, value) in [("Sec-Fetch-Site", "cross-site"), ("Origin", "null")] {
        assert_eq!(post(name, value).await?.status, 403, "{name}: {value}");
    }
    assert!(it.exists(ALICE)?);

    let response = post("Origin", &format!("http://{}", endpoint.host())).await?;
    let seen = (response.status, response.header("location"));
    let back = "/?search=7d&from=17%2D0000002a&since=42";
    assert_eq!(seen, (303, Some(back)));
    assert!(!it.exists(ALICE)? && it.exists(BOB)?);
    Ok(())
}

#[actix_web::test]
async fn tokens_of_another_viewer_end_nothing() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    it.store(ALICE, &record(ALICE, "{}", ""))?;
    let another = start_viewer(&it.env, &it.redis, &[]).await?;
    let page = Visitor::new().get(&another.endpoint(), "/").await?.body;
    for form in [
        first_button(&page)?,
        format!("session={ALICE}"),
        "session=".to_owned(),
    ] {
        let response = it.end(&form).await?;
        assert_eq!(response.status, 400, "{form}");
        assert_contains(&response.body, &["load the page again"]);
    }
    assert_eq!(it.end("").await?.status, 400);
    assert_eq!(it.get("/end").await?.status, 405, "a link ends nothing");
    assert!(it.exists(ALICE)?);
    Ok(())
}

#[actix_web::test]
async fn an_ended_session_leaves_the_list_at_once() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    // With this many keys, no page waits for a new list.
    let script = "for n = 1, 30000 do redis.call('SET', 'other:' .. n, '') end";
    it.redis.cli(&["EVAL", script, "0"])?;
    it.store(ALICE, &record(ALICE, "{}", ""))?;
    it.store(BOB, &record(BOB, "{}", ""))?;
    let page = it.page_with(">2 sessions; 30002 keys").await?;

    it.end(&first_button(&page)?).await?;
    let rows = it.get("/rows?since=1").await?.body;
    assert_contains(
        &rows,
        &[">1 session; 30001 keys", "1 ended: <code>0b0b0b0b…"],
    );
    Ok(())
}
