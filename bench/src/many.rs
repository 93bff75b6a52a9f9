//! Many sessions in Redis: whether a request costs more with a million of them than with a thousand.

use std::{fmt::Write, fs, path::PathBuf};

use actix_web::cookie::{Cookie, CookieJar, Key};
use anyhow::{Result, ensure};
use testkit::{Redis, TestEnv};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::server::SECRET;

/// How many sessions are visited at most, spread evenly over all of them.
const VISITED: u32 = 19_200;

/// Writes the sessions from the first number up to the second one.
const FILL: &str = "for i = ARGV[1], ARGV[2] do \
    local id = string.format('%08x-0000-4000-8000-000000000000', i) \
    redis.call('SET', 'session:' .. id, (string.gsub(ARGV[3], '@', id)), 'PX', '1800000') end";

/// Fills an empty Redis with `count` sessions. Returns a file with the cookies of some of them.
pub(crate) fn fill(env: &TestEnv, redis: &Redis, count: u32) -> Result<PathBuf> {
    let now = OffsetDateTime::now_utc();
    let [began, ends] = [now, now + time::Duration::hours(12)].map(|it| it.format(&Rfc3339));
    let (began, ends) = (began?, ends?);
    let record = format!(
        r#"{{"Version":1,"ID":"@","Data":{{"count":1}},"CreatedAt":"{began}","UpdatedAt":"{began}","RotatedAt":"{began}","ExpiresAt":"{ends}"}}"#
    );
    for first in (0..count).step_by(10_000) {
        let last = (first + 10_000).min(count) - 1;
        redis.cli(&[
            "EVAL",
            FILL,
            "0",
            &first.to_string(),
            &last.to_string(),
            &record,
        ])?;
    }
    let stored = redis.cli(&["DBSIZE"])?;
    ensure!(
        stored == count.to_string(),
        "Redis has {stored} of {count} sessions"
    );

    let key = Key::derive_from(SECRET.as_bytes());
    let mut cookies = String::new();
    let step = (count / VISITED).max(1);
    for number in (0..count).step_by(usize::try_from(step)?) {
        let mut jar = CookieJar::new();
        let id = format!("{number:08x}-0000-4000-8000-000000000000");
        jar.signed_mut(&key).add(Cookie::new("sessionID", id));
        for cookie in jar.iter() {
            writeln!(cookies, "{}", cookie.encoded())?;
        }
    }
    let file = env.path().join(format!("cookies-{count}"));
    fs::write(&file, cookies)?;
    Ok(file)
}
