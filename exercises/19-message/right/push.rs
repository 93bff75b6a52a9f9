    async fn publish(&self, message: String) -> anyhow::Result<()> {
        let mut redis = self.redis.get_multiplexed_async_connection().await?;
        Ok(cmd("PUBLISH").arg(CHANNEL).arg(message).query_async(&mut redis).await?)
    }

    async fn subscribe(&self) -> anyhow::Result<impl Stream<Item = String> + 'static> {
        use deadpool_redis::redis::{
            AsyncConnectionConfig, IntoConnectionInfo, ProtocolVersion, PushInfo, PushKind,
            from_redis_value,
        };
        let info = self.redis.get_connection_info().clone();
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let client = Client::open(info.set_redis_settings(settings).into_connection_info()?)?;
        let (sender, receiver) = tokio::sync::mpsc::unbounded_channel::<PushInfo>();
        let config = AsyncConnectionConfig::new().set_push_sender(sender);
        let mut redis = client.get_multiplexed_async_connection_with_config(&config).await?;
        redis.subscribe(CHANNEL).await?;
        // The connection ends with its last handle, so the stream keeps it.
        let pushes = stream::unfold((receiver, redis), async |(mut receiver, redis)| {
            Some((receiver.recv().await?, (receiver, redis)))
        });
        Ok(pushes.filter_map(|mut push| {
            let payload = push.data.pop().filter(|_| push.kind == PushKind::Message);
            ready(payload.and_then(|payload| from_redis_value(payload).ok()))
        }))
    }
