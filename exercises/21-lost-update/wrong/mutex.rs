    /// Applies `change` to the session with this ID. Returns the session as it was written, or
    /// `None` if it has ended. Then it stays ended.
    async fn change(&self, id: &str, change: impl Fn(&mut Session)) -> anyhow::Result<Option<Session>> {
        static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
        let _guard = ONE_AT_A_TIME.lock().await;
        let Some(read) = self.get(id).await? else {
            return Ok(None);
        };
        let mut session: Session = serde_json::from_str(&read)?;
        change(&mut session);
        Ok(self.set(id, &session, "XX").await?.then_some(session))
    }
