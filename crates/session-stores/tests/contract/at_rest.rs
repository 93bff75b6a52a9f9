//! Sessions as they lie: where others can read them, and where others can break them.

use actix_session::storage::SessionStore;
use serde_json::Value;
use session_stores::{RESERVED, State};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{basics, bench::Bench, log};
use crate::common::{FOREVER, TTL, key, load, numbered, record, same, times};

pub(crate) async fn a_session_at_rest_is_the_documented_json<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let state = State::from([
        ("visitCount".to_owned(), "3".to_owned()),
        (
            "user".to_owned(),
            r#"{"name":"Ada","tags":[1,null]}"#.to_owned(),
        ),
    ]);
    let key = store.save(state, &TTL).await.unwrap();
    let loaded = load(&store, &key).await.unwrap();
    // Written again with the reserved entry in it, which stays out of `Data` all the same.
    store
        .update(same(&key), loaded.clone(), &TTL)
        .await
        .unwrap();
    let Some(rest) = bench.rest() else {
        // Nobody else can read it; what it holds is counted.
        assert_eq!(bench.everything(&store).len(), 1);
        return;
    };

    let at_rest: Value = serde_json::from_slice(&rest.read(key.as_ref()).unwrap()).unwrap();
    let names: Vec<_> = at_rest
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(names, ["CreatedAt", "Data", "ID", "RotatedAt", "UpdatedAt"]);
    assert_eq!(at_rest["ID"], key.as_ref());
    assert_eq!(
        at_rest["Data"],
        serde_json::json!({"visitCount": 3, "user": {"name": "Ada", "tags": [1, null]}})
    );
    let time =
        |name: &str| OffsetDateTime::parse(at_rest[name].as_str().unwrap(), &Rfc3339).unwrap();
    assert_eq!(
        (time("CreatedAt"), time("RotatedAt")),
        (times(&loaded).created_at, times(&loaded).rotated_at)
    );
    assert!(time("UpdatedAt") >= time("CreatedAt"));
    assert!(at_rest["CreatedAt"].as_str().unwrap().ends_with('Z'));
    assert!(
        !bench
            .everything(&store)
            .into_iter()
            .any(|(name, text)| (name + &text).contains(RESERVED))
    );
}

/// What may lie where the record of the session `id` should.
pub(crate) fn malformed(id: &str) -> Vec<Vec<u8>> {
    let good = record(id);
    let mut bytes = good.clone().into_bytes();
    let at = good.find(r#""n":1"#).unwrap();
    bytes[at + 1] = 0xff;
    vec![
        Vec::new(),
        b"not JSON".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"{}".to_vec(),
        good.as_bytes()[..good.len() / 2].to_vec(),
        format!("{good} {good}").into_bytes(),
        good.replace("CreatedAt", "createdAt").into_bytes(),
        good.replace("10:00", "25:00").into_bytes(),
        good.replace(r#"{"n":1}"#, "null").into_bytes(),
        good.replace(r#"{"n":1}"#, r#"[["n",1]]"#).into_bytes(),
        good.replace(r#""n":1"#, r#""n":"#).into_bytes(),
        bytes,
        record(&Uuid::new_v4().to_string()).into_bytes(),
    ]
}

pub(crate) async fn what_is_malformed_is_no_session_is_logged_and_is_left_as_it_is<B: Bench>() {
    log::keep();
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let Some(rest) = bench.rest() else {
        // Nothing malformed can be laid into this store from outside. What is left is not to let it in by the door.
        return basics::what_is_not_json_is_refused_and_nothing_is_kept::<B>().await;
    };
    let kinds = malformed("00000000-0000-4000-8000-000000000000").len();
    for kind in 0..kinds {
        let id = Uuid::new_v4().to_string();
        let bytes = malformed(&id).swap_remove(kind);
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        rest.lay(&id, &bytes);
        assert_eq!(load(&store, &key(&id)).await, None, "{shown} was loaded");
        let lines = log::lines_about(&id);
        assert!(
            lines.iter().any(|line| line.starts_with("WARN")),
            "nothing was logged about {shown}"
        );
        assert!(
            !lines.iter().any(|line| line.contains(&id)),
            "a whole id is in the log: {lines:?}"
        );

        // A change finds no session either, whether that is an error or not.
        let _ = store.update(key(&id), numbered(2), &TTL).await;
        assert_eq!(rest.read(&id), Some(bytes), "{shown} was written over");
        store.delete(&key(&id)).await.unwrap();
        assert_eq!(rest.read(&id), None, "{shown} can't be deleted");
    }
}
