//! What every session store promises, written once. The list below is the only one: each case is made into a test for
//! each store, and a case that is left out of it is dead code, which the compiler reports.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;

/// The cases, by subject.
mod contract {
    pub(crate) mod at_rest;
    pub(crate) mod basics;
    pub(crate) mod bench;
    pub(crate) mod crowds;
    pub(crate) mod keys;
    pub(crate) mod log;
    pub(crate) mod renewals;
    pub(crate) mod sign_in;
    pub(crate) mod timeouts;
    pub(crate) mod visits;
}

macro_rules! contract {
    ($($subject:ident { $($case:ident),+ $(,)? })+) => {
        contract!(@store memory Memory $($subject { $($case)+ })+);
        contract!(@store file File $($subject { $($case)+ })+);
        contract!(@store redis Redis $($subject { $($case)+ })+);
    };
    (@store $store:ident $bench:ident $($subject:ident { $($case:ident)+ })+) => {
        mod $store {
            $(mod $subject {
                $(#[actix_web::test]
                async fn $case() {
                    crate::contract::$subject::$case::<crate::contract::bench::$bench>().await;
                })+
            })+
        }
    };
}

contract! {
    basics {
        an_id_that_the_store_does_not_hold_is_adopted_or_refused_as_declared,
        what_is_saved_and_updated_is_loaded_until_it_is_deleted,
        values_are_any_json,
        what_is_not_json_is_refused_and_nothing_is_kept,
        an_empty_session_is_a_session,
        a_renewed_session_has_a_new_id_and_keeps_the_time_of_its_beginning,
        a_change_keeps_both_times_of_a_session,
        deleting_what_is_not_there_is_no_error,
        a_deleted_session_stays_deleted_or_starts_anew_as_declared,
        update_ttl_changes_nothing,
    }
    keys {
        a_key_that_is_not_an_id_in_its_one_spelling_is_no_session_and_touches_nothing,
    }
    timeouts {
        an_unused_session_ends,
        loading_keeps_a_session_alive,
        changing_keeps_a_session_alive,
        renewing_keeps_a_session_alive,
        a_session_without_timeouts_stays,
        the_absolute_timeout_ends_a_busy_session,
        the_absolute_timeout_ends_a_session_however_often_it_is_renewed,
        a_change_that_comes_after_the_absolute_timeout_does_not_bring_the_session_back,
    }
    renewals {
        renew_and_rotate_give_a_new_id_and_keep_entries_beginning_and_user,
        the_old_id_is_worth_nothing_after_renew,
        a_renewal_is_in_the_record_and_nothing_of_it_in_the_data,
        a_renewal_of_a_session_that_was_ended_meanwhile_brings_nothing_back,
        a_change_in_flight_at_a_renewal_does_not_bring_the_old_session_back,
        the_absolute_timeout_counts_through_every_renewal,
        a_visitor_without_a_session_gets_one_by_renew,
        clear_takes_a_renewal_back,
        a_purge_outranks_a_renewal,
    }
    sign_in {
        signing_in_renews_the_id_and_names_the_user,
        a_visitor_without_a_session_can_sign_in,
        an_id_of_somebody_elses_choice_is_not_signed_in,
        a_session_keeps_its_user_through_changes_clear_and_renewals,
        another_user_does_not_inherit_what_the_session_held,
        the_absolute_timeout_counts_from_the_sign_in,
        a_sign_in_outranks_a_renewal_of_the_same_request,
        a_sign_in_after_the_end_of_its_session_holds_all_the_same,
        a_sign_in_that_outlasts_the_absolute_timeout_holds_all_the_same,
        of_two_sign_ins_at_once_each_has_a_session_of_its_own,
        a_user_is_at_rest_beside_the_data,
    }
    at_rest {
        a_session_at_rest_is_the_documented_json,
        what_is_malformed_is_no_session_is_logged_and_is_left_as_it_is,
    }
    crowds {
        a_thousand_sessions_live_side_by_side,
        of_many_changes_at_once_one_remains_whole,
        one_session_saved_many_times_at_once_becomes_as_many,
    }
    visits {
        a_visitor_keeps_one_session,
        clear_does_not_reset_the_absolute_timeout,
        actix_sessions_own_renew_leaves_nothing_under_the_old_id,
        a_malformed_session_gives_the_visitor_a_new_id,
        logging_out_holds_or_starts_anew_as_declared,
    }
}

// The store in the cookie can't promise the rest, because its key is the session and the server keeps nothing:
//
// - The end of a session, by logout or under an old id (what is deleted, renewed or signed in stays so), is out of its
//   hands: an old key still is what it was. `tests/cookie.rs` has the cases that say so.
// - A change has another key, so the cases that go on with the old one, or want it back, see the state before.
// - Neither 200,000 bytes nor a thousand changes of one session at once come together in a cookie.
// - Reading alone gives no cookie, so `load` keeps no session alive.
// - There is nothing at rest that others could read or break.
contract!(@store cookie Cookie
    basics {
        an_id_that_the_store_does_not_hold_is_adopted_or_refused_as_declared
        what_is_not_json_is_refused_and_nothing_is_kept
        an_empty_session_is_a_session
        a_renewed_session_has_a_new_id_and_keeps_the_time_of_its_beginning
        deleting_what_is_not_there_is_no_error
        update_ttl_changes_nothing
    }
    keys {
        a_key_that_is_not_an_id_in_its_one_spelling_is_no_session_and_touches_nothing
    }
    timeouts {
        an_unused_session_ends
        changing_keeps_a_session_alive
        renewing_keeps_a_session_alive
        a_session_without_timeouts_stays
        the_absolute_timeout_ends_a_busy_session
        the_absolute_timeout_ends_a_session_however_often_it_is_renewed
        a_change_that_comes_after_the_absolute_timeout_does_not_bring_the_session_back
    }
    renewals {
        renew_and_rotate_give_a_new_id_and_keep_entries_beginning_and_user
        the_absolute_timeout_counts_through_every_renewal
        a_visitor_without_a_session_gets_one_by_renew
        a_purge_outranks_a_renewal
    }
    sign_in {
        a_visitor_without_a_session_can_sign_in
        an_id_of_somebody_elses_choice_is_not_signed_in
        a_session_keeps_its_user_through_changes_clear_and_renewals
        another_user_does_not_inherit_what_the_session_held
        the_absolute_timeout_counts_from_the_sign_in
        a_sign_in_outranks_a_renewal_of_the_same_request
        a_user_is_at_rest_beside_the_data
    }
    crowds {
        one_session_saved_many_times_at_once_becomes_as_many
    }
    visits {
        a_visitor_keeps_one_session
    }
);
