//! Sessions in the storage, where others can read and break them.

use session_stores::{OldId, Record, Store};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::fixture::AtRest;
use crate::common::{
    FOREVER, HOUR, absolute, begin, change, delete, load, log, log_in, record, rotate, text,
    unknown_id,
};

pub(crate) async fn a_session_is_stored_as_the_documented_json<F: AtRest>(fixture: F) {
    let time = |time: OffsetDateTime| time.format(&Rfc3339).unwrap();

    let anonymous = begin(&fixture.store(FOREVER).await, 1).await;
    let (id, begun) = (&anonymous.key, time(anonymous.loaded.record.created_at));
    let expected = format!(
        r#"{{"Version":1,"ID":"{id}","Data":{{"n":1}},"CreatedAt":"{begun}","UpdatedAt":"{begun}","RotatedAt":"{begun}"}}"#
    );
    assert_eq!(fixture.read(id).unwrap(), expected);

    let store = fixture.store(absolute(HOUR)).await;
    let login = log_in(&store, Some(&anonymous.loaded), "alice").await;
    let (id, begun) = (&login.key, login.loaded.record.created_at);
    let (handle, end, begun) = (
        login.loaded.record.handle(),
        time(begun + HOUR),
        time(begun),
    );
    let expected = format!(
        r#"{{"Version":2,"ID":"{id}","User":"alice","Handle":"{handle}","Data":{{"n":1}},"CreatedAt":"{begun}","UpdatedAt":"{begun}","RotatedAt":"{begun}","ExpiresAt":"{end}"}}"#
    );
    assert_eq!(fixture.read(id).unwrap(), expected);
}

/// Returns bytes that are not a record of the session `id`.
fn malformed(id: &str) -> Vec<Vec<u8>> {
    let good = record(id);
    let texts = [
        String::new(),
        "not JSON".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        good[..good.len() / 2].to_owned(),
        format!("{good} {good}"),
        good.replace(r#""Version":1"#, r#""Version":-1"#),
        good.replace("CreatedAt", "createdAt"),
        good.replace("10:00", "25:00"),
        good.replace(r#"{"n":1}"#, "null"),
        good.replace(r#"{"n":1}"#, r#"[["n",1]]"#),
        good.replace(r#""n":1"#, r#""n":"#),
        record(&unknown_id()),
        // It is a record, but too large to be parsed.
        format!("{}{good}", " ".repeat(Record::MAX_BYTES)),
    ];
    let mut not_utf8 = good.clone().into_bytes();
    let name = good.find(r#"n":1"#).unwrap();
    not_utf8[name] = 0xff;
    let texts = texts.into_iter().map(String::into_bytes);
    texts.chain([not_utf8]).collect()
}

pub(crate) async fn a_malformed_session_is_logged_and_left_alone<F: AtRest>(fixture: F) {
    log::keep();
    let store = fixture.store(FOREVER).await;
    for kind in 0..malformed(&unknown_id()).len() {
        let begun = begin(&store, 1).await;
        let bytes = malformed(&begun.key).swap_remove(kind);
        let text = String::from_utf8_lossy(&bytes);
        let shown: String = text.trim().chars().take(200).collect();
        fixture.write(&begun.key, &bytes);
        let found = load(&store, &begun.key).await;
        assert!(found.is_none(), "{shown} was loaded");
        let lines = log::lines_about(&begun.key);
        let warned = lines.iter().any(|line| line.starts_with("WARN"));
        assert!(warned, "nothing was logged about {shown}");
        let whole = lines.iter().any(|line| line.contains(&begun.key));
        assert!(!whole, "a whole ID is in the log: {lines:?}");

        // One store returns an error, another one that the session has ended.
        let _ = store.save(&begun.loaded.record, 7).await;
        let left = fixture.read(&begun.key);
        assert_eq!(left.as_deref(), Some(&*text), "{shown} was overwritten");
        delete(&store, &begun.key).await;
        assert_eq!(fixture.read(&begun.key), None, "{shown} can't be deleted");
    }
}

/// The files are from the last server that wrote no versions.
pub(crate) async fn records_from_before_there_were_versions_load<F: AtRest>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    for json in [
        include_str!("../records/visitor.json"),
        include_str!("../records/user.json"),
    ] {
        let record: Record = serde_json::from_str(json).unwrap();
        let id = record.id.to_string();
        fixture.write(&id, json.as_bytes());
        let found = load(&store, &id).await.unwrap();
        assert_eq!(found.version, Some(0));
        assert_eq!(text(&found.record), text(&record));

        let changed = change(&store, &found, 5).await.unwrap();
        assert_eq!(changed.loaded.version, Some(1));
        let current = load(&store, &id).await.unwrap();
        let rotated = rotate(&store, &current, OldId::Stops).await.unwrap();
        let found = load(&store, &rotated.key).await.unwrap().record;
        let handle = |record: &Record| record.user.as_ref().map(|_| record.handle());
        assert_eq!(handle(&found), handle(&record));
        assert_eq!(found.user, record.user);
        assert_eq!(found.created_at, record.created_at);
        assert_eq!(found.data.len(), record.data.len() + 1);
    }
}
