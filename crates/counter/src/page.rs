//! The counter's page. maud escapes everything that a visitor has sent.

use maud::html;

use crate::view::View;

/// Returns the page that shows `view`.
pub(crate) fn page(view: &View) -> String {
    let id = view.id.map_or_else(
        || "new with this response".to_owned(),
        |id| format!("{id}…"),
    );
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
        p { "Reload the page. Does the count go up? Is the value still there? Which instance answers?" }
    };
    server::page(
        &format!("Hello World #{}", view.visit_count),
        &view.instance,
        &content,
    )
}
