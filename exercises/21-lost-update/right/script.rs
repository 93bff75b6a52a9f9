    /// Applies `change` to the session with this ID. Returns the session as it was written, or
    /// `None` if it has ended. Then it stays ended.
    async fn change(&self, id: &str, change: impl Fn(&mut Session)) -> anyhow::Result<Option<Session>> {
        let script = deadpool_redis::redis::Script::new(
            "local now = redis.call('GET', KEYS[1])
            if not now then return 'ended' end
            if now ~= ARGV[1] then return 'conflict' end
            redis.call('SETEX', KEYS[1], ARGV[3], ARGV[2])
            return 'written'",
        );
        for attempt in 0..64u64 {
            let Some(read) = self.get(id).await? else {
                return Ok(None);
            };
            let mut session: Session = serde_json::from_str(&read)?;
            change(&mut session);
            let mut write = script.key(key(id));
            write.arg(read);
            write.arg(serde_json::to_string(&session)?).arg(self.idle_timeout.as_secs());
            let mut redis = self.pool.get().await?;
            match write.invoke_async::<String>(&mut redis).await?.as_str() {
                "written" => return Ok(Some(session)),
                "ended" => return Ok(None),
                _ => tokio::time::sleep(Duration::from_millis(attempt % 5)).await,
            }
        }
        anyhow::bail!("other requests changed the session before each of 64 attempts")
    }
