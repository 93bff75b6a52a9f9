//! The promises of every session store. The list below makes each case into a test for each store. A case that is missing
//! from it is dead code, which the compiler reports.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;

/// The cases, by subject.
mod contract {
    pub(crate) mod at_rest;
    pub(crate) mod basics;
    pub(crate) mod concurrency;
    pub(crate) mod fixture;
    pub(crate) mod log;
    pub(crate) mod login;
    pub(crate) mod renewals;
    pub(crate) mod timeouts;
    pub(crate) mod visits;
}

macro_rules! contract {
    ($($subject:ident { every: [$($every:ident,)*] on_server: [$($on_server:ident,)*] })+) => {
        contract!(@store memory Memory $($subject { $($every)* $($on_server)* })+);
        contract!(@store file File $($subject { $($every)* $($on_server)* })+);
        contract!(@store redis Redis $($subject { $($every)* $($on_server)* })+);
        contract!(@store cookie Cookie $($subject { $($every)* })+);
    };
    (@store $store:ident $fixture:ident $($subject:ident { $($case:ident)* })+) => {
        mod $store {
            $(mod $subject {
                $(#[actix_web::test]
                async fn $case() {
                    use crate::contract::{fixture::$fixture, $subject};
                    $subject::$case($fixture::default()).await;
                })*
            })+
        }
    };
}

// `every`: also the store in the cookie. `on_server`: not that one, because its key is the session and the server keeps
// nothing:
//
// - It can't end a session. A key that was deleted, renewed or logged in stays valid; `tests/cookie.rs` has those
//   cases.
// - A change gives another key, so the cases that go on with the old one see the state before.
// - A cookie has no room for 200,000 bytes, or for many changes of one session at once.
// - Reading alone gives no cookie, so `load` keeps no session alive.
// - There is nothing at rest that others could read or break.
contract! {
    basics {
        every: [
            an_unknown_id_gets_an_empty_session_or_a_new_id,
            text_that_is_not_json_is_rejected,
            an_empty_session_is_a_session,
            a_renewed_session_keeps_its_start,
            deleting_a_missing_session_is_not_an_error,
            update_ttl_changes_nothing,
            malformed_keys_are_rejected,
        ]
        on_server: [
            a_session_is_loaded_as_written_until_it_is_deleted,
            values_are_any_json,
            a_change_keeps_both_times,
            a_change_in_flight_does_not_revive_a_deleted_session,
        ]
    }
    timeouts {
        every: [
            an_unused_session_expires,
            changing_keeps_a_session_alive,
            renewing_keeps_a_session_alive,
            a_session_without_timeouts_stays,
            the_absolute_timeout_ends_a_busy_session,
            a_change_after_the_absolute_timeout_revives_nothing,
        ]
        on_server: [
            loading_keeps_a_session_alive,
        ]
    }
    renewals {
        every: [
            a_renewal_keeps_entries_start_and_user,
            the_absolute_timeout_counts_through_renewals,
            a_renewal_begins_a_session_for_a_new_visitor,
            a_purge_outranks_a_renewal,
        ]
        on_server: [
            the_old_id_stops_working_after_renew,
            a_renewal_leaves_no_trace_in_the_data,
            a_renewal_does_not_revive_an_ended_session,
            a_change_in_flight_does_not_revive_the_old_id,
            clear_cancels_a_renewal,
        ]
    }
    login {
        every: [
            a_visitor_without_a_session_can_log_in,
            an_id_that_somebody_else_chose_is_not_logged_in,
            a_session_keeps_its_user,
            another_user_does_not_inherit_entries,
            the_absolute_timeout_counts_from_the_login,
            a_login_outranks_a_renewal,
            the_user_is_stored_beside_the_data,
        ]
        on_server: [
            a_login_changes_the_id_and_names_the_user,
            a_login_works_after_its_session_has_ended,
            a_login_may_outlast_the_absolute_timeout,
            two_logins_at_once_get_a_session_each,
        ]
    }
    at_rest {
        every: [
        ]
        on_server: [
            a_session_is_stored_as_the_documented_json,
            a_malformed_session_is_logged_and_left_alone,
        ]
    }
    concurrency {
        every: [
            one_session_saved_many_times_becomes_as_many,
        ]
        on_server: [
            many_sessions_stay_apart,
            many_changes_at_once_tear_no_session,
        ]
    }
    visits {
        every: [
            a_visitor_keeps_one_session,
        ]
        on_server: [
            clear_does_not_reset_the_absolute_timeout,
            actix_sessions_renew_leaves_nothing_under_the_old_id,
            a_malformed_session_gives_the_visitor_a_new_id,
            a_logout_holds_for_other_requests,
        ]
    }
}
