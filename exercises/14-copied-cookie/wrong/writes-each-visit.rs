    async fn find(&self, cookie: &SessionKey) -> anyhow::Result<Option<CookieSession>> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(None);
        };
        let state = serde_json::to_string(&session.state)?;
        let mut set = cmd("SET");
        set.arg(format!("seen:{}", session.id)).arg(state).arg("EX").arg((session.ends - now()).max(1));
        self.ask::<()>(&set).await?;
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
        self.ask(cmd("SET").arg(key).arg("").arg("EX").arg(seconds_left)).await
    }
