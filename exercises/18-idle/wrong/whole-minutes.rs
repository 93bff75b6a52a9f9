        self.ask(cmd("GETEX").arg(key(id)).arg("EX").arg(self.idle_timeout.as_secs() / 60 * 60)).await
