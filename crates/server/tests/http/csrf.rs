//! A POST from another site's page is rejected. A POST from our own page, or from no page, is served.

use actix_web::http::Method;
use anyhow::Result;
use testkit::Visitor;

use crate::common::{memory, send};

#[actix_web::test]
async fn a_cross_origin_post_is_403_and_changes_nothing() -> Result<()> {
    let (_server, endpoint, _) = memory(&[]).await?;
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let post = async |visitor: &mut Visitor, headers: &[_]| {
        let (headers, body) = ([&[form], headers].concat(), "value=theirs");
        send(visitor, Method::POST, &endpoint, "/session", &headers, body).await
    };
    let own = format!("http://{}", endpoint.host());
    let cases: [(&[(&str, &str)], u16); 12] = [
        (&[("Sec-Fetch-Site", "cross-site")], 403),
        (&[("Sec-Fetch-Site", "same-site")], 403),
        (&[("Sec-Fetch-Site", "cross-site"), ("Origin", &own)], 403),
        (&[("Origin", "http://evil.example")], 403),
        (&[("Origin", "http://localhost:1")], 403),
        (&[("Origin", "null")], 403),
        (&[("Origin", "")], 403),
        (&[], 303),
        (&[("Sec-Fetch-Site", "same-origin"), ("Origin", &own)], 303),
        (
            &[("Sec-Fetch-Site", "same-origin"), ("Origin", "null")],
            303,
        ),
        (&[("Sec-Fetch-Site", "none")], 303),
        (&[("Origin", &own)], 303),
    ];
    for (headers, status) in cases {
        let is_served = status == 303;
        let mut visitor = Visitor::new();
        let seen = post(&mut visitor, headers).await?;
        assert_eq!(seen.status, status, "{headers:?}");
        let begins_session = seen.header("set-cookie").is_some();
        assert_eq!(begins_session, is_served, "{headers:?}");
        visitor.get(&endpoint, "/session/set/mine").await?;
        let seen = post(&mut visitor, headers).await?;
        assert_eq!(seen.status, status, "{headers:?}");
        let shown = visitor.get(&endpoint, "/session/").await?.body;
        let expected = if is_served { "theirs\n" } else { "mine\n" };
        assert_eq!(shown, expected, "{headers:?}");
    }
    Ok(())
}
