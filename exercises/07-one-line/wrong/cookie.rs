use server::stores::cookie as store;
