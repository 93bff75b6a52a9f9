//! Instances are replaced while visitors click.

use actix_rt::task::JoinHandle;
use anyhow::Result;
use testkit::{Demo, Response, serving, wait_until};

use crate::{
    crowd::Crowd,
    expect::Expect,
    narrator::Narrator,
    scenes::target::{PATIENCE, PATIENT, Target, log, names},
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
    let names = names(&endpoint).await?;
    let mut slow = Vec::new();
    for with_slow in [false, true] {
        let replaced = async {
            for name in &names {
                if with_slow {
                    let log = async |name: &str| log(narrator.runtime, &deployment, name).await;
                    begin_slow(log, &names, name, &patient, &mut slow).await?;
                }
                let mut target = Target::of(narrator.runtime, &mut deployment, name)?;
                target.restart().await?;
                serving(&endpoint, Demo::Login, 2).await?;
            }
            Ok(())
        };
        let what = format!("replace {}, then {}", names[0], names[1]);
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

/// Sends slow requests of `visitor`, until one is in flight on the instance `name`. HAProxy chooses their instances.
async fn begin_slow(
    log: impl AsyncFn(&str) -> Result<String>,
    names: &[String],
    name: &str,
    visitor: &Visitor,
    slow: &mut Vec<JoinHandle<Result<Response>>>,
) -> Result<()> {
    let begun = async |name: &str| anyhow::Ok(log(name).await?.matches("slow: begun").count());
    let total = async || anyhow::Ok(begun(&names[0]).await? + begun(&names[1]).await?);
    let before = begun(name).await?;
    while begun(name).await? == before {
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
