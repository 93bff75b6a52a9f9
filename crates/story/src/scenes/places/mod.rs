//! Act I: sessions in memory, in files and in Redis.

pub(super) mod file;
pub(super) mod memory;
pub(super) mod redis;
