    async fn find(&self, cookie: &SessionKey) -> anyhow::Result<Option<CookieSession>> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(None);
        };
        if Self::ended().lock().unwrap().contains(&session.id) {
            return Ok(None);
        }
        let key = format!("ended:{}", session.id);
        let ended: bool = self.ask(cmd("EXISTS").arg(key)).await.unwrap_or(false);
        if ended {
            Self::ended().lock().unwrap().insert(session.id);
            return Ok(None);
        }
        Ok(Some(session))
    }

    async fn end(&self, cookie: &SessionKey) -> anyhow::Result<()> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(());
        };
        let key = format!("ended:{}", session.id);
        let seconds_left = (session.ends - now()).max(1);
        self.ask(cmd("SET").arg(key).arg("").arg("EX").arg(seconds_left)).await
    }

    /// An ended session stays ended, so this instance knows without Redis.
    fn ended() -> &'static std::sync::Mutex<std::collections::HashSet<String>> {
        static ENDED: std::sync::LazyLock<std::sync::Mutex<std::collections::HashSet<String>>> =
            std::sync::LazyLock::new(Default::default);
        &ENDED
    }
