//! Exercise 13: who signs in gets a new id, and keeps what was in the session.

use anyhow::{Result, bail};
use testkit::{Instance, Response, Visitor};

use crate::{bench::Bench, finding::Finding};

pub(super) async fn check(bench: &Bench) -> Result<()> {
    let redis = bench.redis().await?;
    let apps = bench.two_apps(&[("REDIS_URL", &redis.url())]).await?;
    let balancer = bench.balanced(&apps).await?;
    let endpoint = balancer.endpoint();

    bench.did("Mallory visits, and plants the cookie in Alice's browser");
    let mut mallory = Visitor::new();
    expect(
        &bench.visit(&mut mallory, &endpoint, "/").await?,
        "World",
        0,
    )?;
    let mut alice = mallory.clone();
    expect(&bench.visit(&mut alice, &endpoint, "/").await?, "World", 1)?;
    sign_in(bench, &apps[0], &mut alice, "alice").await?;
    bench.did("Alice, at each server");
    let seen = bench.visit(&mut alice, &apps[1].endpoint(), "/").await?;
    let intruder = impostor(bench, &apps, &mallory, "alice").await?;
    still_herself(&seen, intruder.is_some())?;
    if let Some(seen) = intruder {
        bail!(taken_over(
            &seen,
            "Mallory is signed in as Alice: the id from before is the id of after, and Mallory has known it all along"
        ));
    }
    expect(
        &bench.visit(&mut alice, &apps[0].endpoint(), "/").await?,
        "alice",
        3,
    )?;

    bench.did("Mallory signs in, and plants the cookie of that in Bob's browser");
    let mut mallory = Visitor::new();
    sign_in(bench, &apps[0], &mut mallory, "mallory").await?;
    let mut bob = mallory.clone();
    sign_in(bench, &apps[1], &mut bob, "bob").await?;
    expect(
        &bench.visit(&mut bob, &apps[0].endpoint(), "/").await?,
        "bob",
        0,
    )?;
    if let Some(seen) = impostor(bench, &apps, &mallory, "bob").await? {
        let meaning = "Mallory is signed in as Bob: whoever was signed in already kept the id, and the next to sign in may be somebody else";
        bail!(taken_over(&seen, meaning));
    }
    Ok(())
}

async fn sign_in(bench: &Bench, app: &Instance, visitor: &mut Visitor, user: &str) -> Result<()> {
    let seen = bench
        .post(visitor, &app.endpoint(), "/login", &format!("user={user}"))
        .await?;
    if seen.status >= 400 {
        let meaning = "nobody can sign in: the server failed";
        bail!(
            Finding::new("303 for who signs in", seen.status.to_string(), meaning)
                .at(Some(app.name()))
        );
    }
    Ok(())
}

/// What Mallory's cookie, as it was before `victim` signed in, sees at a server that takes it for theirs.
async fn impostor(
    bench: &Bench,
    apps: &[Instance],
    mallory: &Visitor,
    victim: &str,
) -> Result<Option<Response>> {
    bench.did("Mallory, with the cookie from before");
    for app in apps {
        let seen = bench
            .visit(&mut mallory.clone(), &app.endpoint(), "/")
            .await?;
        if greeted(&seen).is_some_and(|(user, _)| user == victim) {
            return Ok(Some(seen));
        }
    }
    Ok(None)
}

fn taken_over(seen: &Response, meaning: &str) -> Finding {
    Finding::new(
        "Hello World #0 for the cookie from before",
        seen.body.trim_end(),
        meaning,
    )
    .at(seen.instance.as_deref())
}

/// Alice's first visit after signing in; `shared` is her session with Mallory.
fn still_herself(seen: &Response, shared: bool) -> Result<()> {
    let meaning = match greeted(seen) {
        Some(("alice", 2)) => return Ok(()),
        Some(("alice", 0)) if shared => {
            "Mallory is signed in as Alice: clear empties the session, and its id stays. It is the id that has to go"
        }
        Some(("alice", 0)) => {
            "Alice is signed in, and what was in the session before is gone: her basket, if this were a shop"
        }
        Some(("World", 0)) => {
            "Alice has signed in and is nobody: after purge nothing is kept, whatever is inserted; the session ends with the request"
        }
        Some(("World", _)) => "Alice has signed in and is nobody: is the user inserted?",
        _ => "that is not Alice on her third visit",
    };
    bail!(
        Finding::new("Hello alice #2 for Alice", seen.body.trim_end(), meaning)
            .at(seen.instance.as_deref())
    )
}

fn expect(seen: &Response, user: &str, count: u64) -> Result<()> {
    if greeted(seen) == Some((user, count)) {
        return Ok(());
    }
    let meaning = match greeted(seen) {
        None => "that is no greeting of this exercise's program",
        Some((other, _)) if other != user => "that is somebody else",
        Some(_) => "that is no count of this session's visits",
    };
    bail!(
        Finding::new(
            format!("Hello {user} #{count}"),
            seen.body.trim_end(),
            meaning
        )
        .at(seen.instance.as_deref())
    )
}

/// The name and N of `Hello name #N`.
fn greeted(seen: &Response) -> Option<(&str, u64)> {
    let (name, count) = seen
        .body
        .trim_end()
        .strip_prefix("Hello ")?
        .rsplit_once(" #")?;
    Some((name, count.parse().ok()?))
}
