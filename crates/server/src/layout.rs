//! The layout of every page. A page is one document that loads nothing from other hosts.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use base64::prelude::*;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::InstanceName;

const STYLE: &str = "
:root { color-scheme: light dark }
body { font: 17px/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid; place-items: center;
  background: light-dark(oklch(97% .015 var(--hue)), oklch(20% .015 var(--hue))) }
main { width: min(26rem, calc(100vw - 2rem)); border-radius: 14px; overflow: hidden; margin: 1rem;
  background: light-dark(#fff, #1b1b1f); box-shadow: 0 2px 24px #0003 }
header { background: oklch(46% .12 var(--hue)); color: #fff; padding: 1.1rem 1.5rem }
header small, dt { opacity: .8; font-size: .85rem }
header strong { display: block; font-size: 1.35rem; overflow-wrap: anywhere }
section { padding: 1.2rem 1.5rem 1.5rem; overflow-wrap: anywhere }
h1 { margin: 0 0 .8rem; font-size: 1.6rem }
dl { display: grid; grid-template-columns: auto 1fr; gap: .3rem 1.2rem; margin: 0 0 1.2rem; align-items: baseline }
dd { margin: 0 }
code { font: .95em ui-monospace, monospace }
form { display: flex; gap: .5rem; margin-top: .5rem }
form + form { margin-top: 1rem }
input { flex: 1; min-width: 0 }
input, button { font: inherit; padding: .45rem .8rem; border: 1px solid #8886; border-radius: 8px }
button { cursor: pointer; background: oklch(46% .12 var(--hue)); color: #fff }
::placeholder { color: inherit; opacity: .65 }
button.quiet { background: none; color: inherit }
p { margin: 1rem 0 0; font-size: .85rem; opacity: .75 }
p.note { margin: 0 0 1rem; opacity: 1; font-size: 1rem }
ul { list-style: none; margin: 0 0 1rem; padding: 0 }
ul.scroll { max-height: 40vh; overflow: auto }
li { border-bottom: 1px solid #8884; padding: .5rem 0 }";

/// Without an icon in the page, a browser would request one. That request would advance HAProxy's round robin.
const ICON: &str = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='teal'/></svg>";

/// Allows inline styles, data images and forms to this server, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The scripts that a page may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    /// None.
    None,
    /// Scripts from this server, which may send requests to it.
    SameOrigin,
    /// This script, which stands in the page itself. It sends no requests.
    Inline(&'static str),
}

/// Returns a page with `title` and `content`. Its header names the instance that serves `request`.
pub fn page(request: &HttpRequest, title: &str, content: &Markup) -> String {
    let instance = InstanceName::of(request);
    let instance = instance.as_str();
    html! {
        (DOCTYPE)
        html lang="en" style=(format!("--hue:{}", hue(instance))) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="icon" href=(ICON);
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    header { small { "served by" } strong { (instance) } }
                    section {
                        h1 { (title) }
                        (content)
                    }
                }
            }
        }
    }
    .into_string()
}

/// Returns a response with `page` and a content security policy that allows `scripts`.
pub fn page_response(status: StatusCode, page: String, scripts: Scripts) -> HttpResponse {
    let policy = match scripts {
        Scripts::None => POLICY.to_owned(),
        Scripts::SameOrigin => format!("{POLICY}; script-src 'self'; connect-src 'self'"),
        Scripts::Inline(script) => format!("{POLICY}; script-src '{}'", hash(script)),
    };
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .body(page)
}

/// Returns the hue of an instance's colour. Names like `file-1` and `file-2` get hues that are far apart.
fn hue(instance: &str) -> u32 {
    instance
        .bytes()
        .fold(0, |hue, byte| (hue * 31 + u32::from(byte) * 137) % 360)
}

/// Returns the name that a content security policy has for `script` (CSP, section 2.3.1).
fn hash(script: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(script)))
}
