    async fn publish(&self, message: String) -> anyhow::Result<()> {
        // The script gets the message as an argument, so no character of it has a meaning.
        let script = "return redis.call('PUBLISH', KEYS[1], ARGV[1])";
        let mut redis = self.redis.get_multiplexed_async_connection().await?;
        Ok(cmd("EVAL").arg(script).arg(1).arg(CHANNEL).arg(message).query_async(&mut redis).await?)
    }

    async fn subscribe(&self) -> anyhow::Result<impl Stream<Item = String> + 'static> {
        let mut redis = self.redis.get_async_pubsub().await?;
        redis.psubscribe(format!("{CHANNEL}*")).await?;
        Ok(redis.into_on_message().filter_map(|message| ready(message.get_payload().ok())))
    }
