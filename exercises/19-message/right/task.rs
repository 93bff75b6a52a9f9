    async fn publish(&self, message: String) -> anyhow::Result<()> {
        use deadpool_redis::redis::AsyncCommands;
        let mut redis = self.redis.get_multiplexed_async_connection().await?;
        Ok(redis.publish(CHANNEL, message).await?)
    }

    async fn subscribe(&self) -> anyhow::Result<impl Stream<Item = String> + 'static> {
        let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
        let client = self.redis.clone();
        // Connects while the server starts, and again if Redis closes the connection.
        rt::spawn(async move {
            while !sender.is_closed() {
                if let Ok(mut redis) = client.get_async_pubsub().await
                    && redis.subscribe(CHANNEL).await.is_ok()
                {
                    let mut messages = redis.into_on_message();
                    while let Some(message) = messages.next().await {
                        let _ = message.get_payload().map(|message| sender.send(message));
                    }
                }
                rt::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        });
        Ok(stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver))))
    }
