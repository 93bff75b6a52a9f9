    /// The session with this id, if there is one.
    fn get(&self, _id: &str) -> Option<State> {
        self.lock().get("session").cloned()
    }

    /// Keeps `state` as the session with this id.
    fn set(&self, _id: &str, state: State) {
        self.lock().insert("session".to_owned(), state);
    }
