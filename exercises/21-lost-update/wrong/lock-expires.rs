    /// Applies `change` to the session with this ID. Returns the session as it was written, or
    /// `None` if it has ended. Then it stays ended.
    async fn change(&self, id: &str, change: impl Fn(&mut Session)) -> anyhow::Result<Option<Session>> {
        let (lock, owner) = (format!("lock:{id}"), Uuid::new_v4().to_string());
        let mut take = cmd("SET");
        take.arg(&lock).arg(&owner).arg("NX").arg("PX").arg(10_000);
        while !self.ask::<bool>(&take).await? {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let Some(read) = self.get(id).await? else {
            self.ask::<()>(cmd("DEL").arg(&lock)).await?;
            return Ok(None);
        };
        let mut session: Session = serde_json::from_str(&read)?;
        change(&mut session);
        let written = self.set(id, &session, "XX").await?;
        let release = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end";
        self.ask::<()>(cmd("EVAL").arg(release).arg(1).arg(&lock).arg(&owner)).await?;
        Ok(written.then_some(session))
    }
