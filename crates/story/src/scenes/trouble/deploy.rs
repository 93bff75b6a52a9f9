//! Instances are replaced while visitors click.

use actix_rt::task::JoinHandle;
use anyhow::Result;
use testkit::{Demo, Response, serving, wait_until};

use crate::{
    crowd::Crowd,
    expect::Expect,
    narrator::Narrator,
    scenes::target::{PATIENCE, PATIENT, Target},
    visitor::Visitor,
};

const VISITORS: usize = 50;

/// A request that takes more than a second. A stopping instance waits 2 seconds for requests in flight.
const SLOW: &str = "/slow?for=1200ms";

pub(crate) async fn rolling(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(&format!(
        "{VISITORS} visitors click while both instances are replaced, one after the other. A new \
         one starts when the old one has stopped (SIGTERM)."
    ))?;
    let settings = [("LAB", "true"), PATIENT];
    let (mut deployment, _) = narrator.balanced(Demo::Login, &settings).await?;
    let endpoint = deployment.endpoint.clone();
    let mut patient = Visitor::new(&endpoint);
    let first = Expect::text(r#"{"count":1,"storage":"redis"}"#);
    narrator.get(&mut patient, "/api/counter", first).await?;
    let mut crowd = Crowd::arrive(&endpoint, "/api/counter", VISITORS).await?;
    let mut slow = Vec::new();
    for with_slow in [false, true] {
        let mut targets = Target::both(narrator.runtime, &mut deployment).await?;
        let what = targets.each_ref().map(Target::name).join(", then ");
        let what = format!("replace {what}");
        let replaced = async {
            for index in 0..targets.len() {
                if with_slow {
                    begin_slow(&targets, index, &patient, &mut slow).await?;
                }
                targets[index].restart().await?;
                serving(&endpoint, Demo::Login, 2).await?;
            }
            Ok(())
        };
        narrator.unnoticed(&what, &mut crowd, replaced).await?;
        if !with_slow {
            narrator.say("Again, but now each instance stops while it serves a slow request:")?;
        }
    }
    let sent = slow.len();
    let mut finished = 0;
    for request in slow {
        finished += u64::from(request.await??.status == 204);
    }
    narrator.observe("slow requests that finished", sent.try_into()?, finished)?;
    // The first visit, the slow requests, and this one.
    let count = sent + 2;
    let expect = Expect::text(&format!(r#"{{"count":{count},"storage":"redis"}}"#));
    narrator.get(&mut patient, "/api/counter", expect).await?;
    narrator.reset(Demo::Login).await
}

/// Sends slow requests of `visitor`, until one is in flight on the target with this `index`. HAProxy chooses their
/// instances.
async fn begin_slow(
    targets: &[Target<'_>; 2],
    index: usize,
    visitor: &Visitor,
    slow: &mut Vec<JoinHandle<Result<Response>>>,
) -> Result<()> {
    let begun =
        async |target: &Target<'_>| anyhow::Ok(target.log().await?.matches("slow: begun").count());
    let total = async || anyhow::Ok(begun(&targets[0]).await? + begun(&targets[1]).await?);
    let before = begun(&targets[index]).await?;
    while begun(&targets[index]).await? == before {
        let earlier = total().await?;
        let mut tab = visitor.copied()?;
        slow.push(actix_rt::spawn(async move { tab.post(SLOW, "").await }));
        wait_until("a slow request to begin", PATIENCE, async || {
            Ok((total().await? > earlier).then_some(()))
        })
        .await?;
    }
    Ok(())
}
