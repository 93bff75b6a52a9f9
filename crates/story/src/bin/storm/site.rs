//! The servers in the storm.

use anyhow::Result;
use testkit::{Demo, Deployment, FaultProxy, Persistence, Redis, TestEnv, Topology};

/// Two instances of demo-login behind HAProxy, and their Redis behind a proxy that can fail.
pub(crate) struct Site {
    pub(crate) redis: Redis,
    pub(crate) proxy: FaultProxy,
    pub(crate) deployment: Deployment,
}

impl Site {
    pub(crate) async fn start(env: &TestEnv) -> Result<Self> {
        // Redis answers a write when it is on the disk. So even a failure of the machine would lose no answered write.
        let durable = ["--appendfsync", "always"];
        let redis = Redis::start_with(env, Persistence::AppendOnly, None, &durable).await?;
        let proxy = FaultProxy::start(&redis)?;
        let settings = [
            // A worker that is idle would notice a stalled connection to Redis only at its next request.
            ("WORKERS", "1"),
            ("REDIS_URL", &*proxy.url()),
            // Session IDs change in the middle of the storm.
            ("ROTATE_AFTER", "5s"),
            // All visitors come from one address.
            ("LOGINS_PER_ADDRESS", "0"),
            ("NEW_SESSIONS_PER_ADDRESS", "100000"),
        ];
        let topology = Topology::balanced(Demo::Login);
        let deployment = Deployment::start_with(env, topology, &settings).await?;
        Ok(Self {
            redis,
            proxy,
            deployment,
        })
    }
}
