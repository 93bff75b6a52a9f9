    /// Applies `change` to the session with this ID. Returns the session as it was written, or
    /// `None` if it has ended. Then it stays ended.
    async fn change(&self, id: &str, change: impl Fn(&mut Session)) -> anyhow::Result<Option<Session>> {
        let Some(read) = self.get(id).await? else {
            return Ok(None);
        };
        let mut session: Session = serde_json::from_str(&read)?;
        change(&mut session);
        let script = "if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
            redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
            return 1";
        let mut write = cmd("EVAL");
        write.arg(script).arg(1).arg(key(id));
        write.arg(serde_json::to_string(&session)?).arg(self.idle_timeout.as_secs());
        let written: bool = self.ask(&write).await?;
        Ok(written.then_some(session))
    }
