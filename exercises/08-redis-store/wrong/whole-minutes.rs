    async fn get(&self, id: &str) -> anyhow::Result<Option<String>> {
        self.ask(cmd("GET").arg(key(id))).await
    }

    async fn set(&self, id: &str, json: String) -> anyhow::Result<()> {
        self.ask(cmd("SET").arg(key(id)).arg(json).arg("EX").arg(self.idle_timeout.as_secs() / 60 * 60)).await
    }
