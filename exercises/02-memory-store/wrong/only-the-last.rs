    fn get(&self, id: &str) -> Option<State> {
        self.lock().get(id).cloned()
    }

    fn set(&self, id: &str, state: State) {
        let mut sessions = self.lock();
        sessions.clear();
        sessions.insert(id.to_owned(), state);
    }
