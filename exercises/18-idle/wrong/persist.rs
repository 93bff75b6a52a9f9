        self.ask(cmd("GETEX").arg(key(id)).arg("PERSIST")).await
