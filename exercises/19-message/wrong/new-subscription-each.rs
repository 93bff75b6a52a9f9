    async fn publish(&self, message: String) -> anyhow::Result<()> {
        let mut redis = self.redis.get_multiplexed_async_connection().await?;
        Ok(cmd("PUBLISH").arg(CHANNEL).arg(message).query_async(&mut redis).await?)
    }

    async fn subscribe(&self) -> anyhow::Result<impl Stream<Item = String> + 'static> {
        let first = self.redis.get_async_pubsub().await?;
        Ok(stream::unfold((self.redis.clone(), first), async |(client, mut redis)| {
            redis.subscribe(CHANNEL).await.ok()?;
            let message = redis.on_message().next().await?.get_payload().ok()?;
            let next = client.get_async_pubsub().await.ok()?;
            Some((message, (client, next)))
        }))
    }
