//! Pages by SCAN, with few sessions and with 100,000.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use deadpool_redis::redis::{AsyncCommands, Client};
use testkit::{Redis, TestEnv, Visitor};

use crate::common::{ALICE, between, record, viewed};

/// Lays `count` sessions, as one command for every 5,000 of them.
fn lay_many(redis: &Redis, count: usize) -> Result<()> {
    const SCRIPT: &str = "for n = ARGV[1], ARGV[2] do
        local id = string.format('%08x-0000-4000-8000-%012x', n * 7919 % 4294967296, n)
        redis.call('SET', 'session:' .. id, (string.gsub(ARGV[3], 'THE-ID', id)), 'EX', 1800)
    end";
    let record = record(
        "THE-ID",
        r#"{"userData":{"userId":"somebody"},"visitCount":3}"#,
        r#","User":"somebody""#,
    );
    for first in (1..=count).step_by(5000) {
        let last = count.min(first + 4999);
        redis.cli(&[
            "EVAL",
            SCRIPT,
            "0",
            &first.to_string(),
            &last.to_string(),
            &record,
        ])?;
    }
    Ok(())
}

/// The handles of the rows in `page`.
fn rows(page: &str) -> BTreeSet<String> {
    page.split("id=\"s-")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
        .collect()
}

/// Each command that Redis was sent, and the microseconds that the calls of it took on average.
fn commands(redis: &Redis) -> Result<BTreeMap<String, f64>> {
    let stats = redis.command_stats()?.into_iter();
    Ok(stats
        .map(|(command, stats)| (command, stats.micros_per_call))
        .collect())
}

#[actix_web::test]
async fn pages_lead_to_every_session_by_scan_and_never_by_keys() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[]).await?;
    lay_many(&viewed.redis, 1000)?;
    viewed.redis.reset_command_stats()?;

    let (mut seen, mut pages, mut path) = (BTreeSet::new(), 0, "/".to_owned());
    loop {
        let page = viewed.get(&path).await?.body;
        assert!(
            (1..=250).contains(&rows(&page).len()),
            "{} rows",
            rows(&page).len()
        );
        assert_eq!(page.contains(">First page</a>"), pages > 0);
        seen.extend(rows(&page));
        pages += 1;
        ensure!(pages < 50, "no end after {pages} pages");
        let Ok(next) = between(&page, "<a rel=\"next\" href=\"", "\"") else {
            break;
        };
        path = next.to_owned();
    }
    assert_eq!(seen.len(), 1000, "on {pages} pages");
    assert!(pages >= 5, "{pages}");

    let sent = commands(&viewed.redis)?;
    let allowed = [
        "scan",
        "dbsize",
        "getrange",
        "strlen",
        "pttl",
        "hello",
        "auth",
        "select",
        "client|setinfo",
        "info",
        "config|resetstat",
        "command|docs",
    ];
    assert!(sent.contains_key("scan"), "{sent:?}");
    for command in sent.keys() {
        assert!(
            allowed.contains(&command.as_str()),
            "{command} was sent: {sent:?}"
        );
    }
    Ok(())
}

#[actix_web::test]
async fn few_sessions_among_many_other_keys_are_found_page_by_page() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[]).await?;
    viewed.redis.cli(&[
        "EVAL",
        "for n = 1, 60000 do redis.call('SET', 'other:' .. n, '') end",
        "0",
    ])?;
    viewed.lay(ALICE, &record(ALICE, "{}", ""))?;
    let (mut found, mut pages, mut path) = (0, 0, "/".to_owned());
    loop {
        let page = viewed.get(&path).await?.body;
        found += rows(&page).len();
        pages += 1;
        ensure!(pages < 50, "no end after {pages} pages");
        let Ok(next) = between(&page, "<a rel=\"next\" href=\"", "\"") else {
            break;
        };
        path = next.to_owned();
    }
    assert_eq!(found, 1);
    assert!((2..10).contains(&pages), "{pages}");
    Ok(())
}

#[actix_web::test]
async fn a_prefix_is_taken_literally() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[("SESSION_PREFIX", "s[a]*:")]).await?;
    viewed
        .redis
        .cli(&["SET", &format!("s[a]*:{ALICE}"), &record(ALICE, "{}", "")])?;
    viewed
        .redis
        .cli(&["SET", &format!("sa-other:{ALICE}"), "{}"])?;
    let page = viewed.page().await?;
    assert_eq!(rows(&page).len(), 1);
    assert!(page.contains("1 session, all there are"), "{page}");
    Ok(())
}

#[actix_web::test]
async fn a_hundred_thousand_sessions_freeze_neither_the_page_nor_redis() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[]).await?;
    lay_many(&viewed.redis, 100_000)?;
    viewed.redis.reset_command_stats()?;
    viewed
        .redis
        .cli(&["CONFIG", "SET", "slowlog-log-slower-than", "5000"])?;
    viewed.redis.cli(&["SLOWLOG", "RESET"])?;

    let mut took = Vec::new();
    let (mut path, mut shown) = ("/".to_owned(), 0);
    for _ in 0..30 {
        let seen = viewed.get(&path).await?;
        shown = rows(&seen.body).len();
        assert!((50..=250).contains(&shown), "{shown} rows");
        took.push((seen.took, seen.body.len()));
        path = between(&seen.body, "<a rel=\"next\" href=\"", "\"")?.to_owned();
    }
    took.sort();
    let (median, bytes) = took[took.len() / 2];
    let (longest, _) = *took.last().context("nothing was measured")?;
    let sent = commands(&viewed.redis)?;
    println!(
        "100,000 sessions: a page of {shown} takes {median:?} (longest {longest:?}, {bytes} bytes)"
    );
    println!(
        "Redis is held by a SCAN for {} us, by reading one session for {} us",
        sent["scan"],
        sent["getrange"] + sent["strlen"] + sent["pttl"]
    );
    let slow = viewed.redis.cli(&["SLOWLOG", "GET", "1"])?;
    assert!(
        longest < Duration::from_secs(1) && slow.is_empty(),
        "{longest:?}; longer than 5 ms: {slow}"
    );

    // Who asks Redis for something meanwhile doesn't notice.
    let endpoint = viewed.viewer.endpoint();
    let watching = actix_web::rt::spawn(async move {
        for _ in 0..30 {
            Visitor::new()
                .get(&endpoint, "/rows")
                .await
                .map(drop)
                .unwrap_or_default();
        }
    });
    let mut beside = Client::open(viewed.redis.url())?
        .get_multiplexed_async_connection()
        .await?;
    let mut longest = Duration::ZERO;
    while !watching.is_finished() {
        let asked = Instant::now();
        beside.ping::<()>().await?;
        longest = longest.max(asked.elapsed());
    }
    println!("the longest PING beside it takes {longest:?}");
    assert!(longest < Duration::from_millis(500), "{longest:?}");

    // What it would be otherwise.
    viewed
        .redis
        .cli(&["EVAL", "return #redis.call('KEYS', 'session:*')", "0"])?;
    println!(
        "one KEYS holds Redis for {} us",
        commands(&viewed.redis)?["keys"]
    );
    Ok(())
}
