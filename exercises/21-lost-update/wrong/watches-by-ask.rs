    /// Applies `change` to the session with this ID. Returns the session as it was written, or
    /// `None` if it has ended. Then it stays ended.
    async fn change(&self, id: &str, change: impl Fn(&mut Session)) -> anyhow::Result<Option<Session>> {
        for _attempt in 0..64 {
            self.ask::<()>(cmd("WATCH").arg(key(id))).await?;
            let Some(read) = self.get(id).await? else {
                return Ok(None);
            };
            let mut session: Session = serde_json::from_str(&read)?;
            change(&mut session);
            self.ask::<()>(&cmd("MULTI")).await?;
            let mut write = cmd("SET");
            write.arg(key(id)).arg(serde_json::to_string(&session)?);
            write.arg("XX").arg("EX").arg(self.idle_timeout.as_secs());
            self.ask::<()>(&write).await?;
            if self.ask::<Option<(String,)>>(&cmd("EXEC")).await?.is_some() {
                return Ok(Some(session));
            }
        }
        anyhow::bail!("other requests changed the session before each of 64 attempts")
    }
