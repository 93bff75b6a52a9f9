//! The number of commands of each operation, as Redis counts them. It counts the commands in a script too. And the size
//! of a request's futures.

use std::mem::size_of_val;

use session_stores::{Access, Identity, Store};

use super::support::{key, loaded, logged_in, rotated, spent, warm};
use crate::common::{FOREVER, HOUR, MINUTE, begin, change, delete, idle, load, log_in, timeouts};

#[tokio::test]
async fn a_read_costs_one_command_a_change_two() {
    let (redis, store) = warm(idle(MINUTE)).await;

    let id = begin(&store, 1).await.key;
    assert_eq!(spent(&redis), "set");
    let session = load(&store, &id).await.unwrap();
    assert_eq!(spent(&redis), "getex", "no PING and no EXPIRE");
    change(&store, &session, 2).await.unwrap();
    assert_eq!(spent(&redis), "evalsha (getrange set)");
    delete(&store, &id).await;
    assert_eq!(spent(&redis), "evalsha (del get)");
    load(&redis.store(FOREVER).await, &id).await;
    assert_eq!(spent(&redis), "get");
    for malformed in ["*", "7D444840-9DC0-41D3-BD7A-8B8D3E1A6F9E"] {
        assert!(load(&store, malformed).await.is_none());
        delete(&store, malformed).await;
    }
    assert_eq!(spent(&redis), "");
}

#[tokio::test]
async fn a_rotation_costs_one_more_command_at_the_next_request() {
    let (redis, store) = warm(idle(MINUTE)).await;

    let session = loaded(&store).await;
    spent(&redis);
    let new = rotated(&store, &session).await;
    let in_script = "del get getrange hmget 2*hset pexpire set";
    assert_eq!(spent(&redis), format!("evalsha ({in_script})"));
    load(&store, &key(&session)).await.unwrap();
    let with_the_old_id = "evalsha getex (2*get hmget 2*pexpire)";
    assert_eq!(spent(&redis), with_the_old_id);
    load(&store, &new).await.unwrap();
    let first = "evalsha getex (get hmget hset pexpire set)";
    assert_eq!(spent(&redis), first);
    load(&store, &new).await.unwrap();
    assert_eq!(spent(&redis), "getex");
}

#[tokio::test]
async fn a_user_costs_more_only_at_login_and_logout() {
    let (redis, store) = warm(timeouts(Some(HOUR), Some(HOUR))).await;

    let begun = loaded(&store).await;
    spent(&redis);
    let own = log_in(&store, Some(&begun), "alice").await.loaded;
    let in_script = "del exists get getrange hmget 2*hset 3*pexpire pttl set zadd zcard zrem";
    assert_eq!(spent(&redis), format!("evalsha ({in_script})"));
    load(&store, &key(&own)).await.unwrap();
    assert_eq!(spent(&redis), "getex");
    store.sessions_of(&own.record).await.unwrap();
    let listed = "evalsha (2*get pttl zrange zscore)";
    assert_eq!(spent(&redis), listed);
    let handle = own.record.handle();
    assert_eq!(store.handles_of("alice").await.unwrap(), [handle]);
    assert_eq!(spent(&redis), "evalsha (get pttl zrange)");
    delete(&store, &key(&own)).await;
    assert_eq!(
        spent(&redis),
        "evalsha (del exists get hget pexpire time zrem)"
    );
    logged_in(&store, "alice").await;
    let in_script = "2*exists get hset 2*pexpire pttl set zadd zcard zrem";
    assert_eq!(spent(&redis), format!("evalsha getex ({in_script})"));
}

/// A request moves its futures several times, so none may have room for rare work such as a rotation. More than half of
/// these sizes is the future of the redis crate.
#[tokio::test]
async fn the_futures_of_a_request_are_small() {
    let (_redis, store) = warm(idle(MINUTE)).await;

    let access = Access::new(&store, store.time_limit());
    let read = size_of_val(&access.load(""));
    let change = size_of_val(&access.write(None, Identity::Keep, |_| Ok(())));
    assert!(read < 2000, "{read} bytes");
    assert!(change < 3000, "{change} bytes");
}
