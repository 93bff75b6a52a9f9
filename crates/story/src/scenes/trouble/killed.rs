//! An instance is killed while visitors click.

use std::time::Duration;

use anyhow::{Result, ensure};
use testkit::{Demo, serving};
use tokio::time::sleep;

use crate::{
    crowd::Crowd,
    narrator::Narrator,
    scenes::target::{PATIENT, Target},
};

const VISITORS: usize = 50;

/// How long the visitors click before the kill.
const BEFORE: Duration = Duration::from_millis(500);

/// The longest time from the first failed request to the last one.
const STEADY: Duration = Duration::from_secs(2);

pub(crate) async fn under_load(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(&format!(
        "{VISITORS} visitors click while an instance is killed (SIGKILL). When HAProxy has noticed, \
         the instance starts again. Then the same happens to the other one."
    ))?;
    let (mut deployment, _) = narrator.balanced(Demo::Redis, &[PATIENT]).await?;
    let endpoint = deployment.endpoint.clone();
    let mut crowd = Crowd::arrive(&endpoint, "/", VISITORS).await?;
    for mut target in Target::both(narrator.runtime, &mut deployment).await? {
        let what = format!("kill {}, and start it again", target.name());
        let killed = async {
            sleep(BEFORE).await;
            target.kill().await?;
            serving(&endpoint, Demo::Redis, 1).await?;
            target.start().await?;
            serving(&endpoint, Demo::Redis, 2).await
        };
        let load = narrator.with_crowd(&what, &mut crowd, killed).await?;
        narrator.none_lost(&load)?;
        ensure!(load.instances.len() == 2, "{load:?}");
        // Each visitor has one request in flight. HAProxy does not repeat those that had reached the instance.
        ensure!(
            load.failed() <= VISITORS.try_into()? && load.failing_for < STEADY,
            "more failed than what was in flight: {load:?}"
        );
    }
    Ok(())
}
