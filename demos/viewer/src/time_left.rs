//! The time until a timeout, as text and as a bar.

use std::time::Duration;

use maud::{Markup, html};
use session_stores::{Record, Timeouts};
use time::OffsetDateTime;

use crate::text::duration;

/// Renders the time that is `left` of `limit`. The script counts it down. The bar is as long as the limit.
pub(crate) fn time_left(name: &str, left: Option<Duration>, limit: Option<Duration>) -> Markup {
    let Some(left) = left else {
        return html! { span { "no limit" } };
    };
    // The setting of a server may be longer than the viewer's.
    let limit = limit.unwrap_or_default().max(left);
    let text = duration(left);
    html! {
        span data-left=(left.as_millis()) { (text) }
        meter aria-label=(name) max=(limit.as_millis()) value=(left.as_millis()) { (text) }
    }
}

/// Returns how long the session of `record` may last in all.
pub(crate) fn absolute_limit(timeouts: &Timeouts, record: &Record) -> Option<Duration> {
    let whole: OffsetDateTime = timeouts.end_of(record)?;
    Duration::try_from(whole - record.created_at).ok()
}
