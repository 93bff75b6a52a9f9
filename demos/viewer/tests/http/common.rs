//! A viewer with its own Redis, and sessions to show.

use std::time::Duration;

use anyhow::{Context, Result};
use testkit::{Instance, Persistence, Redis, Response, TestEnv, Visitor, wait_until};

pub(crate) const ALICE: &str = "7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e";
pub(crate) const BOB: &str = "0b0b0b0b-9dc0-41d3-bd7a-8b8d3e1a6f9e";

pub(crate) struct Fixture {
    pub(crate) env: TestEnv,
    pub(crate) redis: Redis,
    pub(crate) viewer: Instance,
}

impl Fixture {
    /// Starts Redis and a viewer with further `settings`.
    pub(crate) async fn start(settings: &[(&str, &str)]) -> Result<Self> {
        let env = TestEnv::new()?;
        let redis = Redis::start(&env, Persistence::None).await?;
        let viewer = start_viewer(&env, &redis, settings).await?;
        Ok(Self { env, redis, viewer })
    }

    /// Stores `value` under `session:{name}` for half an hour.
    pub(crate) fn store(&self, name: &str, value: &str) -> Result<()> {
        self.redis
            .cli(&["SET", &format!("session:{name}"), value, "EX", "1800"])
            .map(drop)
    }

    /// Returns whether the session `id` is in Redis.
    pub(crate) fn exists(&self, id: &str) -> Result<bool> {
        Ok(self.redis.cli(&["EXISTS", &format!("session:{id}")])? == "1")
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Response> {
        Visitor::new().get(&self.viewer.endpoint(), path).await
    }

    /// Posts `form` to `/end`.
    pub(crate) async fn end(&self, form: &str) -> Result<Response> {
        Visitor::new()
            .post(&self.viewer.endpoint(), "/end", form)
            .await
    }

    /// Waits until the page contains `part`, and returns it.
    pub(crate) async fn page_with(&self, part: &str) -> Result<String> {
        wait_until(part, Duration::from_secs(60), async || {
            let page = self.page().await?;
            Ok(page.contains(part).then_some(page))
        })
        .await
    }

    /// Returns the page, which must have status 200.
    pub(crate) async fn page(&self) -> Result<String> {
        let response = self.get("/").await?;
        assert_eq!(response.status, 200, "{response:?}");
        Ok(response.body)
    }
}

pub(crate) async fn start_viewer(
    env: &TestEnv,
    redis: &Redis,
    settings: &[(&str, &str)],
) -> Result<Instance> {
    let url = redis.url();
    // A long timeout, so that a slow machine causes no outage.
    let mut all = vec![("REDIS_URL", url.as_str()), ("REDIS_TIMEOUT", "10s")];
    all.extend(settings);
    Instance::viewer(env, &all).await
}

/// Returns a session's record with `data` and further fields.
pub(crate) fn record(id: &str, data: &str, more: &str) -> String {
    format!(
        r#"{{"ID":"{id}","Data":{data},"CreatedAt":"2026-01-01T10:00:00Z","UpdatedAt":"2026-01-01T10:15:00.25Z","RotatedAt":"2026-01-01T10:05:00Z"{more}}}"#
    )
}

/// Returns the part of `text` between `from` and `to`.
pub(crate) fn between<'a>(text: &'a str, from: &str, to: &str) -> Result<&'a str> {
    let found = text.split_once(from).map(|(_, rest)| rest.split_once(to));
    let (part, _) = found
        .flatten()
        .with_context(|| format!("no {from}…{to} in {text}"))?;
    Ok(part)
}

/// Returns the form that the first button of `page` sends.
pub(crate) fn first_button(page: &str) -> Result<String> {
    let token = between(page, "name=\"session\" value=\"", "\"")?;
    let encoded: String = token.bytes().map(|byte| format!("%{byte:02X}")).collect();
    Ok(format!("session={encoded}"))
}

pub(crate) fn assert_contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part} in {text}");
    }
}
