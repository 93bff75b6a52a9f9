        let script = "local json = redis.call('GET', KEYS[1]) \
            for _, key in ipairs(redis.call('KEYS', 'session:*')) do redis.call('EXPIRE', key, ARGV[1]) end \
            return json";
        self.ask(cmd("EVAL").arg(script).arg(1).arg(key(id)).arg(self.idle_timeout.as_secs())).await
