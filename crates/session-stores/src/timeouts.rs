//! The idle and the absolute timeout.

use std::{fmt, str::FromStr, time::Duration};

use clap::Arg;
use time::OffsetDateTime;

use crate::reserved::{Ask, Reserved, State};

/// The two timeouts of a session (OWASP ASVS 7.3.1 and 7.3.2).
///
/// On the command line the idle timeout is 30 minutes unless `--idle-timeout` or `IDLE_TIMEOUT` sets it.
/// [`Timeouts::default()`](Self::default) has neither timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Args)]
#[command(
    arg = renamed("session-ttl", "SESSION_TTL", "use --idle-timeout or IDLE_TIMEOUT"),
    arg = renamed("session-max-age", "SESSION_MAX_AGE", "use --absolute-timeout or ABSOLUTE_TIMEOUT")
)]
pub struct Timeouts {
    /// Idle timeout: a session ends when unused for this long, as in 30m; 0 = never
    #[arg(
        long = "idle-timeout",
        env = "IDLE_TIMEOUT",
        value_name = "TIME",
        default_value = "30m"
    )]
    pub idle: Timeout,

    /// Absolute timeout: a session ends this long after it began, even if it is used; 0 = never
    #[arg(
        long = "absolute-timeout",
        env = "ABSOLUTE_TIMEOUT",
        value_name = "TIME",
        default_value = "0"
    )]
    pub absolute: Timeout,
}

/// Returns a hidden argument that rejects every value but an empty one, and names its successor.
///
/// Compose files set variables to an empty value where the user has set none.
fn renamed(flag: &'static str, variable: &'static str, successor: &'static str) -> Arg {
    Arg::new(flag)
        .long(flag)
        .env(variable)
        .hide(true)
        .value_parser(move |value: &str| {
            if value.is_empty() {
                Ok(String::new())
            } else {
                Err(format!("{variable} was renamed: {successor}"))
            }
        })
}

impl Timeouts {
    /// Returns how long the absolute timeout of a session that began at `created` still allows. Returns `None` without
    /// such a timeout, and zero when it has passed.
    #[must_use]
    pub fn remaining(&self, created: OffsetDateTime, now: OffsetDateTime) -> Option<Duration> {
        // The age is negative if the clock of the machine that created the session is ahead.
        let age = Duration::try_from(now - created).unwrap_or_default();
        self.absolute.0.map(|limit| limit.saturating_sub(age))
    }

    /// Returns whether the absolute timeout of a session that began at `created` has passed.
    pub(crate) fn is_expired(&self, created: OffsetDateTime, now: OffsetDateTime) -> bool {
        self.remaining(created, now) == Some(Duration::ZERO)
    }

    /// Returns how long a session that began at `created` and is used `now` may stay unused, or `None` without a limit.
    #[must_use]
    pub fn ttl(&self, created: OffsetDateTime, now: OffsetDateTime) -> Option<Duration> {
        let absolute = self.remaining(created, now);
        self.idle.0.into_iter().chain(absolute).min()
    }

    /// Returns whether the absolute timeout has passed since `state` was loaded.
    ///
    /// A permissive store must not write such a state, because its data would live on in a new session. A login is the
    /// exception: it begins a new session anyway.
    pub(crate) fn has_expired_since_load(&self, state: &State, now: OffsetDateTime) -> bool {
        let Reserved { loaded, ask } = Reserved::of(state);
        !matches!(ask, Some(Ask::SignIn(_)))
            && loaded.is_some_and(|loaded| self.is_expired(loaded.metadata.times.created_at, now))
    }
}

impl Default for Timeouts {
    /// Returns no timeouts: a session stays until it is deleted. The command line has other defaults.
    fn default() -> Self {
        Self {
            idle: Timeout(None),
            absolute: Timeout(None),
        }
    }
}

/// A time limit between a millisecond and ten years, or none. It is read and shown as in `30m`; `0` means none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeout(pub Option<Duration>);

impl Timeout {
    const MAX: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
}

impl FromStr for Timeout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "0" {
            return Ok(Self(None));
        }
        let limit = humantime::parse_duration(text)
            .map_err(|error| format!("{error}; write it as in 30m, 12h or 7d"))?;
        if limit < Duration::from_millis(1) {
            Err("shorter than a millisecond; 0 means never".to_owned())
        } else if limit > Self::MAX {
            Err("longer than ten years; 0 means never".to_owned())
        } else {
            Ok(Self(Some(limit)))
        }
    }
}

impl fmt::Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("0"),
            Some(limit) => humantime::format_duration(limit).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use clap::{Args, Command};

    use super::*;

    #[test]
    fn a_timeout_is_read_with_its_unit() {
        assert_eq!("30m".parse(), Ok(Timeout(Some(Duration::from_secs(1800)))));
        assert_eq!("0".parse(), Ok(Timeout(None)));
    }

    #[test]
    fn the_absolute_timeout_counts_from_creation() {
        let timeouts = Timeouts {
            absolute: Timeout(Some(Duration::from_secs(3600))),
            ..Timeouts::default()
        };
        let created = OffsetDateTime::UNIX_EPOCH;
        for (age, expected) in [(600, 3000), (9999, 0), (-9999, 3600)] {
            let remaining = timeouts.remaining(created, created + time::Duration::seconds(age));
            let expected = Some(Duration::from_secs(expected));
            assert_eq!(remaining, expected, "age {age}");
        }
    }

    #[test]
    fn the_old_names_of_the_timeouts_name_the_new_ones() {
        let command = Timeouts::augment_args(Command::new("demo").no_binary_name(true));
        for (old, variable, new) in [
            ("--session-ttl", "SESSION_TTL", "--idle-timeout"),
            ("--session-max-age", "SESSION_MAX_AGE", "--absolute-timeout"),
        ] {
            let parse = |value| command.clone().try_get_matches_from([old, value]);
            let error = parse("30m").unwrap_err().to_string();
            assert!(
                error.contains(&format!("{variable} was renamed: use {new}")),
                "{error}"
            );
            assert!(parse("").is_ok(), "an empty value counts as unset");
            let arg = command
                .get_arguments()
                .find(|arg| arg.get_env() == Some(OsStr::new(variable)) && arg.is_hide_set());
            assert!(arg.is_some_and(|arg| arg.get_long() == old.strip_prefix("--")));
        }
    }

    #[test]
    fn a_bad_timeout_gives_an_error_that_helps() {
        for (text, help) in [
            ("1800", "30m"),
            ("11y", "0 means never"),
            ("0s", "0 means never"),
            ("-5m", "30m"),
        ] {
            let error = Timeout::from_str(text).unwrap_err();
            assert!(error.contains(help), "{text}: {error}");
        }
    }
}
