//! The page around HAProxy's statistics, written to `haproxy/statistics.html`.

use std::{fs, path::Path};

use maud::{DOCTYPE, PreEscaped, html};

use crate::{
    layout::{BASE_STYLE, ICON},
    navigation::Navigation,
};

/// HAProxy replaces this by the host name of the request, without its first part.
const SITE: &str = "%[var(txn.site)]";

const STYLE: &str = "
body { height: 100dvh; display: flex; flex-direction: column; background: var(--paper) }
main { flex: 1; display: flex; flex-direction: column }
h1 { font-size: 1.2rem; margin: .6rem 1rem 0 }
p { margin: 0 1rem .6rem }
iframe { flex: 1; border: 0; border-top: 1px solid var(--line) }
";

/// Returns the page as a format of HAProxy.
fn page() -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "HAProxy's statistics" }
                link rel="icon" href=(ICON);
                style { (PreEscaped(BASE_STYLE)) (PreEscaped(STYLE)) }
            }
            body {
                (Navigation::of_statistics(SITE).markup())
                main {
                    h1 { "HAProxy's statistics" }
                    p {
                        "Each demo has a table. A row is an instance, with the name that its pages show. "
                        a href="/haproxy" { "Only the tables" }
                    }
                    iframe src="/haproxy" title="statistics of HAProxy" {}
                }
            }
        }
    };
    // In a format, "%%" is a percent sign.
    let parts = page.into_string();
    let parts: Vec<_> = parts
        .split(SITE)
        .map(|part| part.replace('%', "%%"))
        .collect();
    format!("{}\n", parts.join(SITE))
}

/// Writes the file if it differs, and then fails, so that it becomes part of the next commit.
#[test]
fn the_page_of_statistics_has_the_same_navigation() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../haproxy/statistics.html");
    if fs::read_to_string(&file).ok() != Some(page()) {
        fs::write(&file, page()).unwrap();
        panic!("written again: {file:?}");
    }
}
