    async fn find(&self, cookie: &SessionKey) -> anyhow::Result<Option<CookieSession>> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(None);
        };
        let key = format!("ended:{}", session.id);
        let ended: bool = self.ask(cmd("EXISTS").arg(key)).await?;
        Ok((!ended).then_some(session))
    }

    async fn end(&self, cookie: &SessionKey) -> anyhow::Result<()> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(());
        };
        let key = format!("ended:{}", session.id);
        let seconds_left = (session.ends - now()).max(1);
        let all = serde_json::to_string(&session.state)?;
        self.ask(cmd("SET").arg(key).arg(all).arg("EX").arg(seconds_left)).await
    }
