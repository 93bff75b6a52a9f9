//! Act IV: instances and Redis fail while visitors click.

pub(super) mod deploy;
pub(super) mod killed;
pub(super) mod late_write;
pub(super) mod lost_updates;
pub(super) mod redis;
mod two_instances;
pub(super) mod versions;
