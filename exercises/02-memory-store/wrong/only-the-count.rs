    fn get(&self, id: &str) -> Option<State> {
        self.lock().get(id).cloned()
    }

    fn set(&self, id: &str, mut state: State) {
        state.retain(|name, _| name == "visitCount");
        self.lock().insert(id.to_owned(), state);
    }
