    fn get(&self, id: &str) -> Option<State> {
        self.lock().get(id).cloned()
    }

    fn set(&self, id: &str, state: State) {
        let mut sessions = self.lock();
        if sessions.len() < 10 || sessions.contains_key(id) {
            sessions.insert(id.to_owned(), state);
        }
    }
