use server::stores::memory as store;
