    fn get(&self, id: &str) -> Option<State> {
        let sessions = self.lock();
        Some(sessions.get(id)?.clone())
    }

    fn set(&self, id: &str, state: State) {
        *self.lock().entry(id.to_owned()).or_default() = state;
    }
