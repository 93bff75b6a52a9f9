    /// Returns the session with this ID, if there is one.
    fn get(&self, id: &str) -> Option<State> {
        self.lock().get(id).cloned()
    }

    /// Stores `state` as the session with this ID.
    fn set(&self, id: &str, state: State) {
        self.lock().entry(id.to_owned()).or_insert(state);
    }
