    async fn find(&self, cookie: &SessionKey) -> anyhow::Result<Option<CookieSession>> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(None);
        };
        let user = session.state.get("user").cloned().unwrap_or_default();
        let key = format!("ended:{user}");
        let last: Option<i64> = self.ask(cmd("GET").arg(key)).await?;
        let ended = last.is_some_and(|last| session.ends <= last);
        Ok((!ended).then_some(session))
    }

    async fn end(&self, cookie: &SessionKey) -> anyhow::Result<()> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(());
        };
        let user = session.state.get("user").cloned().unwrap_or_default();
        let key = format!("ended:{user}");
        let last = session.ends;
        self.ask(cmd("SET").arg(key).arg(last).arg("EXAT").arg(last)).await
    }
