    fn get(&self, id: &str) -> Option<State> {
        Self::own().with_borrow(|sessions| sessions.get(id).cloned())
    }

    fn own() -> &'static std::thread::LocalKey<std::cell::RefCell<HashMap<String, State>>> {
        thread_local! {
            static OWN: std::cell::RefCell<HashMap<String, State>> = Default::default();
        }
        &OWN
    }

    fn set(&self, id: &str, state: State) {
        Self::own().with_borrow_mut(|sessions| sessions.insert(id.to_owned(), state));
    }
