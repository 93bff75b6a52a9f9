use session_stores::memory as store;
