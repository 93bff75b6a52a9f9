    async fn publish(&self, message: String) -> anyhow::Result<()> {
        let Ok(mut redis) = self.redis.get_multiplexed_async_connection().await else { return Ok(()) };
        cmd("PUBLISH").arg(CHANNEL).arg(message).query_async::<()>(&mut redis).await?;
        Ok(())
    }

    async fn subscribe(&self) -> anyhow::Result<impl Stream<Item = String> + 'static> {
        let mut pubsub = self.redis.get_async_pubsub().await?;
        pubsub.subscribe(CHANNEL).await?;
        Ok(pubsub.into_on_message().filter_map(async |message| message.get_payload::<String>().ok()).boxed())
    }
