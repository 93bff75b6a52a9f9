    /// Keeps `state` as the session with this id, which was read when the request began. If the session has ended since
    /// then, it stays ended; that is no error.
    async fn update(&self, id: SessionKey, state: State, _ttl: &time::Duration) -> Result<SessionKey, UpdateError> {
        let living: bool = self.ask(cmd("EXISTS").arg(key(id.as_ref()))).await.map_err(UpdateError::Other)?;
        if living {
            self.set(id.as_ref(), &state).await.map_err(UpdateError::Other)?;
        }
        Ok(id)
    }

    /// Ends the session with this id, for every server. The visitor's cookie is removed without us.
    async fn delete(&self, id: &SessionKey) -> anyhow::Result<()> {
        self.ask(cmd("DEL").arg(key(id.as_ref()))).await
    }
