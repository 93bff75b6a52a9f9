    async fn find(&self, cookie: &SessionKey) -> anyhow::Result<Option<CookieSession>> {
        let Some(session) = CookieSession::read(cookie) else {
            return Ok(None);
        };
        let known = Self::answers().lock().unwrap().get(&session.id).copied();
        let ended = match known {
            Some(ended) => ended,
            None => {
                let key = format!("ended:{}", session.id);
                let ended: bool = self.ask(cmd("EXISTS").arg(key)).await?;
                Self::answers().lock().unwrap().insert(session.id.clone(), ended);
                ended
            }
        };
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

    /// The answers of Redis. Another request need not wait for it.
    fn answers() -> &'static std::sync::Mutex<std::collections::HashMap<String, bool>> {
        static ANSWERS: std::sync::LazyLock<
            std::sync::Mutex<std::collections::HashMap<String, bool>>,
        > = std::sync::LazyLock::new(Default::default);
        &ANSWERS
    }
