//! Redis is gone, or frozen.

use std::time::Duration;

use anyhow::Result;
use testkit::{Response, wait_until};

use crate::common::App;

fn assert_unavailable(response: &Response) {
    // Neither address nor cause.
    let error = r#"{"error":"the session store is not available; try again in a moment"}"#;
    assert_eq!((response.status, &*response.body), (503, error));
    assert!(response.header("retry-after").is_some(), "{response:?}");
    assert_eq!(response.header("cache-control"), Some("no-store"));
    // The response claims neither a login nor a logout.
    assert!(response.header("set-cookie").is_none(), "{response:?}");
    assert!(response.header("clear-site-data").is_none(), "{response:?}");
}

#[actix_web::test]
async fn without_redis_no_login_or_logout_happens() -> Result<()> {
    let mut app = App::start(&[("WORKERS", "1")]).await?;
    let mut alice = app.logged_in("alice").await?;
    for frozen in [false, true] {
        if frozen {
            app.redis()?.freeze()?;
        } else {
            app.redis()?.stop().await?;
        }
        let bob = r#"{"userId":"bob"}"#;
        assert_unavailable(&alice.get("/dashboard").await?);
        assert_unavailable(&alice.get("/api/counter").await?);
        assert_unavailable(&alice.post("/logout", "").await?);
        assert_unavailable(&alice.post_json("/login", bob).await?);
        assert_unavailable(&app.client().post_json("/login", bob).await?);
        // A visitor without a session needs no store.
        assert_eq!(app.client().get("/dashboard").await?.status, 303);
        assert_eq!(alice.get("/healthz").await?.status, 200);
        if frozen {
            app.redis()?.thaw()?;
        } else {
            app.redis()?.resume().await?;
        }
        // After a timeout, each instance fails requests for a moment without asking Redis.
        for instance in &app.deployment.instances {
            let mut client = alice.copied()?;
            client.endpoint = instance.endpoint();
            wait_until("the store", Duration::from_secs(10), async || {
                Ok((client.get("/dashboard").await?.status != 503).then_some(()))
            })
            .await?;
        }
        assert_eq!(alice.user().await?.as_deref(), Some("alice"));
    }
    let log = app.log();
    for cause in ["connection refused", "did not answer"] {
        assert!(log.contains(cause), "{cause}: {log}");
    }
    Ok(())
}
