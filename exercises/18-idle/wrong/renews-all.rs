        let script = "redis.call('SADD', 'all', KEYS[1]) \
            for _, key in ipairs(redis.call('SMEMBERS', 'all')) do redis.call('EXPIRE', key, ARGV[1]) end \
            return redis.call('GET', KEYS[1])";
        self.ask(cmd("EVAL").arg(script).arg(1).arg(key(id)).arg(self.idle_timeout.as_secs())).await
