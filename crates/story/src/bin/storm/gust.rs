//! A gust: some faults that follow each other or overlap.

use std::{ops::Range, time::Duration};

use anyhow::Result;
use fastrand::Rng;
use tokio::{time::sleep, try_join};

use crate::{instance_fault::InstanceFault, record::Record, redis_fault::RedisFault, site::Site};

/// Faults, each after a pause. Those of Redis and those of the instances overlap.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Gust {
    redis: Vec<(Duration, RedisFault)>,
    instances: Vec<(Duration, InstanceFault)>,
}

impl Gust {
    pub(crate) fn random(rng: &mut Rng) -> Self {
        let redis = (0..rng.u8(1..=4)).map(|_| (millis(rng, 0..400), RedisFault::random(rng)));
        let redis = redis.collect();
        let instances =
            (0..rng.u8(..=2)).map(|_| (millis(rng, 0..400), InstanceFault::random(rng)));
        let instances = instances.collect();
        Self { redis, instances }
    }

    /// Causes the faults, and waits until they are over.
    pub(crate) async fn strike(&self, site: &mut Site, record: &Record) -> Result<()> {
        let Site {
            redis,
            proxy,
            deployment,
        } = site;
        let on_redis = async {
            for (pause, fault) in &self.redis {
                sleep(*pause).await;
                let strike = fault.strike(redis, proxy);
                record.fault(fault.to_string(), strike).await?;
            }
            Ok(())
        };
        let on_instances = async {
            for (pause, fault) in &self.instances {
                sleep(*pause).await;
                let strike = fault.strike(&mut deployment.instances);
                record.fault(fault.to_string(), strike).await?;
            }
            Ok(())
        };
        try_join!(on_redis, on_instances).map(drop)
    }
}

/// Draws a time from `range`, in milliseconds.
pub(crate) fn millis(rng: &mut Rng, range: Range<u64>) -> Duration {
    Duration::from_millis(rng.u64(range))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_faults() {
        let gusts = |seed| {
            let mut rng = Rng::with_seed(seed);
            (0..20).map(|_| Gust::random(&mut rng)).collect::<Vec<_>>()
        };
        assert_eq!(gusts(7), gusts(7));
        assert_ne!(gusts(7), gusts(8));
    }
}
