//! The facts about the server that the store needs, from the reply to `INFO`.

use super::error::RedisStoreError;

/// Checks that the Redis at `address` is new enough. Logs a warning if it may drop sessions.
pub(super) fn check(info: &str, address: &str) -> Result<(), RedisStoreError> {
    let version = field(info, "redis_version").unwrap_or_default();
    let mut numbers = version.split('.').map(str::parse::<u32>);
    // Older ones have no `GETEX`.
    if let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next())
        && (major, minor) < (6, 2)
    {
        return Err(RedisStoreError::TooOld {
            address: address.to_owned(),
            version: version.to_owned(),
        });
    }
    let policy = field(info, "maxmemory_policy").unwrap_or("noeviction");
    if policy != "noeviction" {
        log::warn!(
            "Redis at {address} has the eviction policy {policy}: it may drop sessions when its memory is full; \
             `CONFIG SET maxmemory-policy noeviction` makes it refuse new sessions instead"
        );
    }
    Ok(())
}

/// Returns the value in the line `name:value`.
fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = info.lines().filter_map(|line| line.split_once(':'));
    fields.find_map(|(found, value)| (found == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redis_before_6_2_is_too_old() {
        for (version, expected) in [
            ("5.0.14", true),
            ("6.0.16", true),
            ("6.2.0", false),
            ("7.0.15", false),
            ("10.1.0", false),
        ] {
            let info = format!("# Server\r\nredis_version:{version}\r\nredis_mode:standalone\r\n");
            let checked = check(&info, "127.0.0.1:6379");
            assert_eq!(checked.is_err(), expected, "{version}: {checked:?}");
        }
        assert!(check("", "127.0.0.1:6379").is_ok());
    }
}
