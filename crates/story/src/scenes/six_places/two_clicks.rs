//! Two requests of one visitor at once, which change different entries of the session.

use anyhow::{Context, Result, ensure};
use futures_util::stream::{FuturesUnordered, TryStreamExt};
use testkit::{Response, TestEnv};

use super::servers::Servers;
use crate::{matrix::Place, visitor::Visitor};

/// How often both changes must survive. Two instances that share a folder seldom write at the same moment.
const ROUNDS: u64 = 200;

/// Clicks twice at once, again and again, until a change is lost.
pub(super) async fn two_clicks(env: &TestEnv, place: Place) -> Result<&'static str> {
    let servers = Servers::two(env, place).await?;
    let mut visitor = servers.visitor();
    visitor.get("/").await?;
    let mut count = 0;
    for round in 0..ROUNDS {
        let value = format!("value-{round}");
        visitor = click_twice(visitor, &value).await?;
        let looks = [visitor.get("/").await?, visitor.get("/").await?];
        let has_value = looks.each_ref().map(|it| it.value() == Some(&value));
        let counts = looks.each_ref().map(Response::count);
        count += 3;
        match has_value {
            [true, true] if counts == [Some(count - 1), Some(count)] => {}
            [one, other] if one == other => return Ok("one"),
            _ => return Ok("split"),
        }
    }
    Ok("both")
}

/// Sends a request that counts a visit and one that sets `value`, both at once. Returns the visitor with the cookies of
/// the response that arrived last, as a browser would have them.
async fn click_twice(visitor: Visitor, value: &str) -> Result<Visitor> {
    let paths = ["/".to_owned(), format!("/session/set/{value}")];
    let clicks = paths.map(|path| {
        let mut tab = visitor.clone();
        async move {
            let seen = tab.get(&path).await?;
            ensure!(seen.status == 200, "{seen:?}");
            Ok(tab)
        }
    });
    let clicks = FuturesUnordered::from_iter(clicks);
    let mut tabs: Vec<_> = clicks.try_collect().await?;
    tabs.pop().context("no click")
}
