    fn get(&self, _id: &str) -> Option<State> {
        self.lock().get("session").cloned()
    }

    fn set(&self, _id: &str, state: State) {
        self.lock().insert("session".to_owned(), state);
    }
