use server::stores::redis as store;
