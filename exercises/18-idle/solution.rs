        self.ask(cmd("GETEX").arg(key(id)).arg("EX").arg(self.idle_timeout.as_secs())).await
