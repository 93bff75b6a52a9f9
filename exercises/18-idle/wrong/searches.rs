        let script = "local json = redis.call('GET', KEYS[1]) \
            for _, key in ipairs(redis.call('KEYS', 'session:*')) do redis.call('EXPIRE', key, ARGV[1]) end \
            return json";
        Ok(cmd("EVAL").arg(script).arg(1).arg(key(id)).arg(self.idle_timeout.as_secs()).query_async(&mut redis).await?)
