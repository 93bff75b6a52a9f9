//! Exercise 22: a click that is sent again after a timeout is counted once, whatever became of its first write.
//!
//! The rules of a right solution:
//! - The first write may have been made, may be lost, or may still come, at any moment. The repeated click is counted
//!   once in each case, and the answer to it is the basket.
//! - This holds for an instance that did not get the first request, and after other clicks in between.
//! - Clicks with different IDs are different clicks, and so are clicks of different customers with the same ID.
//! - A click that may not have been made is not answered with 200.
//! - Of two different clicks at the same time, both are counted.
//! - Redis has room for the last IDs of a session only. It keeps its idle timeout, and it stays ended when it has ended.

mod clicks;
mod site;
mod writes;

use anyhow::Result;
use testkit::{FaultProxy, Persistence, Redis};

use self::site::{Place, Site};
use super::redis_data::IDLE_TIMEOUT;
use crate::checker::Checker;

/// How long an instance waits for Redis. The Redis client itself would wait for 500 ms.
const REDIS_TIMEOUT: &str = "400ms";

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let redis = Redis::start(&checker.env, Persistence::None).await?;
    let [first, second] = [FaultProxy::start(&redis)?, FaultProxy::start(&redis)?];
    let app = async |name, proxy: &FaultProxy| {
        let url = proxy.url();
        let settings = [
            ("REDIS_URL", url.as_str()),
            ("REDIS_TIMEOUT", REDIS_TIMEOUT),
            ("IDLE_TIMEOUT", IDLE_TIMEOUT.0),
        ];
        checker.app(name, &settings).await
    };
    let apps = [app("app-1", &first).await?, app("app-2", &second).await?];
    let site = Site {
        checker,
        redis: &redis,
        here: Place {
            endpoint: apps[0].endpoint(),
            proxy: first,
        },
        there: Place {
            endpoint: apps[1].endpoint(),
            proxy: second,
        },
    };
    clicks::expect_different_clicks(&site).await?;
    writes::expect_once_after_lost_answer(&site).await?;
    writes::expect_once_after_held_write(&site).await?;
    writes::expect_once_if_write_comes_meanwhile(&site).await?;
    writes::expect_both_at_once(&site).await?;
    clicks::expect_end(&site).await?;
    clicks::expect_last_ids(&site).await
}
