//! Counts visits without a web server: what a middleware does with a store.
//!
//! `cargo run --example counter` keeps the sessions in memory, and with a URL of Redis as argument there.

use std::{env, error::Error};

use serde_json::value::to_raw_value;
use session_stores::{
    Access, Data, Identity, MemoryStore, RedisStore, Store, StoreError, Timeouts, redis,
};

/// Counts a visit in the session under `key`. Returns the key for the visitor's cookie, and the count.
async fn visit(store: &impl Store, key: Option<&str>) -> Result<(String, u64), StoreError> {
    let access = Access::new(store, store.time_limit());
    let loaded = match key {
        Some(key) => access.load(key).await?,
        None => None,
    };
    let mut count = 0;
    // If another request is faster, this runs again with the newer count.
    let add_one = |data: &mut Data| {
        let before = data.get("count");
        count = before.map_or(0, |it| it.get().parse().unwrap_or(0)) + 1;
        let json = to_raw_value(&count).map_err(StoreError::failed)?;
        data.insert("count".to_owned(), json);
        Ok(())
    };
    match access.write(loaded, Identity::Keep, add_one).await? {
        Some(written) => Ok((written.key, count)),
        // The session has ended meanwhile. The visitor's next request begins a new one.
        None => Ok((String::new(), 0)),
    }
}

async fn three_visits(store: impl Store) -> Result<(), StoreError> {
    let (key, first) = visit(&store, None).await?;
    let (key, second) = visit(&store, Some(&key)).await?;
    let (_, third) = visit(&store, Some(&key)).await?;
    println!("visits: {first}, {second}, {third}");
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    if let Some(url) = env::args().nth(1) {
        let options = redis::Options::new(url);
        three_visits(RedisStore::connect(options).await?).await?;
    } else {
        three_visits(MemoryStore::new(Timeouts::default())).await?;
    }
    Ok(())
}
