    fn get(&self, id: &str) -> Option<State> {
        self.lock().get(id).cloned()
    }

    fn set(&self, id: &str, state: State) {
        self.lock().entry(id.to_owned()).or_default().extend(state);
    }
