    /// Returns the session with this ID, if there is one.
    fn get(&self, _id: &str) -> Option<State> {
        self.lock().get("session").cloned()
    }

    /// Stores `state` as the session with this ID.
    fn set(&self, _id: &str, state: State) {
        self.lock().insert("session".to_owned(), state);
    }
