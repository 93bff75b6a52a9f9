    async fn update(&self, id: SessionKey, state: State, _ttl: &time::Duration) -> Result<SessionKey, UpdateError> {
        let json = serde_json::to_string(&state).map_err(|error| UpdateError::Serialization(error.into()))?;
        let key = key(id.as_ref());
        let write = async {
            // Closed afterwards, so that no other request gets it while it watches.
            let mut redis = deadpool_redis::Connection::take(self.pool.get().await?);
            cmd("WATCH").arg(&key).query_async::<()>(&mut redis).await?;
            if cmd("EXISTS").arg(&key).query_async(&mut redis).await? {
                let mut set = deadpool_redis::redis::pipe();
                set.atomic().set_ex(&key, json, self.idle_timeout.as_secs());
                // The reply is nil if the key was changed or removed meanwhile.
                set.query_async::<()>(&mut redis).await.inspect_err(|error| log::error!("{error}"))?;
            }
            Ok(())
        };
        write.await.map_err(UpdateError::Other)?;
        Ok(id)
    }

    async fn delete(&self, id: &SessionKey) -> anyhow::Result<()> {
        self.ask(cmd("EXPIRE").arg(key(id.as_ref())).arg(0)).await
    }
