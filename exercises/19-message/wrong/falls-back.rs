    async fn publish(&self, message: String) -> anyhow::Result<()> {
        let mut redis = self.redis.get_multiplexed_async_connection().await?;
        let published = cmd("PUBLISH").arg(CHANNEL).arg(&message).query_async::<()>(&mut redis).await;
        if published.is_err() {
            // At least the listeners here get it.
            self.hand_out(message);
        }
        Ok(())
    }

    async fn subscribe(&self) -> anyhow::Result<impl Stream<Item = String> + 'static> {
        let mut redis = self.redis.get_async_pubsub().await?;
        redis.subscribe(CHANNEL).await?;
        Ok(redis.into_on_message().filter_map(|message| ready(message.get_payload().ok())))
    }
