        self.ask(cmd("GETEX").arg(key(id)).arg("PX").arg(self.idle_timeout.as_secs())).await
