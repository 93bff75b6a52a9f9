    /// Applies `change` to the session with this ID. Returns the session as it was written, or
    /// `None` if it has ended. Then it stays ended.
    async fn change(&self, id: &str, change: impl Fn(&mut Session)) -> anyhow::Result<Option<Session>> {
        for _attempt in 0..64 {
            let Some(read) = self.get(id).await? else {
                return Ok(None);
            };
            let mut session: Session = serde_json::from_str(&read)?;
            change(&mut session);
            if self.get(id).await? == Some(read) {
                return Ok(self.set(id, &session, "XX").await?.then_some(session));
            }
        }
        anyhow::bail!("other requests changed the session before each of 64 attempts")
    }
