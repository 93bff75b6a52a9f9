        let read = self.ask(cmd("GETEX").arg(key(id)).arg("EX").arg(self.idle_timeout.as_secs())).await;
        if read.is_ok() { return read; }
        self.ask(cmd("GET").arg(key(id))).await
