//! The page: one file, nothing from elsewhere, everything from a visitor escaped by maud.

use maud::{DOCTYPE, PreEscaped, html};

use crate::view::View;

const STYLE: &str = "
:root { color-scheme: light dark }
body { font: 17px/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid; place-items: center;
  background: light-dark(hsl(var(--hue) 50% 96%), hsl(var(--hue) 25% 10%)) }
main { width: min(26rem, calc(100vw - 2rem)); border-radius: 14px; overflow: hidden; margin: 1rem;
  background: light-dark(#fff, #1b1b1f); box-shadow: 0 2px 24px #0003 }
header { background: hsl(var(--hue) 60% 34%); color: #fff; padding: 1.1rem 1.5rem }
header small, dt { opacity: .8; font-size: .85rem }
header strong { display: block; font-size: 1.35rem; overflow-wrap: anywhere }
section { padding: 1.2rem 1.5rem 1.5rem }
h1 { margin: 0 0 .8rem; font-size: 1.6rem }
dl { display: grid; grid-template-columns: auto 1fr; gap: .3rem 1.2rem; margin: 0 0 1.2rem; align-items: baseline }
dd { margin: 0; overflow-wrap: anywhere }
code { font: .95em ui-monospace, monospace }
form { display: flex; gap: .5rem; margin-top: .5rem }
input { flex: 1; min-width: 0 }
input, button { font: inherit; padding: .45rem .8rem; border: 1px solid #8886; border-radius: 8px }
button { cursor: pointer; background: hsl(var(--hue) 60% 34%); color: #fff }
button.quiet { background: none; color: inherit }
p { margin: 1rem 0 0; font-size: .85rem; opacity: .75 }";

/// A browser asks for an icon by itself; asked over the network, that request would flip the round robin.
const ICON: &str =
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='teal'/></svg>";

/// The page of `view`.
pub(crate) fn page(view: &View) -> String {
    let id = view.id.map_or_else(|| "new with this answer".to_owned(), |id| format!("{id}…"));
    html! {
        (DOCTYPE)
        html lang="en" style=(format!("--hue:{}", hue(&view.instance))) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Hello World #" (view.visit_count) }
                link rel="icon" href=(ICON);
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    header { small { "served by" } strong { (view.instance) } }
                    section {
                        h1 { "Hello World #" (view.visit_count) }
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
                    }
                }
            }
        }
    }
    .into_string()
}

/// A colour for each instance, by its name: neighbours like `file-1` and `file-2` come out far apart.
fn hue(instance: &str) -> u32 {
    instance.bytes().fold(0, |hue, byte| (hue * 31 + u32::from(byte) * 137) % 360)
}
