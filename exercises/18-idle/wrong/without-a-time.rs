        self.ask(cmd("GETEX").arg(key(id))).await
