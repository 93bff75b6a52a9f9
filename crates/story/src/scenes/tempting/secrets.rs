//! The secret that signs the cookies: the same on all instances, and replaced without a logout.

use anyhow::{Result, ensure};
use testkit::{Demo, Deployment, serving};

use crate::{
    crowd::{Crowd, Load},
    expect::Expect,
    narrator::Narrator,
    scenes::target::Target,
    visitor::Visitor,
};

/// Visitors who click all the time.
const BUSY: usize = 20;

/// Visitors who click seldom, in each of two groups.
const SELDOM: usize = 5;

const KEY: &str = "SESSION_KEY";
const ACCEPTED: &str = "ACCEPTED_SESSION_KEYS";
const OLD: &str = "the old secret of this scene has at least 32 bytes";
const NEW: &str = "the new secret of this scene has at least 32 bytes";
const THIRD: &str = "the third secret of this scene has 32 bytes too";

pub(crate) async fn own_secrets(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Two instances share one Redis, but one of them gets a secret of its own. Each \
         rejects the cookies of the other, and begins a new session.",
    )?;
    let (mut deployment, mut visitor) = narrator.balanced(Demo::Redis, &[(KEY, OLD)]).await?;
    let endpoint = deployment.endpoint.clone();
    let [target, _] = Target::both(narrator.runtime, &mut deployment).await?;
    let what = format!("replace {}, with another SESSION_KEY", target.name());
    let replace = async {
        target.replace(Demo::Redis, &[(KEY, NEW)]).await?;
        serving(&endpoint, Demo::Redis, 2).await
    };
    narrator.incident(&what, replace).await?;
    let mut last = narrator.get(&mut visitor, "/", Expect::count(0)).await?;
    for _ in 0..3 {
        let expect = Expect::count(0).new_session(&last).other_instance(&last);
        last = narrator.get(&mut visitor, "/", expect).await?;
    }
    narrator.reset(Demo::Redis).await
}

pub(crate) async fn new_secret(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(&format!(
        "The secret of a login is replaced in three rolling restarts. {BUSY} visitors are \
         logged in and click all the time. {SELDOM} more come once between the last two \
         restarts, and {SELDOM} do not come at all then."
    ))?;
    let (mut deployment, _) = narrator.balanced(Demo::Login, &[(KEY, OLD)]).await?;
    let mut crowd = Crowd::of(log_in(&deployment, BUSY).await?, "/api/counter").await?;
    let mut seldom = log_in(&deployment, SELDOM).await?;
    let mut away = log_in(&deployment, SELDOM).await?;

    let servers = &mut deployment;
    let what = "1. accept the new secret, sign with the old one";
    let settings = [(KEY, OLD), (ACCEPTED, NEW)];
    gentle(narrator, servers, &mut crowd, what, settings).await?;
    let what = "2. sign with the new secret, accept the old one";
    let settings = [(KEY, NEW), (ACCEPTED, OLD)];
    gentle(narrator, servers, &mut crowd, what, settings).await?;
    let what = format!("{SELDOM} visitors come once");
    narrator.act(&what, logged_in(&mut seldom)).await?;
    let what = "3. drop the old secret";
    let settings = [(KEY, NEW), (ACCEPTED, "")];
    gentle(narrator, servers, &mut crowd, what, settings).await?;

    let what = format!("still logged in, of {BUSY} who clicked all the time");
    let busy = logged_in(crowd.visitors()).await?;
    narrator.observe(&what, BUSY, busy)?;
    for (visitors, how, expected) in [
        (&mut seldom, "came once", SELDOM),
        (&mut away, "did not come", 0),
    ] {
        let what = format!("still logged in, of {SELDOM} who {how} between 2 and 3");
        narrator.observe(&what, expected, logged_in(visitors).await?)?;
    }

    narrator.say(
        "So wait as long as the idle timeout between the last two steps. The shortcut is a \
         single rolling restart, which signs with a new secret and accepts no other:",
    )?;
    let what = "sign with a third secret, accept no other";
    let settings = [(KEY, THIRD), (ACCEPTED, "")];
    roll(narrator, servers, &mut crowd, what, settings).await?;
    let busy = logged_in(crowd.visitors()).await?;
    let what = format!("logged out by the shortcut, of {BUSY}");
    narrator.observe(&what, BUSY, BUSY - busy)?;
    narrator.reset(Demo::Login).await
}

/// Creates `count` visitors who are logged in.
async fn log_in(deployment: &Deployment, count: usize) -> Result<Vec<Visitor>> {
    let mut visitors = Vec::new();
    for number in 0..count {
        let mut visitor = Visitor::new(&deployment.endpoint);
        let json = format!(r#"{{"userId":"visitor-{number}"}}"#);
        let seen = visitor.post("/login", &json).await?;
        ensure!(seen.status == 200, "cannot log in: {seen:?}");
        visitors.push(visitor);
    }
    Ok(visitors)
}

/// Returns how many `visitors` are logged in.
async fn logged_in(visitors: impl IntoIterator<Item = &mut Visitor>) -> Result<usize> {
    let mut count = 0;
    for visitor in visitors {
        count += usize::from(visitor.get("/dashboard").await?.status == 200);
    }
    Ok(count)
}

/// Does the same as [`roll`], and expects that no session is lost. The scene `rolling-deploy` expects that no request
/// fails.
async fn gentle(
    narrator: &mut Narrator<'_>,
    deployment: &mut Deployment,
    crowd: &mut Crowd,
    what: &str,
    settings: [(&str, &str); 2],
) -> Result<()> {
    let load = roll(narrator, deployment, crowd, what, settings).await?;
    narrator.none_lost(&load)
}

/// Replaces both instances, one after the other, by instances with `settings`, while the `crowd` clicks.
async fn roll(
    narrator: &mut Narrator<'_>,
    deployment: &mut Deployment,
    crowd: &mut Crowd,
    what: &str,
    settings: [(&str, &str); 2],
) -> Result<Load> {
    let endpoint = deployment.endpoint.clone();
    let runtime = narrator.runtime;
    let replaced = async {
        for target in Target::both(runtime, deployment).await? {
            target.replace(Demo::Login, &settings).await?;
            serving(&endpoint, Demo::Login, 2).await?;
        }
        Ok(())
    };
    narrator.with_crowd(what, crowd, replaced).await
}
