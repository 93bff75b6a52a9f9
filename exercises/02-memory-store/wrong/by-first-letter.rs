    fn get(&self, id: &str) -> Option<State> {
        self.lock().get(&id[..1]).cloned()
    }

    fn set(&self, id: &str, state: State) {
        self.lock().insert(id[..1].to_owned(), state);
    }
