    /// Applies `change` to the session with this ID. Returns the session as it was written, or
    /// `None` if it has ended. Then it stays ended.
    async fn change(&self, id: &str, change: impl Fn(&mut Session)) -> anyhow::Result<Option<Session>> {
        let Some(read) = self.get(id).await? else {
            return Ok(None);
        };
        let mut session: Session = serde_json::from_str(&read)?;
        let before = session.basket.clone();
        change(&mut session);
        session.basket.retain(|item, number| before.get(item) != Some(number));
        let script = "local json = redis.call('GET', KEYS[1])
            if not json then return false end
            local session = cjson.decode(json)
            for item, number in pairs(cjson.decode(ARGV[1])) do session.basket[item] = number end
            redis.call('SET', KEYS[1], cjson.encode(session), 'EX', ARGV[2])
            return redis.call('GET', KEYS[1])";
        let mut write = cmd("EVAL");
        write.arg(script).arg(1).arg(key(id)).arg(serde_json::to_string(&session.basket)?);
        let written: Option<String> = self.ask(write.arg(self.idle_timeout.as_secs())).await?;
        Ok(written.map(|json| serde_json::from_str(&json)).transpose()?)
    }
