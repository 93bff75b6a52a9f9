    async fn change(&self, id: &str, change: impl Fn(&mut Session)) -> anyhow::Result<Option<Session>> {
        for _attempt in 0..64 {
            let Some(read) = self.get(id).await? else {
                return Ok(None);
            };
            let mut session: Session = serde_json::from_str(&read)?;
            change(&mut session);
            let script = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
                redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
                return 1";
            let mut write = cmd("EVAL");
            write.arg(script).arg(1).arg(key(id)).arg(&read);
            write.arg(serde_json::to_string(&session)?).arg(self.idle_timeout.as_secs());
            if self.ask(&write).await? {
                return Ok(Some(session));
            }
            actix_web::rt::time::sleep(Duration::from_millis((1u64 << _attempt.min(9)).min(400))).await;
        }
        anyhow::bail!("other requests changed the session before each of 64 attempts")
    }
