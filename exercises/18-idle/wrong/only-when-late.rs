        let script = "if redis.call('TTL', KEYS[1]) < ARGV[1] / 2 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end \
            return redis.call('GET', KEYS[1])";
        self.ask(cmd("EVAL").arg(script).arg(1).arg(key(id)).arg(self.idle_timeout.as_secs())).await
