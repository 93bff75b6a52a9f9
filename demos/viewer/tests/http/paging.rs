//! Pages of the list, with few sessions and with 100,000.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use testkit::Redis;

use crate::common::{ALICE, BOB, Fixture, assert_contains, between, record};

/// Stores `count` sessions. Each tenth begins a second later than those before.
fn store_many(redis: &Redis, count: usize) -> Result<()> {
    const SCRIPT: &str = "for n = 1, ARGV[1] do
        local id = string.format('%08x-0000-4000-8000-%012x', n * 7919 % 4294967296, n)
        local second = math.floor(n / 10)
        local time = string.format('T%02d:%02d:%02dZ', second / 3600, second / 60 % 60, second % 60)
        local text = ARGV[2]:gsub('THE%-ID', id):gsub('T10:00:00Z', time)
        redis.call('SET', 'session:' .. id, text, 'EX', 1800)
    end";
    let data = r#"{"userData":{"userId":"alice"},"visitCount":3}"#;
    let record = record("THE-ID", data, r#","User":"alice""#);
    let eval = ["EVAL", SCRIPT, "0", &count.to_string(), &record];
    redis.cli(&eval).map(drop)
}

/// Returns the parts of `page` that follow each `from`, until the next `to`.
fn all_between<'a>(page: &'a str, from: &str, to: &str) -> Vec<&'a str> {
    let parts = page.split(from).skip(1);
    parts.filter_map(|it| Some(it.split_once(to)?.0)).collect()
}

/// Returns the IDs of the rows in `page`, as far as they are shown.
fn rows(page: &str) -> Vec<&str> {
    all_between(page, "<th role=\"rowheader\" scope=\"row\"><code>", "…")
}

fn link(page: &str, rel: &str) -> Option<String> {
    let link = between(page, &format!("rel=\"{rel}\" href=\""), "\"").ok()?;
    Some(link.replace("&amp;", "&"))
}

/// Follows the links with `rel` from `path` to the last page.
async fn follow(it: &Fixture, path: &str, rel: &str) -> Result<Vec<String>> {
    let (mut pages, mut path) = (Vec::new(), Some(path.to_owned()));
    while let Some(current) = path {
        let page = it.get(&current).await?.body;
        path = link(&page, rel);
        pages.push(page);
        ensure!(pages.len() < 50, "no end after 50 pages");
    }
    Ok(pages)
}

#[actix_web::test]
async fn pages_show_every_session_once_the_newest_first() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    store_many(&it.redis, 990)?;
    it.page_with(">990 sessions;").await?;
    it.redis.reset_command_stats()?;

    let pages = follow(&it, "/", "next").await?;
    assert_eq!(pages.len(), 20);
    assert_contains(
        &pages[19],
        &["Sessions 951 to 990 of 990, the newest first"],
    );
    let ids: BTreeSet<_> = pages.iter().flat_map(|page| rows(page)).collect();
    assert_eq!(ids.len(), 990);
    let times = pages
        .iter()
        .flat_map(|page| all_between(page, "created</dt><dd><time datetime=\"", "\""));
    assert!(times.clone().count() == 990 && times.is_sorted_by(|a, b| a >= b));
    let last = link(&pages[18], "next").context("no link")?;
    let back = follow(&it, &last, "prev").await?;
    assert!(
        back.iter()
            .map(|page| rows(page))
            .eq(pages.iter().rev().map(|page| rows(page)))
    );

    let allowed = "scan dbsize getrange strlen pttl hello auth select client|setinfo info config|resetstat command|docs";
    let sent = it.redis.command_stats()?;
    let other = sent
        .keys()
        .find(|sent| !allowed.split(' ').any(|it| it == *sent));
    assert_eq!(other, None, "was sent");
    // Known sessions are read for a page only.
    assert!(sent["getrange"].calls <= 2 * 990, "{sent:?}");
    Ok(())
}

#[actix_web::test]
async fn a_page_stays_while_sessions_begin_and_end() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    store_many(&it.redis, 120)?;
    let first = it.page_with(">120 sessions;").await?;
    let path = link(&first, "next").context("no link")?;
    let before = it.get(&path).await?.body;

    // The newest of all, and the newest of the page before.
    it.store(ALICE, &record(ALICE, "{}", ""))?;
    let newest = format!("session:{}-0000-4000-8000-000000000078", rows(&first)[0]);
    assert_eq!(it.redis.cli(&["DEL", &newest])?, "1");
    it.store(BOB, &record(BOB, "{}", ""))?;
    let after = it.get(&path).await?.body;
    assert_eq!(rows(&before), rows(&after));
    assert_contains(&before, &["Sessions 51 to 100 of 120"]);
    assert_contains(&after, &["Sessions 52 to 101 of 121"]);
    Ok(())
}

