    async fn publish(&self, message: String) -> anyhow::Result<()> {
        let mut redis = self.redis.get_multiplexed_async_connection().await?;
        Ok(cmd("RPUSH").arg(CHANNEL).arg(message).query_async(&mut redis).await?)
    }

    async fn subscribe(&self) -> anyhow::Result<impl Stream<Item = String> + 'static> {
        let patient = deadpool_redis::redis::AsyncConnectionConfig::new().set_response_timeout(None);
        let redis = self.redis.get_multiplexed_async_connection_with_config(&patient).await?;
        Ok(stream::unfold(redis, async |mut redis| {
            let taken = cmd("BLPOP").arg(CHANNEL).arg(0).query_async::<(String, String)>(&mut redis).await;
            taken.ok().map(|(_, message)| (message, redis))
        }))
    }
