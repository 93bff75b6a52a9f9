//! Faults of Redis, and of the network between it and the instances.

use std::{fmt, time::Duration};

use anyhow::Result;
use fastrand::Rng;
use testkit::{FaultProxy, Redis};
use tokio::time::sleep;

use crate::gust::millis;

/// A part of each command that writes a session.
const WRITE: &str = "\"Version\":";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RedisFault {
    /// SIGKILL, and a start after this time.
    Kill(Duration),
    /// SIGTERM, and a start at once.
    Restart,
    Freeze(Duration),
    /// Each answer takes longer, for some time.
    Slow {
        by: Duration,
        lasts: Duration,
    },
    /// Redis closes all connections.
    Cut,
    /// The open connections carry nothing from now on, and stay open.
    Stall,
    /// The answer to a write is lost, and its connection closed. Redis does the write.
    LoseAnswer,
    /// A write arrives late.
    Delay(Duration),
}

impl RedisFault {
    pub(crate) fn random(rng: &mut Rng) -> Self {
        match rng.u8(..8) {
            0 => Self::Kill(millis(rng, 0..800)),
            1 => Self::Restart,
            2 => Self::Freeze(millis(rng, 50..2000)),
            3 => Self::Slow {
                by: millis(rng, 20..500),
                lasts: millis(rng, 200..1500),
            },
            4 => Self::Cut,
            5 => Self::Stall,
            6 => Self::LoseAnswer,
            _ => Self::Delay(millis(rng, 100..2500)),
        }
    }

    /// Causes the fault, and waits until it is over.
    pub(crate) async fn strike(&self, redis: &mut Redis, proxy: &FaultProxy) -> Result<()> {
        match self {
            Self::Kill(gone_for) => {
                redis.kill().await?;
                sleep(*gone_for).await;
                redis.resume().await?;
            }
            Self::Restart => redis.restart().await?,
            Self::Freeze(lasts) => {
                redis.freeze()?;
                sleep(*lasts).await;
                redis.thaw()?;
            }
            Self::Slow { by, lasts } => {
                proxy.slow_down(*by, usize::MAX);
                sleep(*lasts).await;
            }
            Self::Cut => {
                redis.cli(&["CLIENT", "KILL", "TYPE", "normal"])?;
            }
            Self::Stall => proxy.stall(),
            Self::LoseAnswer => {
                proxy.lose_response_to(WRITE);
                sleep(Duration::from_millis(200)).await;
            }
            Self::Delay(late) => {
                let held = proxy.hold(WRITE);
                sleep(*late).await;
                held.release();
            }
        }
        proxy.recover();
        Ok(())
    }
}

impl fmt::Display for RedisFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(gone_for) => write!(f, "kill Redis, start it after {gone_for:?}"),
            Self::Restart => write!(f, "restart Redis"),
            Self::Freeze(lasts) => write!(f, "freeze Redis for {lasts:?}"),
            Self::Slow { by, lasts } => {
                write!(f, "slow down Redis by {by:?} for {lasts:?}")
            }
            Self::Cut => write!(f, "close the connections to Redis"),
            Self::Stall => write!(f, "stall the connections to Redis"),
            Self::LoseAnswer => write!(f, "lose the answer to a write"),
            Self::Delay(late) => write!(f, "delay a write by {late:?}"),
        }
    }
}
