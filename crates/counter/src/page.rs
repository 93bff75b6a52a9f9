//! The workshop's page. Everything from a visitor is escaped by maud.

use maud::html;

use crate::view::View;

/// The page of `view`.
pub(crate) fn page(view: &View) -> String {
    let id = view
        .id
        .map_or_else(|| "new with this answer".to_owned(), |id| format!("{id}…"));
    let content = html! {
        dl {
            dt { "store" } dd { (view.store) }
            dt { "session" } dd { code { (id) } }
            dt { "value" } dd { @if let Some(value) = &view.value { strong { (value) } } @else { em { "not set" } } }
        }
        form method="post" action="/session" {
            input name="value" placeholder="a value to remember" aria-label="value" required maxlength="1024" autocomplete="off";
            button { "Set" }
        }
        @if view.value.is_some() {
            form method="post" action="/session" { button.quiet name="unset" value="1" { "Unset" } }
        }
        p { "Reload: does the count go on, is the value still there, and who answers?" }
    };
    server::page(
        &format!("Hello World #{}", view.visit_count),
        &view.instance,
        &content,
    )
}
