    async fn find(&self, cookie: &SessionKey) -> anyhow::Result<Option<CookieSession>> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(None);
        };
        let ended: u64 = self.ask(cmd("EXISTS").arg(&session.id)).await?;
        Ok((ended == 0).then_some(session))
    }

    async fn end(&self, cookie: &SessionKey) -> anyhow::Result<()> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(());
        };
        let seconds = self.absolute_timeout.as_secs();
        self.ask(cmd("SETEX").arg(session.id).arg(seconds).arg("ended")).await
    }
