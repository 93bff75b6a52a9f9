    /// Returns the session with this ID as JSON, if Redis has one.
    async fn get(&self, id: &str) -> anyhow::Result<Option<String>> {
        self.ask(cmd("GET").arg(key(id))).await
    }

    /// Stores `json` as the session with this ID. It expires `self.idle_timeout` from now.
    async fn set(&self, id: &str, json: String) -> anyhow::Result<()> {
        self.ask(cmd("SET").arg(key(id)).arg(json).arg("EX").arg(self.idle_timeout.as_secs())).await
    }
