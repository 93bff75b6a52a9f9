//! The flags of the idle and the absolute timeout.

use std::{fmt, str::FromStr, time::Duration};

use clap::Arg;
use session_stores::Timeouts;

/// The timeouts of a session on the command line.
#[derive(Debug, Clone, clap::Args)]
#[command(
    arg = renamed("session-ttl", "SESSION_TTL", "use --idle-timeout or IDLE_TIMEOUT"),
    arg = renamed("session-max-age", "SESSION_MAX_AGE", "use --absolute-timeout or ABSOLUTE_TIMEOUT")
)]
pub(crate) struct TimeoutFlags {
    /// Idle timeout: a session ends when unused for this long, as in 30m; 0 = never
    #[arg(long, env = "IDLE_TIMEOUT", value_name = "TIME", default_value_t = Timeout(Timeouts::default().idle))]
    idle_timeout: Timeout,

    /// Absolute timeout: a session ends this long after it began, even if it is used; 0 = never
    #[arg(
        long,
        env = "ABSOLUTE_TIMEOUT",
        value_name = "TIME",
        default_value_t = Timeout(Timeouts::default().absolute)
    )]
    absolute_timeout: Timeout,
}

impl From<TimeoutFlags> for Timeouts {
    fn from(flags: TimeoutFlags) -> Self {
        Self {
            idle: flags.idle_timeout.0,
            absolute: flags.absolute_timeout.0,
        }
    }
}

/// Returns a hidden argument that rejects every value, and names its successor.
fn renamed(flag: &'static str, variable: &'static str, successor: &'static str) -> Arg {
    Arg::new(flag)
        .long(flag)
        .env(variable)
        .hide(true)
        .value_parser(move |_: &str| {
            Err::<String, _>(format!("{variable} was renamed: {successor}"))
        })
}

/// A time limit between a millisecond and ten years, or none. It is read and shown as in `30m`; `0` means none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeout(pub Option<Duration>);

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
        } else if limit > Duration::from_secs(10 * 365 * 24 * 60 * 60) {
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
