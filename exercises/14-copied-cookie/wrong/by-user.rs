    async fn find(&self, cookie: &SessionKey) -> anyhow::Result<Option<CookieSession>> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(None);
        };
        let user = session.state.get("user").cloned().unwrap_or_default();
        let key = format!("ended:{user}");
        let ended: bool = self.ask(cmd("EXISTS").arg(key)).await?;
        Ok((!ended).then_some(session))
    }

    async fn end(&self, cookie: &SessionKey) -> anyhow::Result<()> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(());
        };
        let user = session.state.get("user").cloned().unwrap_or_default();
        let key = format!("ended:{user}");
        let seconds_left = (session.ends - now()).max(1);
        self.ask(cmd("SET").arg(key).arg("").arg("EX").arg(seconds_left)).await
    }
