        let mut redis = self.pool.get().await?;
        let json: Option<String> = cmd("GET").arg(key(id)).query_async(&mut redis).await?;
        if let Some(json) = &json {
            let again = cmd("SET").arg(key(id)).arg(json).arg("EX").arg(self.idle_timeout.as_secs()).to_owned();
            again.query_async::<()>(&mut redis).await?;
        }
        Ok(json)
