//! The faults of actix-session's trait, which the adapter's documentation lists.

use anyhow::Result;
use session_stores::Store;

use crate::site::{Running, memory, redis};

#[actix_web::test]
async fn a_renewal_in_flight_undoes_a_logout() -> Result<()> {
    let mut site = Running::in_server(memory())?;
    site.get("add-a").await?;

    let renewal = site.begin("renew").await;
    site.get("purge").await?;
    site.finish(renewal).await?;

    assert_eq!(site.show().await?, r#"{"a":"1"}"#);
    Ok(())
}

#[actix_web::test]
async fn session_update_is_not_saved() -> Result<()> {
    let mut site = Running::in_server(memory())?;
    site.get("add-a").await?;
    assert_eq!(site.get("update-a").await?.body, r#"{"a":"2"}"#);
    assert_eq!(site.show().await?, r#"{"a":"1"}"#);
    Ok(())
}

#[actix_web::test]
async fn purge_leaves_the_cookie_of_an_expired_session() -> Result<()> {
    let (_redis, _proxy, store) = redis().await?;
    let mut site = Running::in_server(store.clone())?;
    site.get("add-a").await?;
    store.delete(&site.id()?).await?;

    let seen = site.get("purge").await?;

    assert_eq!(seen.header("set-cookie"), None);
    Ok(())
}
