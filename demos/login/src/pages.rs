//! The pages. maud escapes every text, including those that clients send.

use std::time::Duration;

use actix_web::HttpRequest;
use maud::{Markup, html};
use server::page;
use time::OffsetDateTime;

use crate::{
    error::ApiError,
    session::{LoginSession, SessionEntry},
    user::UserId,
};

/// Renders the login form, with the error of the last attempt.
pub(crate) fn login(
    request: &HttpRequest,
    session: &LoginSession,
    error: Option<&ApiError>,
) -> String {
    let user = session.user();
    let content = html! {
        @if let Some(error) = error { p.note role="alert" { (error) } }
        @if session.has_ended() {
            p.note role="status" {
                strong { "Your session has ended." } " Perhaps you did not use it for a while, it reached its longest \
                duration, it was ended from another browser, or the server lost it."
            }
        }
        @if let Some(user) = &user { p.note { "You are logged in as " strong { (user.as_str()) } ". " a href="/dashboard" { "Dashboard" } } }
        form method="post" action="/login" {
            input name=(UserId::FIELD) placeholder="your user ID" aria-label="user ID" required autocomplete="username" autofocus;
            button { "Log in" }
        }
        p { strong { "There is no password." } " This demo is about the session, and believes every user ID." }
    };
    page(request, "Log in", &content)
}

/// Renders the dashboard of a logged-in user.
pub(crate) fn dashboard(request: &HttpRequest, user: &UserId, flash: Option<&str>) -> String {
    let content = html! {
        @if let Some(flash) = flash { p.note role="status" { (flash) } }
        p.note { a href="/chat" { "Messages" } " · " a href="/sessions" { "My sessions" } }
        (log_out_button())
    };
    let title = format!("Welcome {}!", user.as_str());
    page(request, &title, &content)
}

/// Renders the active sessions of `user`, each with a button that revokes it.
pub(crate) fn sessions(request: &HttpRequest, user: &UserId, sessions: &[SessionEntry]) -> String {
    let content = html! {
        p.note { "Active sessions of " strong { (user.as_str()) } }
        ul {
            @for session in sessions { li { (session_entry(session)) } }
        }
        form method="post" action="/sessions/revoke-others" { button.quiet { "Revoke all others" } }
        (log_out_button())
        p { a href="/dashboard" { "Dashboard" } }
    };
    page(request, "My sessions", &content)
}

fn session_entry(session: &SessionEntry) -> Markup {
    let browser = session.browser.as_deref().unwrap_or("Unknown browser");
    let started = to_second(session.created_at);
    let action = if session.current { "Log out" } else { "Revoke" };
    html! {
        strong { (browser) } @if session.current { " (this one)" }
        dl {
            @if let Some(time) = session.last_seen_at { dt { "last seen" } dd { (to_second(time)) } }
            dt { "started" } dd { (started) @if let Some(instance) = &session.instance { " on " (instance) } }
            dt { "changed" } dd { (to_second(session.updated_at)) }
            dt { "idle timeout in" } dd { (time_left(session.idle_seconds_left)) }
            dt { "absolute timeout in" } dd { (time_left(session.absolute_seconds_left)) }
            dt { "name" } dd { code { (session.handle) } }
        }
        form method="post" action=(format!("/sessions/{}", session.handle)) {
            button.quiet aria-label=(format!("{action}: {browser}, started {started}, {}", session.handle)) { (action) }
        }
    }
}

fn to_second(time: OffsetDateTime) -> String {
    let (date, [hour, minute, second]) = (time.date(), [time.hour(), time.minute(), time.second()]);
    format!("{date} {hour:02}:{minute:02}:{second:02} UTC")
}

fn time_left(seconds: Option<u64>) -> String {
    seconds.map_or_else(
        || "no limit".to_owned(),
        |seconds| humantime::format_duration(Duration::from_secs(seconds)).to_string(),
    )
}

/// Renders the chat, which `chat.js` fills.
pub(crate) fn chat(request: &HttpRequest, user: &UserId) -> String {
    let content = html! {
        div #chat {
            p.note { "You are " strong #user { (user.as_str()) } ". " span #notice role="status" {} }
            ul.scroll #messages tabindex="0" aria-live="polite" aria-label="messages" {}
            form #send {
                input name="message" placeholder="to everybody" aria-label="message" required maxlength="2048" autocomplete="off" autofocus;
                button { "Send" }
            }
            (log_out_button())
            p { a href="/dashboard" { "Dashboard" } }
        }
        p.note #over role="alert" hidden { "Your session has ended. " a href="/login" { "Log in" } }
        script src="/chat.js" defer {}
    };
    page(request, "Messages", &content)
}

/// Renders the logout button, which every page of a logged-in user has (OWASP ASVS 7.4.4).
fn log_out_button() -> Markup {
    html! { form method="post" action="/logout" { button.quiet { "Log out" } } }
}
