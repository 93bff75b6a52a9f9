//! Keys that no store of ours has made.

use super::bench::Bench;
use crate::common::{FOREVER, TTL, key, load, numbered, same};
use actix_session::storage::SessionStore;

pub(crate) async fn a_key_that_is_not_an_id_in_its_one_spelling_is_no_session_and_touches_nothing<
    B: Bench,
>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let real = store.save(numbered(1), &TTL).await.unwrap();
    let id = real.as_ref();
    if let Some(rest) = bench.rest() {
        // For the store to stumble over, where each of these ways would lead.
        rest.lay("x", b"{}");
    }
    let before = bench.everything(&store);

    let keys = [
        String::new(),
        "x".to_owned(),
        "not a UUID".to_owned(),
        "*".to_owned(),
        "../../x".to_owned(),
        "/etc/passwd".to_owned(),
        format!("../sessions/{id}"),
        format!("./{id}"),
        format!("{id}.json"),
        format!("{id}\0"),
        format!("{id}\n"),
        format!(" {id}"),
        format!("{{{id}}}"),
        format!("urn:uuid:{id}"),
        id.replace('-', ""),
        id.to_uppercase(),
        format!("{id}{id}"),
        "ü".repeat(18),
        "a".repeat(4000),
    ];
    for text in keys {
        let tampered = key(&text);
        assert_eq!(load(&store, &tampered).await, None, "{text:?} was loaded");
        assert!(
            store
                .update(same(&tampered), numbered(2), &TTL)
                .await
                .is_err(),
            "{text:?} was written"
        );
        store.update_ttl(&tampered, &TTL).await.unwrap();
        store.delete(&tampered).await.unwrap();
    }
    assert_eq!(bench.everything(&store), before);
    assert!(load(&store, &real).await.is_some());
}
