//! Limits how much of an instance one user, session or address can use. Each instance counts by itself, in memory.

use std::net::IpAddr;

use actix_web::{HttpRequest, http::StatusCode};
use clap::value_parser;
use server::{RateLimit, client_address};

use crate::{error::ApiError, user::UserId};

/// The limits, as flags and environment variables.
#[derive(clap::Args)]
pub(crate) struct Limits {
    /// How many streams of messages a user may have open on this instance
    #[arg(
        long,
        env = "STREAMS_PER_USER",
        value_name = "N",
        default_value_t = 12,
        value_parser = value_parser!(u16).range(1..)
    )]
    pub(crate) streams_per_user: u16,

    /// How many streams of messages may be open on this instance
    #[arg(
        long,
        env = "STREAMS_PER_INSTANCE",
        value_name = "N",
        default_value_t = 1000,
        value_parser = value_parser!(u16).range(1..)
    )]
    pub(crate) streams_per_instance: u16,

    /// How many messages a session may send in a second; 0 = no limit
    #[arg(
        long,
        env = "MESSAGES_PER_SESSION",
        value_name = "N",
        default_value_t = 5
    )]
    messages_per_session: u32,

    /// How many logins one address may try in a second for the same user ID; 0 = no limit
    #[arg(long, env = "LOGINS_PER_USER", value_name = "N", default_value_t = 5)]
    logins_per_user: u32,

    /// How many logins one address may try in a second; 0 = no limit
    #[arg(
        long,
        env = "LOGINS_PER_ADDRESS",
        value_name = "N",
        default_value_t = 50
    )]
    logins_per_address: u32,
}

impl Limits {
    pub(crate) fn rates(&self) -> Rates {
        Rates {
            messages: RateLimit::per_second(self.messages_per_session),
            logins_of_user: RateLimit::per_second(self.logins_per_user),
            logins: RateLimit::per_second(self.logins_per_address),
        }
    }
}

/// Counts messages and logins. All clones share the counts.
#[derive(Clone)]
pub(crate) struct Rates {
    /// By the handle of the session.
    messages: RateLimit<String>,
    logins_of_user: RateLimit<(UserId, IpAddr)>,
    logins: RateLimit<IpAddr>,
}

impl Rates {
    /// Counts a message of the session with `handle`. Returns an error if there are too many.
    pub(crate) fn check_message(&self, handle: &String) -> Result<(), ApiError> {
        let too_many = "you send too many messages; try again in a moment";
        self.messages.check(handle).map_err(|wait| {
            ApiError::new(StatusCode::TOO_MANY_REQUESTS, too_many).retry_after(wait)
        })
    }

    /// Counts a login as `user`. Returns an error if there are too many from the address of `request`.
    ///
    /// The address is part of the user's limit, because otherwise strangers could keep the user from logging in.
    pub(crate) fn check_login(&self, request: &HttpRequest, user: &UserId) -> Result<(), ApiError> {
        let address = client_address(request);
        // The limit of the address comes first, so that a single address cannot fill the table of users.
        self.logins
            .check(&address)
            .and_then(|()| self.logins_of_user.check(&(user.clone(), address)))
            .map_err(|wait| {
                let too_many = "there are too many logins; try again in a moment";
                ApiError::new(StatusCode::TOO_MANY_REQUESTS, too_many).retry_after(wait)
            })
    }
}
