//! Sticky sessions: the load balancer sends each visitor back to the instance that has the session.

use anyhow::{Context, Result, ensure};
use testkit::{Demo, Deployment, Topology, serving};

use crate::{crowd::Crowd, narrator::Narrator, visitor::Visitor};

/// The number of visitors in each half of the scene. HAProxy gives half of them to each instance.
const VISITORS: usize = 20;

/// A visitor with a session, and the instance that has it.
struct Guest {
    visitor: Visitor,
    home: String,
    count: u64,
}

impl Guest {
    /// Visits once more. Returns whether the same session went on.
    async fn keeps_session(&mut self) -> Result<bool> {
        let count = self.visitor.get("/").await?.count().context("no count")?;
        let last = std::mem::replace(&mut self.count, count);
        Ok(count == last + 1)
    }
}

pub(crate) async fn sticky(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "The sessions are in memory. HAProxy sets a cookie of its own, which names the \
         instance of the first visit. Every later request goes there.",
    )?;
    let mut deployment = narrator.deploy(Topology::sticky(Demo::Memory), &[]).await?;
    let mut visitor = Visitor::new(&deployment.endpoint);
    narrator.visits(&mut visitor, 0..=3).await?;

    let arrive = arrive(&deployment);
    let what = format!("{VISITORS} more visitors come, twice each");
    let mut guests = narrator.act(&what, arrive).await?;
    narrator.say("All is well, until an instance is killed (SIGKILL).")?;
    let [first, second] = [0, 1].map(|index| deployment.instances[index].name().to_owned());
    let kill = async {
        deployment.instances[0].kill().await?;
        serving(&deployment.endpoint, Demo::Memory, 1).await
    };
    narrator.incident(&format!("kill {first}"), kill).await?;
    for (home, all_lose) in [(&first, true), (&second, false)] {
        let mut visited: Vec<_> = guests
            .iter_mut()
            .filter(|guest| guest.home == *home)
            .collect();
        let mut lost = 0;
        for guest in &mut visited {
            lost += usize::from(!guest.keeps_session().await?);
        }
        sessions_lost(narrator, home, visited.len(), all_lose, lost)?;
    }

    let start = async {
        deployment.instances[0].start().await?;
        serving(&deployment.endpoint, Demo::Memory, 2).await
    };
    narrator
        .incident(&format!("start {first} again"), start)
        .await?;
    drain(narrator, &mut deployment, &second).await
}

/// Lets visitors come twice each. All of them find their session again.
async fn arrive(deployment: &Deployment) -> Result<Vec<Guest>> {
    let mut guests = Vec::new();
    for _ in 0..VISITORS {
        let mut visitor = Visitor::new(&deployment.endpoint);
        let seen = visitor.get("/").await?;
        let mut guest = Guest {
            visitor,
            count: seen.count().context("no count")?,
            home: seen.instance.context("no X-Served-By")?,
        };
        ensure!(guest.keeps_session().await?, "a session is lost at once");
        guests.push(guest);
    }
    Ok(guests)
}

/// Replaces the second instance, called `name`, as a deploy does. Counts the visitors who lose their session.
async fn drain(narrator: &mut Narrator<'_>, deployment: &mut Deployment, name: &str) -> Result<()> {
    narrator.say(&format!(
        "Now a deploy, as gentle as it can be. {name} gets SIGTERM, and HAProxy gives it no \
         new visitors. It finishes its requests and ends, and a new process takes its place. \
         Meanwhile {VISITORS} new visitors click."
    ))?;
    let mut crowd = Crowd::arrive(&deployment.endpoint, "/", VISITORS).await?;
    let mut homes = Vec::new();
    for visitor in crowd.visitors() {
        // This page does not count.
        homes.push(visitor.get("/session/").await?.instance);
    }
    let restart = deployment.instances[1].restart();
    let what = format!("drain and restart {name}");
    let load = narrator.with_crowd(&what, &mut crowd, restart).await?;
    for (instance, all_lose) in deployment.instances.iter().zip([false, true]) {
        let name = instance.name();
        let is_here = |number: &usize| homes[*number].as_deref() == Some(name);
        let here: Vec<_> = (0..VISITORS).filter(is_here).collect();
        let lost = here.iter().filter(|number| load.losers.contains(number));
        sessions_lost(narrator, name, here.len(), all_lose, lost.count())?;
    }
    Ok(())
}

/// Records how many of the `visitors` of the instance `home` have lost their session: all of them, or none.
fn sessions_lost(
    narrator: &mut Narrator<'_>,
    home: &str,
    visitors: usize,
    all_lose: bool,
    lost: usize,
) -> Result<()> {
    ensure!(visitors > 0, "{home} has no visitors");
    let what = format!("sessions lost, of {visitors} visitors of {home}");
    narrator.observe(&what, if all_lose { visitors } else { 0 }, lost)
}
