//! Pages by SCAN, with few sessions and with 100,000.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context, Result, ensure};
use testkit::Redis;

use crate::common::{ALICE, Fixture, between, record};

fn store_many(redis: &Redis, count: usize) -> Result<()> {
    const SCRIPT: &str = "for n = 1, ARGV[1] do
        local id = string.format('%08x-0000-4000-8000-%012x', n * 7919 % 4294967296, n)
        redis.call('SET', 'session:' .. id, (string.gsub(ARGV[2], 'THE-ID', id)), 'EX', 1800)
    end";
    let data = r#"{"userData":{"userId":"alice"},"visitCount":3}"#;
    let record = record("THE-ID", data, r#","User":"alice""#);
    let eval = ["EVAL", SCRIPT, "0", &count.to_string(), &record];
    redis.cli(&eval).map(drop)
}

/// Returns the IDs of the rows in `page`.
fn rows(page: &str) -> BTreeSet<String> {
    page.split("id=\"s-")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
        .collect()
}

fn next_page(page: &str) -> Option<String> {
    let link = between(page, "<a rel=\"next\" href=\"", "\"");
    link.ok().map(str::to_owned)
}

/// Follows the links from the first page to the last. Returns the rows of each page.
async fn all_pages(it: &Fixture) -> Result<Vec<BTreeSet<String>>> {
    let (mut pages, mut path) = (Vec::new(), Some("/".to_owned()));
    while let Some(current) = path {
        let page = it.get(&current).await?.body;
        assert_eq!(page.contains(">First page</a>"), !pages.is_empty());
        pages.push(rows(&page));
        ensure!(pages.len() < 50, "no end after 50 pages");
        path = next_page(&page);
    }
    Ok(pages)
}

#[actix_web::test]
async fn pages_lead_to_every_session_without_keys() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    store_many(&it.redis, 1000)?;
    it.redis.reset_command_stats()?;

    let pages = all_pages(&it).await?;
    assert!(pages.len() >= 5, "{} pages", pages.len());
    assert!(pages.iter().all(|page| (1..=250).contains(&page.len())));
    let all: BTreeSet<_> = pages.into_iter().flatten().collect();
    assert_eq!(all.len(), 1000);

    let allowed = "scan dbsize getrange strlen pttl hello auth select client|setinfo info config|resetstat command|docs";
    let sent = it.redis.command_stats()?;
    assert!(sent.contains_key("scan"), "{sent:?}");
    let other = sent
        .keys()
        .find(|sent| !allowed.split(' ').any(|it| it == *sent));
    assert_eq!(other, None, "was sent");
    Ok(())
}

#[actix_web::test]
async fn few_sessions_among_many_keys_are_found() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    let script = "for n = 1, 60000 do redis.call('SET', 'other:' .. n, '') end";
    it.redis.cli(&["EVAL", script, "0"])?;
    it.store(ALICE, &record(ALICE, "{}", ""))?;
    let pages = all_pages(&it).await?;
    assert_eq!(pages.iter().map(BTreeSet::len).sum::<usize>(), 1);
    assert!((2..10).contains(&pages.len()), "{} pages", pages.len());
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
    assert!(page.contains("1 session in total; 2 keys"), "{page}");
    Ok(())
}

#[actix_web::test]
async fn a_hundred_thousand_sessions_block_neither_page_nor_redis() -> Result<()> {
    let it = Fixture::start(&[]).await?;
    store_many(&it.redis, 100_000)?;
    it.redis.reset_command_stats()?;

    let (mut took, mut path) = (Vec::new(), "/".to_owned());
    for _ in 0..30 {
        let response = it.get(&path).await?;
        let shown = rows(&response.body).len();
        assert!((50..=250).contains(&shown), "{shown} rows");
        took.push((response.took, shown, response.body.len()));
        path = next_page(&response.body).context("no next page")?;
    }
    took.sort();
    let (median, shown, bytes) = took[took.len() / 2];
    let (longest, ..) = took[took.len() - 1];
    println!(
        "100,000 sessions: a page of {shown} takes {median:?} (longest {longest:?}, {bytes} bytes)"
    );
    let stats = it.redis.command_stats()?;
    let micros = |command: &str| stats[command].micros_per_call;
    let read = micros("getrange") + micros("strlen") + micros("pttl");
    let scan = micros("scan");
    println!("a SCAN blocks Redis for {scan} us, reading one session for {read} us");
    // Other clients of Redis wait that long. These are averages: a single command takes long when a busy machine gives
    // Redis no CPU time.
    assert!(scan < 5000.0 && read < 5000.0, "{stats:?}");
    assert!(longest < Duration::from_secs(1), "{longest:?}");
    Ok(())
}
