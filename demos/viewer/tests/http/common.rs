//! What most tests need: a viewer, and sessions to be seen.

use anyhow::{Context, Result};
use testkit::{Instance, Persistence, Redis, Response, TestEnv, Visitor, binary};

/// A running viewer and its Redis.
pub(crate) struct Viewed {
    pub(crate) redis: Redis,
    pub(crate) viewer: Instance,
}

/// Starts them; the viewer with further `settings`.
pub(crate) async fn viewed(env: &TestEnv, settings: &[(&str, &str)]) -> Result<Viewed> {
    let redis = Redis::start(env, Persistence::None).await?;
    let viewer = viewer(env, &redis, settings).await?;
    Ok(Viewed { redis, viewer })
}

pub(crate) async fn viewer(
    env: &TestEnv,
    redis: &Redis,
    settings: &[(&str, &str)],
) -> Result<Instance> {
    let url = redis.url();
    // A slow machine is no case of its own.
    let settings: Vec<_> = [("REDIS_URL", url.as_str()), ("REDIS_TIMEOUT", "10s")]
        .into_iter()
        .chain(settings.iter().copied())
        .collect();
    let mut viewer = Instance::of(env, binary("demo-viewer")?, "viewer", &settings)?;
    viewer.start().await?;
    Ok(viewer)
}

impl Viewed {
    /// Lays `value` under `session:{name}`, for half an hour.
    pub(crate) fn lay(&self, name: &str, value: &str) -> Result<()> {
        self.redis
            .cli(&["SET", &format!("session:{name}"), value, "EX", "1800"])
            .map(drop)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Response> {
        Visitor::new().get(&self.viewer.endpoint(), path).await
    }

    /// The page as it is when all is well.
    pub(crate) async fn page(&self) -> Result<String> {
        let seen = self.get("/").await?;
        assert_eq!(seen.status, 200, "{seen:?}");
        Ok(seen.body)
    }
}

pub(crate) const ALICE: &str = "7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e";
pub(crate) const BOB: &str = "0b0b0b0b-9dc0-41d3-bd7a-8b8d3e1a6f9e";

/// A session's record, with `data` and further fields.
pub(crate) fn record(id: &str, data: &str, more: &str) -> String {
    format!(
        r#"{{"ID":"{id}","Data":{data},"CreatedAt":"2026-01-01T10:00:00Z","UpdatedAt":"2026-01-01T10:15:00.25Z","RotatedAt":"2026-01-01T10:05:00Z"{more}}}"#
    )
}

/// What lies between `from` and `to` in `text`.
pub(crate) fn between<'a>(text: &'a str, from: &str, to: &str) -> Result<&'a str> {
    let (_, rest) = text
        .split_once(from)
        .with_context(|| format!("no {from} in {text}"))?;
    Ok(rest
        .split_once(to)
        .with_context(|| format!("no {to} in {rest}"))?
        .0)
}

/// The form that the button of a page's first session sends.
pub(crate) fn first_button(page: &str) -> Result<String> {
    let sealed = between(page, "name=\"session\" value=\"", "\"")?;
    Ok(format!(
        "cursor=0&session={}",
        sealed
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D")
    ))
}
