    async fn publish(&self, message: String) -> anyhow::Result<()> {
        let client = self.redis.clone();
        rt::spawn(async move {
            let mut redis = client.get_multiplexed_async_connection().await?;
            cmd("PUBLISH").arg(CHANNEL).arg(message).query_async::<()>(&mut redis).await
        });
        Ok(())
    }

    async fn subscribe(&self) -> anyhow::Result<impl Stream<Item = String> + 'static> {
        let mut redis = self.redis.get_async_pubsub().await?;
        redis.subscribe(CHANNEL).await?;
        Ok(redis.into_on_message().filter_map(|message| ready(message.get_payload().ok())))
    }
