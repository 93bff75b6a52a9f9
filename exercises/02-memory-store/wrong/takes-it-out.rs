    fn get(&self, id: &str) -> Option<State> {
        self.lock().remove(id)
    }

    fn set(&self, id: &str, state: State) {
        self.lock().insert(id.to_owned(), state);
    }
