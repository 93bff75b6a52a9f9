//! The cookie in which a browser carries the last value that it set, and the instance that took it.
//!
//! With it the page shows what became of the value, even if the session has ended. Programs such as curl don't get it.

use actix_web::{
    HttpRequest, HttpResponse, Result,
    cookie::{Cookie, SameSite, time::Duration},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use server::{Format, InstanceInfo, InstanceName, is_instance_name};

/// The longest part of a value that the cookie carries, in characters.
const MAX_CHARS: usize = 64;
const MAX_AGE: Duration = Duration::minutes(10);

/// The last value that this browser set.
pub(crate) struct LastSet {
    /// The instance that took it.
    pub(crate) instance: String,
    /// The value, [shortened](shorten).
    pub(crate) value: String,
}

impl LastSet {
    /// Reads the cookie of `request`. Returns `None` without a valid one, or if it is about another store: at
    /// `localhost` the demo may change.
    pub(crate) fn of(request: &HttpRequest, instance: &InstanceInfo) -> Option<Self> {
        let cookie = request.cookie(name(instance))?;
        let mut parts = cookie.value().splitn(3, '/');
        let (store, at, value) = (parts.next()?, parts.next()?, parts.next()?);
        let is_ours = store == instance.store()
            && is_instance_name(at)
            && !value.is_empty()
            && shorten(value) == value;
        is_ours.then(|| Self {
            instance: at.to_owned(),
            value: value.to_owned(),
        })
    }
}

/// Returns at most 64 characters of `value`. If it has more, the last of them is `…`.
pub(crate) fn shorten(value: &str) -> String {
    if value.chars().count() <= MAX_CHARS {
        return value.to_owned();
    }
    value.chars().take(MAX_CHARS - 1).chain(['…']).collect()
}

/// Lets the browser that sent `request` remember that it set `value` here. Changes nothing for programs.
pub(crate) fn remember(
    response: &mut HttpResponse,
    request: &HttpRequest,
    instance: &InstanceInfo,
    value: &str,
) -> Result<()> {
    if Format::wanted(request) != Format::Page {
        return Ok(());
    }
    let (store, at) = (instance.store(), InstanceName::of(request));
    let value = shorten(value);
    let value = utf8_percent_encode(&value, NON_ALPHANUMERIC);
    let mut cookie = cookie(instance, format!("{store}/{}/{value}", at.as_str()));
    cookie.set_max_age(MAX_AGE);
    Ok(response.add_cookie(&cookie)?)
}

/// Removes the cookie if `request` has one.
pub(crate) fn forget(
    response: &mut HttpResponse,
    request: &HttpRequest,
    instance: &InstanceInfo,
) -> Result<()> {
    if request.cookie(name(instance)).is_none() {
        return Ok(());
    }
    let mut cookie = cookie(instance, String::new());
    cookie.make_removal();
    Ok(response.add_cookie(&cookie)?)
}

fn cookie(instance: &InstanceInfo, value: String) -> Cookie<'static> {
    Cookie::build(name(instance), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(instance.https_only())
        .finish()
}

fn name(instance: &InstanceInfo) -> &'static str {
    if instance.https_only() {
        "__Host-lastSet"
    } else {
        "lastSet"
    }
}
