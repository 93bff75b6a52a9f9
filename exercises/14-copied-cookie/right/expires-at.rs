    async fn find(&self, cookie: &SessionKey) -> anyhow::Result<Option<CookieSession>> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(None);
        };
        let key = ["logged-out", &session.id].join("/");
        let ended: Option<String> = self.ask(cmd("GET").arg(key)).await?;
        Ok(if ended.is_some() { None } else { Some(session) })
    }

    async fn end(&self, cookie: &SessionKey) -> anyhow::Result<()> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(());
        };
        let key = ["logged-out", &session.id].join("/");
        self.ask(cmd("SET").arg(key).arg(1).arg("EXAT").arg(session.ends)).await
    }
