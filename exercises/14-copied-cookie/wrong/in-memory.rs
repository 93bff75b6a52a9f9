    async fn find(&self, cookie: &SessionKey) -> anyhow::Result<Option<CookieSession>> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(None);
        };
        let ended = Self::ended().lock().unwrap().contains(&session.id);
        Ok((!ended).then_some(session))
    }

    async fn end(&self, cookie: &SessionKey) -> anyhow::Result<()> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(());
        };
        Self::ended().lock().unwrap().insert(session.id);
        Ok(())
    }

    fn ended() -> &'static std::sync::Mutex<std::collections::HashSet<String>> {
        static ENDED: std::sync::LazyLock<std::sync::Mutex<std::collections::HashSet<String>>> =
            std::sync::LazyLock::new(Default::default);
        &ENDED
    }
