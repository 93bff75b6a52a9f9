    async fn find(&self, cookie: &SessionKey) -> anyhow::Result<Option<CookieSession>> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(None);
        };
        let keys: Vec<String> = self.ask(cmd("KEYS").arg("ended:*")).await?;
        let ended = keys.iter().any(|key| key.ends_with(&session.id));
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
