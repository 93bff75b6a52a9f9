    /// Applies `change` to the session with this ID. Returns the session as it was written, or
    /// `None` if it has ended. Then it stays ended.
    async fn change(&self, id: &str, change: impl Fn(&mut Session)) -> anyhow::Result<Option<Session>> {
        let (lock, owner) = (format!("lock:{id}"), Uuid::new_v4().to_string());
        for _attempt in 0..64 {
            let mut take = cmd("SET");
            take.arg(&lock).arg(&owner).arg("NX").arg("PX").arg(1000);
            for _wait in 0..500 {
                if self.ask::<bool>(&take).await? {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            let Some(read) = self.get(id).await? else {
                return Ok(None);
            };
            let mut session: Session = serde_json::from_str(&read)?;
            change(&mut session);
            let script = "local written = 0
                if redis.call('GET', KEYS[1]) == ARGV[1] then
                    redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
                    written = 1
                end
                if redis.call('GET', KEYS[2]) == ARGV[4] then redis.call('DEL', KEYS[2]) end
                return written";
            let mut write = cmd("EVAL");
            write.arg(script).arg(2).arg(key(id)).arg(&lock).arg(read);
            write.arg(serde_json::to_string(&session)?).arg(self.idle_timeout.as_secs()).arg(&owner);
            if self.ask(&write).await? {
                return Ok(Some(session));
            }
        }
        anyhow::bail!("other requests changed the session before each of 64 attempts")
    }