#[actix_web::test]
async fn only_a_page_makes_the_viewer_scan() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    it.page().await?;
    it.redis.reset_command_stats()?;
    for _ in 0..3 {
        it.page().await?;
    }
    let stats = it.redis.command_stats()?;
    assert!(stats["scan"].calls <= 3, "{stats:?}");
    Ok(())
}

#[actix_web::test]
async fn few_sessions_among_many_keys_are_found() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    let script = "for n = 1, 60000 do redis.call('SET', 'other:' .. n, '') end";
    it.redis.cli(&["EVAL", script, "0"])?;
    it.store(ALICE, &record(ALICE, "{}", ""))?;
    let page = it.page_with(">1 session; 60001 keys").await?;
    assert_eq!(rows(&page), ["7d444840"]);
    Ok(())
}

#[actix_web::test]
async fn a_prefix_is_not_a_pattern() -> Result<()> {
    const PREFIX: &str = r"s[a]*?\:";
    let it = Fixture::start(&[("SESSION_PREFIX", PREFIX)]).await?;
    let record = record(ALICE, "{}", "");
    it.redis
        .cli(&["SET", &format!("{PREFIX}{ALICE}"), &record])?;
    it.redis.cli(&["SET", &format!("sa-other:{ALICE}"), "{}"])?;
    let page = it.page().await?;
    assert_eq!(rows(&page).len(), 1);
    assert!(page.contains(">1 session; 2 keys"), "{page}");
    Ok(())
}

#[actix_web::test]
async fn a_hundred_thousand_sessions_block_neither_page_nor_redis() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    it.redis
        .cli(&["CONFIG", "SET", "slowlog-log-slower-than", "1000"])?;
    let memory = resident(&it)?;
    store_many(&it.redis, 100_000)?;
    it.redis.cli(&["SLOWLOG", "RESET"])?;
    it.redis.reset_command_stats()?;
    let started = Instant::now();
    it.page_with(">100000 sessions;").await?;
    println!(
        "100,000 sessions: the first list takes {:?} and {} bytes of memory for each session",
        started.elapsed(),
        (resident(&it)? - memory) / 100
    );

    let oldest = it.page().await?;
    let oldest = between(&oldest, "id=\"oldest\" href=\"", "\"")?.replace("&amp;", "&");
    for (what, path) in [
        ("the newest", "/"),
        ("the oldest", &oldest),
        ("a user's", "/?search=alice"),
        ("an unknown user's", "/?search=bob"),
        ("an ID's", "/?search=00001eef"),
    ] {
        let mut took = Vec::new();
        for _ in 0..11 {
            let response = it.get(path).await?;
            let shown = rows(&response.body).len();
            ensure!([0, 1, 50].contains(&shown), "{shown} rows");
            took.push(response.took);
        }
        took.sort();
        println!("{what} page takes {:?} (longest {:?})", took[5], took[10]);
        // A page takes a few milliseconds. The limit leaves room for a busy machine.
        assert!(took[5] < Duration::from_millis(500), "{what}: {took:?}");
    }

    let stats = it.redis.command_stats()?;
    let mut longest = 0.0_f64;
    for command in ["scan", "dbsize", "getrange", "strlen", "pttl"] {
        let micros = stats[command].micros_per_call;
        println!("a {command} holds Redis for {micros} us");
        longest = longest.max(micros);
    }
    let slow = it.redis.cli(&["SLOWLOG", "LEN"])?;
    let calls = stats.values().map(|it| it.calls).sum::<u64>();
    println!("{slow} of {calls} commands took longer than 1 ms");
    // Other clients of Redis wait that long. These are averages: a single command takes long when a busy machine gives
    // Redis no CPU time.
    assert!(longest < 1000.0, "{stats:?}");
    Ok(())
}

/// Returns the viewer's resident memory in KiB, where Linux reports it.
fn resident(it: &Fixture) -> Result<u64> {
    let status = std::fs::read_to_string(format!(
        "/proc/{}/status",
        it.viewer.pid().context("no process")?
    ));
    let status = status.unwrap_or_default();
    let resident = between(&status, "VmRSS:", "kB").unwrap_or("0");
    Ok(resident.trim().parse()?)
}
