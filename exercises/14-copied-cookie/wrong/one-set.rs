    async fn find(&self, cookie: &SessionKey) -> anyhow::Result<Option<CookieSession>> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(None);
        };
        let ended: bool = self.ask(cmd("SISMEMBER").arg("ended").arg(&session.id)).await?;
        Ok((!ended).then_some(session))
    }

    async fn end(&self, cookie: &SessionKey) -> anyhow::Result<()> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(());
        };
        let _: () = self.ask(cmd("SADD").arg("ended").arg(&session.id)).await?;
        self.ask(cmd("EXPIREAT").arg("ended").arg(session.ends)).await
    }
