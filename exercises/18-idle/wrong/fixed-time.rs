        self.ask(cmd("GETEX").arg(key(id)).arg("EX").arg(30 * 60)).await
