//! The promises of every session store. The list below makes each case into a test for each store. A case that is
//! missing from it is unused code, which the compiler reports.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;

/// The cases, by subject.
mod contract {
    pub(crate) mod at_rest;
    pub(crate) mod basics;
    pub(crate) mod fixture;
    pub(crate) mod login;
    pub(crate) mod rotation;
    pub(crate) mod timeouts;
    pub(crate) mod versions;
}

macro_rules! contract {
    ($($subject:ident {
        $(every: [$($every:ident,)*])?
        $(on_server: [$($on_server:ident,)*])?
        $(at_rest: [$($at_rest:ident,)*])?
    })+) => {
        contract!(@store memory Memory $($subject { $($($every)*)? $($($on_server)*)? })+);
        contract!(@store file File $($subject { $($($every)*)? $($($on_server)*)? $($($at_rest)*)? })+);
        contract!(@store redis Redis $($subject { $($($every)*)? $($($on_server)*)? $($($at_rest)*)? })+);
        contract!(@store cookie Cookie $($subject { $($($every)*)? })+);
    };
    (@store $store:ident $fixture:ident $($subject:ident { $($case:ident)* })+) => {
        mod $store {
            $(mod $subject {
                $(#[tokio::test]
                async fn $case() {
                    use crate::contract::{fixture::$fixture, $subject};
                    $subject::$case($fixture::default()).await;
                })*
            })+
        }
    };
}

// - `every` store: also the one in the cookie.
// - `on_server`: not that one. The server can't end a session in a cookie and knows no versions of it, and reading it
//   gives no new cookie. `tests/cookie.rs` has those cases.
// - `at_rest`: where others can read and break a session, in files and in Redis.
contract! {
    basics {
        every: [
            an_unknown_id_gets_an_empty_session_or_a_new_id, a_session_is_loaded_as_written,
            values_are_any_json, a_session_that_is_too_large_is_not_written,
            malformed_keys_are_rejected,
        ]
        on_server: [
            a_write_in_flight_does_not_revive_a_deleted_session,
            many_sessions_stay_apart,
        ]
    }
    versions {
        on_server: [
            a_write_of_an_old_version_returns_the_newer, changes_are_merged_entry_by_entry,
            a_rotation_or_login_keeps_newer_entries, fifty_increments_at_once_count_fifty,
        ]
    }
    timeouts {
        every: [
            an_unused_session_expires, changing_keeps_a_session_alive, the_absolute_timeout_ends_a_busy_session,
            the_end_of_a_session_is_in_its_record,
        ]
        on_server: [
            loading_keeps_a_session_alive, a_write_does_not_revive_an_expired_session,
        ]
    }
    rotation {
        every: [
            a_rotation_changes_nothing_but_the_id, a_rotation_or_login_gives_a_new_visitor_a_new_id,
        ]
        on_server: [
            the_old_id_stops_working,
        ]
    }
    login {
        every: [
            a_login_begins_a_session_of_the_user, a_session_keeps_its_user,
            another_user_does_not_inherit_entries, a_login_works_after_its_session_has_ended,
        ]
        on_server: [
            two_logins_at_once_get_a_session_each,
        ]
    }
    at_rest {
        at_rest: [
            a_session_is_stored_as_the_documented_json, a_malformed_session_is_logged_and_left_alone,
            records_from_before_there_were_versions_load,
        ]
    }
}
