        self.ask(cmd("GETEX").arg(key(id)).arg("EX").arg(2 * 60 * 60)).await
