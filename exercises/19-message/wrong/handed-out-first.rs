    async fn publish(&self, message: String) -> anyhow::Result<()> {
        self.hand_out(message.clone());
        OWN.lock().unwrap().push(message.clone());
        let mut redis = self.redis.get_multiplexed_async_connection().await?;
        Ok(cmd("PUBLISH").arg(CHANNEL).arg(message).query_async(&mut redis).await?)
    }

    async fn subscribe(&self) -> anyhow::Result<impl Stream<Item = String> + 'static> {
        let mut redis = self.redis.get_async_pubsub().await?;
        redis.subscribe(CHANNEL).await?;
        let messages = redis.into_on_message();
        let messages = messages.filter_map(|message| ready(message.get_payload().ok()));
        Ok(messages.filter(|message: &String| {
            let mut own = OWN.lock().unwrap();
            let handed_out = own.iter().position(|it| it == message);
            ready(handed_out.map(|index| own.remove(index)).is_none())
        }))
    }
}

/// The messages that this instance has handed out before they arrive from Redis.
static OWN: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());

impl Hub {
