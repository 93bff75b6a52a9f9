//! Limits how often something may happen in a second.

use std::{
    hash::Hash,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use governor::{
    Quota,
    clock::{Clock, DefaultClock},
    state::keyed::{DefaultHasher, HashMapStateStore},
};

/// Counts events by a key, such as the session that sends a message, and refuses those that come too often.
///
/// A key may use up its events of a second at once. Then it gets one back at a time. All clones count together, in the
/// memory of this process. A key that has not been used for a second takes no memory.
#[derive(Debug)]
pub struct RateLimit<K: Eq + Hash + Clone>(Option<Arc<Counts<K>>>);

#[derive(Debug)]
struct Counts<K: Eq + Hash + Clone> {
    limiter: governor::RateLimiter<K, HashMapStateStore<K, DefaultHasher>, DefaultClock>,
    checks: AtomicU32,
}

/// The number of checks after which unused keys are removed.
const CHECKS_PER_CLEANING: u32 = 1024;

impl<K: Eq + Hash + Clone> RateLimit<K> {
    /// Allows each key this many events per second. 0 means no limit.
    pub fn per_second(limit: u32) -> Self {
        let quota = NonZeroU32::new(limit).map(Quota::per_second);
        Self(quota.map(|quota| {
            Arc::new(Counts {
                limiter: governor::RateLimiter::hashmap(quota),
                checks: AtomicU32::new(0),
            })
        }))
    }

    /// Counts an event of `key`. If the key has had too many, returns how long it has to wait for the next one.
    pub fn check(&self, key: &K) -> Result<(), Duration> {
        let Some(Counts { limiter, checks }) = self.0.as_deref() else {
            return Ok(());
        };
        if checks.fetch_add(1, Ordering::Relaxed) % CHECKS_PER_CLEANING == 0 {
            limiter.retain_recent();
        }
        let now = || limiter.clock().now();
        limiter
            .check_key(key)
            .map_err(|refused| refused.wait_time_from(now()))
    }
}

impl<K: Eq + Hash + Clone> Clone for RateLimit<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_limit_and_0_is_none() {
        let limit = RateLimit::per_second(3);
        for key in ["a", "b"] {
            for _ in 0..3 {
                assert_eq!(limit.clone().check(&key), Ok(()));
            }
            let wait = limit.check(&key).unwrap_err();
            assert!(wait <= Duration::from_millis(334), "{wait:?}");
        }
        let none = RateLimit::per_second(0);
        assert!((0..1000).all(|_| none.check(&"a").is_ok()));
    }

    #[test]
    fn unused_keys_take_no_memory() {
        // Each key is full again after a microsecond.
        let limit = RateLimit::per_second(1_000_000);
        for key in 0..20 * CHECKS_PER_CLEANING {
            limit.check(&key).unwrap();
        }
        let keys = limit.0.unwrap().limiter.len();
        assert!(keys <= CHECKS_PER_CLEANING as usize + 100, "{keys}");
    }
}
