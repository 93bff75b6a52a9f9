//! Logout.

use anyhow::Result;

use crate::common::App;

#[actix_web::test]
async fn a_logout_ends_the_session_and_clears_the_browser() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut alice = app.logged_in("alice").await?;
    let (mut other_tab, mut thief) = (alice.copied()?, alice.copied()?);
    // The other tab and the new visitor have no session any more, but perhaps an old cookie.
    for client in [&mut alice, &mut other_tab, &mut app.client()] {
        let response = client.post("/logout", "").await?;
        assert_eq!(
            (response.status, response.header("location")),
            (303, Some("/login"))
        );
        assert_eq!(
            response.header("clear-site-data"),
            Some("\"cache\", \"storage\"")
        );
        let cookies: Vec<_> = response.headers.get_all("set-cookie").collect();
        let [cookie] = cookies[..] else {
            panic!("{cookies:?}")
        };
        let cookie = cookie.to_str()?;
        assert!(
            cookie.starts_with("sessionID=;") && cookie.contains("Max-Age=0"),
            "{cookie}"
        );
        assert!(client.cookie().is_none());
        assert_eq!(client.user().await?, None);
        assert_eq!(thief.user().await?, None, "a copied cookie is invalid");
    }
    Ok(())
}

#[actix_web::test]
async fn a_logout_with_an_old_id_ends_the_session() -> Result<()> {
    let app = App::start(&[("LAB", "true")]).await?;
    let mut alice = app.logged_in("alice").await?;
    // The response with the new ID has arrived in one tab. The other tab still has the old ID.
    let mut other_tab = alice.copied()?;
    let response = alice.post("/slow?for=1ms&then=rotate", "").await?;
    assert_eq!(response.status, 200);
    assert_ne!(alice.id()?, other_tab.id()?);
    other_tab.post("/logout", "").await?;
    assert_eq!(alice.user().await?, None);
    Ok(())
}
