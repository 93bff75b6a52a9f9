//! Sessions in the storage, where others can read and break them.

use actix_session::storage::SessionStore;
use serde_json::{Value, json};
use session_stores::{RESERVED, State};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{fixture::Fixture, log};
use crate::common::{FOREVER, TTL, key, load, names, numbered, record, save, times, update};

pub(crate) async fn a_session_is_stored_as_the_documented_json<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let user = r#"{"name":"Ada","tags":[1,null]}"#;
    let key = save(
        &store,
        State::from([
            ("visitCount".to_owned(), "3".to_owned()),
            ("user".to_owned(), user.to_owned()),
        ]),
    )
    .await;
    let loaded = load(&store, &key).await.unwrap();
    // The state is written again with its reserved entry, which must not get into `Data`.
    update(&store, &key, loaded.clone()).await;
    let dump = fixture.dump(&store);
    assert_eq!(dump.len(), 1);
    let Some(at_rest) = fixture.at_rest() else {
        return;
    };

    let stored: Value = serde_json::from_slice(&at_rest.read(key.as_ref()).unwrap()).unwrap();
    let expected = ["CreatedAt", "Data", "ID", "RotatedAt", "UpdatedAt"];
    assert_eq!(names(&stored), expected);
    assert_eq!(stored["ID"], key.as_ref());
    let data = json!({"visitCount": 3, "user": {"name": "Ada", "tags": [1, null]}});
    assert_eq!(stored["Data"], data);
    let text = |name: &str| stored[name].as_str().unwrap();
    let time = |name| OffsetDateTime::parse(text(name), &Rfc3339).unwrap();
    assert_eq!(time("CreatedAt"), times(&loaded).created_at);
    assert_eq!(time("RotatedAt"), times(&loaded).rotated_at);
    assert!(time("UpdatedAt") >= time("CreatedAt"));
    assert!(text("CreatedAt").ends_with('Z'));
    assert!(!format!("{dump:?}").contains(RESERVED));
}

/// Returns bytes that are not a record of the session `id`.
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

pub(crate) async fn a_malformed_session_is_logged_and_left_alone<F: Fixture>(fixture: F) {
    log::keep();
    let store = fixture.store(FOREVER).await;
    let Some(at_rest) = fixture.at_rest() else {
        return;
    };
    for kind in 0..malformed("00000000-0000-4000-8000-000000000000").len() {
        let id = Uuid::new_v4().to_string();
        let bytes = malformed(&id).swap_remove(kind);
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        at_rest.write(&id, &bytes);
        assert_eq!(load(&store, &key(&id)).await, None, "{shown} was loaded");
        let lines = log::lines_about(&id);
        let warned = lines.iter().any(|line| line.starts_with("WARN"));
        assert!(warned, "nothing was logged about {shown}");
        let whole = lines.iter().any(|line| line.contains(&id));
        assert!(!whole, "a whole ID is in the log: {lines:?}");

        // A permissive store returns an error, a strict one does not.
        let _ = store.update(key(&id), numbered(2), &TTL).await;
        assert_eq!(at_rest.read(&id), Some(bytes), "{shown} was overwritten");
        store.delete(&key(&id)).await.unwrap();
        assert_eq!(at_rest.read(&id), None, "{shown} can't be deleted");
    }
}
