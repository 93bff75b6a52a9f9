    /// The session with this id, if there is one.
    fn get(&self, id: &str) -> Option<State> {
        self.lock().get(id).cloned()
    }

    /// Keeps `state` as the session with this id.
    fn set(&self, id: &str, state: State) {
        self.lock().entry(id.to_owned()).or_insert(state);
    }
