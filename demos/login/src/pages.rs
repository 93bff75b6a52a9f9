//! The pages. Everything from a client is escaped by maud.

use std::time::Duration;

use maud::{Markup, html};
use server::{InstanceInfo, page};
use time::OffsetDateTime;

use crate::{fault::Fault, mine::Mine, user::UserId};

/// The form to sign in with, and what was wrong with it when it was sent before.
pub(crate) fn login(site: &InstanceInfo, user: Option<&UserId>, fault: Option<&Fault>) -> String {
    let content = html! {
        @if let Some(fault) = fault { p.note role="alert" { (fault.text()) } }
        @if let Some(user) = user { p.note { "You are signed in as " strong { (user.as_str()) } ". " a href="/dashboard" { "Dashboard" } } }
        form method="post" action="/login" {
            input name=(UserId::FIELD) placeholder="who you are" aria-label="user id" required autocomplete="username" autofocus;
            button { "Sign in" }
        }
        p { strong { "There is no password." } " This demo is about the session: it takes everybody at their word." }
    };
    page("Sign in", site.name(), &content)
}

/// What somebody signed in sees.
pub(crate) fn dashboard(site: &InstanceInfo, user: &UserId, flash: Option<&str>) -> String {
    let content = html! {
        @if let Some(flash) = flash { p.note role="status" { (flash) } }
        p.note { a href="/chat" { "Messages" } " · " a href="/sessions" { "My sessions" } }
        (sign_out())
    };
    page(
        &format!("Welcome {}!", user.as_str()),
        site.name(),
        &content,
    )
}

/// The living sessions of `user`, each with a button that ends it.
pub(crate) fn sessions(site: &InstanceInfo, user: &UserId, mine: &[Mine]) -> String {
    let content = html! {
        p.note { "Living sessions of " strong { (user.as_str()) } }
        ul {
            @for session in mine {
                li {
                    code { (session.handle) } @if session.current { " " strong { "(this one)" } }
                    dl {
                        dt { "began" } dd { (moment(session.created_at)) }
                        dt { "changed" }
                        dd { (moment(session.updated_at)) @if let Some(instance) = &session.instance { " by " (instance) } }
                        dt { "idle time left" } dd { (left(session.idle_seconds_left)) }
                        dt { "time left at all" } dd { (left(session.absolute_seconds_left)) }
                    }
                    form method="post" action=(format!("/sessions/{}", session.handle)) { button.quiet { "End" } }
                }
            }
        }
        form method="post" action="/sessions/revoke-others" { button.quiet { "End all others" } }
        (sign_out())
        p { a href="/dashboard" { "Dashboard" } }
    };
    page("My sessions", site.name(), &content)
}

/// To the second.
fn moment(time: OffsetDateTime) -> String {
    let (date, [hour, minute, second]) = (time.date(), [time.hour(), time.minute(), time.second()]);
    format!("{date} {hour:02}:{minute:02}:{second:02} UTC")
}

fn left(seconds: Option<u64>) -> String {
    seconds.map_or_else(
        || "no limit".to_owned(),
        |seconds| humantime::format_duration(Duration::from_secs(seconds)).to_string(),
    )
}

/// The chat: `chat.js` fills it.
pub(crate) fn chat(site: &InstanceInfo, user: &UserId) -> String {
    let content = html! {
        div #chat {
            p.note { "You are " strong #user { (user.as_str()) } ". " span #notice role="status" {} }
            ul.scroll #messages aria-live="polite" aria-label="messages" {}
            form #send {
                input name="message" placeholder="to everybody" aria-label="message" required maxlength="2048" autocomplete="off" autofocus;
                button { "Send" }
            }
            (sign_out())
            p { a href="/dashboard" { "Dashboard" } }
        }
        p.note #over role="alert" hidden { "Your session is over. " a href="/login" { "Sign in" } }
        script src="/chat.js" defer {}
    };
    page("Messages", site.name(), &content)
}

/// On every page that needs a sign-in (OWASP ASVS 7.4.4).
fn sign_out() -> Markup {
    html! { form method="post" action="/logout" { button.quiet { "Sign out" } } }
}
