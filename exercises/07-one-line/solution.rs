use session_stores::redis as store;
