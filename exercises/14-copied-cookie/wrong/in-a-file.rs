    async fn find(&self, cookie: &SessionKey) -> anyhow::Result<Option<CookieSession>> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(None);
        };
        let file = env::home_dir().unwrap_or_default().join(format!("ended-{}", session.id));
        Ok((!file.exists()).then_some(session))
    }

    async fn end(&self, cookie: &SessionKey) -> anyhow::Result<()> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(());
        };
        let file = env::home_dir().unwrap_or_default().join(format!("ended-{}", session.id));
        Ok(std::fs::write(file, "")?)
    }
