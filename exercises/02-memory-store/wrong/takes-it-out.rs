    /// The session with this id, if there is one.
    fn get(&self, id: &str) -> Option<State> {
        self.lock().remove(id)
    }

    /// Keeps `state` as the session with this id.
    fn set(&self, id: &str, state: State) {
        self.lock().insert(id.to_owned(), state);
    }
