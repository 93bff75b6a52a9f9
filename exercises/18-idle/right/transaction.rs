        let mut redis = self.pool.get().await?;
        let mut both = deadpool_redis::redis::pipe();
        both.atomic().get(key(id)).expire(key(id), self.idle_timeout.as_secs() as i64).ignore();
        let (json,) = both.query_async(&mut redis).await?;
        Ok(json)
