//! The pages. maud escapes every text, including those that clients send.

use std::time::Duration;

use actix_web::HttpRequest;
use maud::{Markup, html};
use server::page;
use time::OffsetDateTime;

use crate::{error::ApiError, session::SessionEntry, user::UserId};

/// Renders the login form, with the error of the last attempt.
pub(crate) fn login(
    request: &HttpRequest,
    user: Option<&UserId>,
    error: Option<&ApiError>,
) -> String {
    let content = html! {
        @if let Some(error) = error { p.note role="alert" { (error) } }
        @if let Some(user) = user { p.note { "You are logged in as " strong { (user.as_str()) } ". " a href="/dashboard" { "Dashboard" } } }
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
            @for session in sessions {
                li {
                    code { (session.handle) } @if session.current { " " strong { "(this one)" } }
                    dl {
                        dt { "started" }
                        dd {
                            (to_second(session.created_at))
                            @if let Some(instance) = &session.instance { " on " (instance) }
                        }
                        dt { "changed" } dd { (to_second(session.updated_at)) }
                        dt { "idle timeout in" } dd { (time_left(session.idle_seconds_left)) }
                        dt { "absolute timeout in" } dd { (time_left(session.absolute_seconds_left)) }
                    }
                    form method="post" action=(format!("/sessions/{}", session.handle)) {
                        button.quiet { @if session.current { "Log out" } @else { "Revoke" } }
                    }
                }
            }
        }
        form method="post" action="/sessions/revoke-others" { button.quiet { "Revoke all others" } }
        (log_out_button())
        p { a href="/dashboard" { "Dashboard" } }
    };
    page(request, "My sessions", &content)
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
