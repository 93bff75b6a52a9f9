//! A shared folder: both instances keep their sessions in the same files.

use anyhow::{Context, Result, ensure};
use testkit::{Demo, Deployment, Topology};

use super::timing::{TIMED, medians};
use crate::{expect::Expect, narrator::Narrator, visitor::Visitor};

/// How often two requests of one visitor change the session at the same time.
const PAIRS: u64 = 100;

pub(crate) async fn shared_folder(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Both instances get the same SESSION_DIR. On one machine that works: each finds \
         the files of the other.",
    )?;
    let folder = narrator.env.folder("shared-sessions")?;
    let settings = [("SESSION_DIR", folder.to_str().context("not UTF-8")?)];
    let (files, mut visitor) = narrator.balanced(Demo::File, &settings).await?;
    let counts = (0..4).map(Expect::count);
    narrator.alternate(&mut visitor, None, counts).await?;

    narrator.say(&format!(
        "Now two requests of one visitor arrive at the same time, {PAIRS} times. One counts \
         a visit, and the other sets a value. Both are answered with 200. Does each change \
         survive?"
    ))?;
    let one = narrator.deploy(Topology::one(Demo::File), &[]).await?;
    let redis = narrator.deploy(Topology::two(Demo::Redis), &[]).await?;
    for (deployment, where_to) in [
        (&one, "both to one instance with files"),
        (&redis, "each to another instance, with Redis"),
    ] {
        let what = format!("send the pairs: {where_to}");
        let send = lost_changes(deployment, PAIRS);
        let lost = narrator.act(&what, send).await?;
        let what = format!("changes lost, of {}", 2 * PAIRS);
        narrator.observe(&what, 0, lost)?;
    }
    let (mut pairs, mut lost) = (0, 0);
    // A change is lost if both instances read the file before either replaces it. With bad luck that takes longer.
    while lost == 0 && pairs < 20 * PAIRS {
        let what = "send the pairs: each to another instance, with the shared folder";
        lost = narrator.act(what, lost_changes(&files, PAIRS)).await?;
        pairs += PAIRS;
    }
    narrator.say(&format!("changes lost, of {}: {lost}", 2 * pairs))?;
    ensure!(lost > 0, "no change was lost in {pairs} pairs of requests");
    narrator.say(
        "Before it writes, a store checks that the session has the version that it has read. \
         Within one process a lock protects check and write, and Redis does both in one step. \
         Two processes with one folder have neither.",
    )?;
    cost(narrator, &files, &redis).await
}

/// Sends `pairs` of requests in one session at the same time, each to another instance if there are two. One counts a
/// visit, and the other sets a value. Returns how many of these changes are missing afterwards.
async fn lost_changes(deployment: &Deployment, pairs: u64) -> Result<u64> {
    let first = deployment.instances.first().context("no instance")?;
    let second = deployment.instances.last().context("no instance")?;
    let mut counting = Visitor::new(&first.endpoint());
    let seen = counting.get("/").await?;
    let mut count = seen.count().context("no count")?;
    let mut setting = counting.copied()?;
    setting.at(&second.endpoint());
    let mut lost = 0;
    for pair in 0..pairs {
        let value = format!("value-{pair}");
        let path = format!("/session/set/{value}");
        let (visit, set) = tokio::try_join!(counting.get("/"), setting.get(&path))?;
        ensure!(
            (visit.status, set.status) == (200, 200),
            "{visit:?}, {set:?}"
        );
        let seen = counting.get("/").await?;
        let after = seen.count().context("no count")?;
        // The visit of the pair and this one.
        lost += (count + 2).saturating_sub(after);
        lost += u64::from(seen.value() != Some(&value));
        count = after;
    }
    Ok(lost)
}

/// Compares the time of a request in files and in Redis.
async fn cost(narrator: &mut Narrator<'_>, files: &Deployment, redis: &Deployment) -> Result<()> {
    let visitors = [files, redis].map(|it| Visitor::new(&it.instances[0].endpoint()));
    let [files, redis] = medians(visitors).await?;
    let ratio = files / redis;
    narrator.say(&format!(
        "A request takes {files:.2} ms with files and {redis:.2} ms with Redis, a ratio of \
         {ratio:.1}. (These are medians of {TIMED} requests each, here on one machine.)"
    ))
}
