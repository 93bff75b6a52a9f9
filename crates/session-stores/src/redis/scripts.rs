//! The scripts in Lua. Redis runs a script as one step, so no other request sees half of it.

use std::sync::LazyLock;

use deadpool_redis::redis;

const COMMON: &str = include_str!("scripts/common.lua");
const INDEX: &str = include_str!("scripts/index.lua");

/// A script, and the name under which Redis keeps it.
pub(super) struct Script {
    pub(super) text: String,
    pub(super) sha1: String,
}

pub(super) static LOAD: LazyLock<Script> =
    LazyLock::new(|| Script::new(&[COMMON, include_str!("scripts/load.lua")]));
pub(super) static CONFIRM: LazyLock<Script> =
    LazyLock::new(|| Script::new(&[COMMON, include_str!("scripts/confirm.lua")]));
pub(super) static CREATE: LazyLock<Script> =
    LazyLock::new(|| Script::new(&[COMMON, INDEX, include_str!("scripts/create.lua")]));
pub(super) static SAVE: LazyLock<Script> =
    LazyLock::new(|| Script::new(&[COMMON, include_str!("scripts/save.lua")]));
pub(super) static ROTATE: LazyLock<Script> =
    LazyLock::new(|| Script::new(&[COMMON, INDEX, include_str!("scripts/rotate.lua")]));
pub(super) static DELETE: LazyLock<Script> =
    LazyLock::new(|| Script::new(&[COMMON, INDEX, include_str!("scripts/delete.lua")]));
pub(super) static SESSIONS: LazyLock<Script> =
    LazyLock::new(|| Script::new(&[COMMON, INDEX, include_str!("scripts/sessions.lua")]));

impl Script {
    fn new(parts: &[&str]) -> Self {
        let text = parts.join("\n");
        let sha1 = redis::Script::new(&text).get_hash().to_owned();
        Self { text, sha1 }
    }
}
