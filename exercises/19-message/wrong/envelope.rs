    async fn publish(&self, message: String) -> anyhow::Result<()> {
        self.hand_out(message.clone());
        let mut redis = self.redis.get_multiplexed_async_connection().await?;
        let message = format!("{} {message}", std::process::id());
        Ok(cmd("PUBLISH").arg(CHANNEL).arg(message).query_async(&mut redis).await?)
    }

    async fn subscribe(&self) -> anyhow::Result<impl Stream<Item = String> + 'static> {
        let mut redis = self.redis.get_async_pubsub().await?;
        redis.subscribe(CHANNEL).await?;
        let own = std::process::id().to_string();
        Ok(redis.into_on_message().filter_map(move |message| {
            let payload: String = message.get_payload().unwrap_or_default();
            let (sender, text) = payload.split_once(' ').unwrap_or_default();
            ready((!text.is_empty() && sender != own).then(|| text.to_owned()))
        }))
    }
