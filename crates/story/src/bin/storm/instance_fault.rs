//! Faults of the instances.

use std::{fmt, time::Duration};

use anyhow::Result;
use fastrand::Rng;
use testkit::{Instance, wait_until};
use tokio::time::sleep;

use crate::gust::millis;

/// The longest wait for an instance, which cannot start while it does not reach Redis.
const PATIENCE: Duration = Duration::from_secs(20);

/// A fault of one instance, which is given by its index, or of all instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InstanceFault {
    /// SIGKILL, and a start after this time.
    Kill(usize, Duration),
    Freeze(usize, Duration),
    /// All instances are restarted, one after the other.
    Deploy,
}

impl InstanceFault {
    pub(crate) fn random(rng: &mut Rng) -> Self {
        match rng.u8(..3) {
            0 => Self::Kill(rng.usize(..2), millis(rng, 0..1000)),
            1 => Self::Freeze(rng.usize(..2), millis(rng, 100..4000)),
            _ => Self::Deploy,
        }
    }

    /// Causes the fault, and waits until it is over.
    pub(crate) async fn strike(&self, instances: &mut [Instance]) -> Result<()> {
        match self {
            Self::Kill(index, gone_for) => {
                instances[*index].kill().await?;
                sleep(*gone_for).await;
                start(&mut instances[*index]).await
            }
            Self::Freeze(index, lasts) => {
                instances[*index].freeze()?;
                sleep(*lasts).await;
                instances[*index].thaw()
            }
            Self::Deploy => {
                for instance in instances {
                    instance.stop().await?;
                    start(instance).await?;
                }
                Ok(())
            }
        }
    }
}

/// Starts `instance` as a service manager does: again, whenever it ends.
async fn start(instance: &mut Instance) -> Result<()> {
    wait_until("an instance to start", PATIENCE, async || {
        Ok(instance.start().await.ok())
    })
    .await
}

impl fmt::Display for InstanceFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(index, gone_for) => {
                write!(
                    f,
                    "kill instance {}, start it after {gone_for:?}",
                    index + 1
                )
            }
            Self::Freeze(index, lasts) => {
                write!(f, "freeze instance {} for {lasts:?}", index + 1)
            }
            Self::Deploy => write!(f, "restart one instance after the other"),
        }
    }
}
