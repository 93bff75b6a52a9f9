//! Logout.

use anyhow::Result;

use crate::{
    common::{App, location},
    cookie::cookie,
};

#[actix_web::test]
async fn a_logout_ends_the_session_and_clears_the_browser() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut alice = app.logged_in("alice").await?;
    let (mut other_tab, mut thief) = (alice.copied()?, alice.copied()?);
    // The other tab and the new visitor have no session any more, but perhaps an old cookie.
    for client in [&mut alice, &mut other_tab, &mut app.client()] {
        let response = client.post("/logout", "").await?;
        assert_eq!(location(&response), Some("/login"));
        let cleared = response.header("clear-site-data");
        assert_eq!(cleared, Some("\"cache\", \"storage\""));
        let (pair, attributes) = cookie(&response)?;
        assert_eq!(pair, "sessionID=");
        assert!(attributes.contains(&"Max-Age=0"), "{attributes:?}");
        assert!(client.cookie().is_none());
        assert_eq!(client.user().await?, None);
        assert_eq!(thief.user().await?, None, "a copied cookie is invalid");
    }
    Ok(())
}
