    async fn publish(&self, message: String) -> anyhow::Result<()> {
        let mut redis = self.redis.get_multiplexed_async_connection().await?;
        Ok(cmd("PUBLISH").arg(CHANNEL).arg(message).query_async(&mut redis).await?)
    }

    async fn subscribe(&self) -> anyhow::Result<impl Stream<Item = String> + 'static> {
        let mut redis = self.redis.get_async_pubsub().await?;
        redis.subscribe(CHANNEL).await?;
        let mut seen = std::collections::HashSet::new();
        Ok(redis
            .into_on_message()
            .filter_map(|message| ready(message.get_payload().ok()))
            .filter(move |message: &String| ready(seen.insert(message.clone()))))
    }
