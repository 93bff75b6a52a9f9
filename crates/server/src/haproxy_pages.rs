//! The pages for browsers that HAProxy serves by itself, written to `haproxy/errors/`.
//!
//! HAProxy chooses a page by a map. A map has a key and a value on each line, so each page is one line.

use std::{fs, path::Path};

use actix_web::http::StatusCode;

use crate::{error_page::ErrorPage, layout::Layout};

/// The status, the text for other clients, the station that the request did not get to, and what happened there.
type Row = (u16, Option<&'static str>, usize, &'static str);

const PAGES: [Row; 7] = [
    (
        408,
        None,
        1,
        "HAProxy did not get the whole request in time.",
    ),
    (411, Some("declare the length of the body"), 1, REFUSED),
    (413, Some("the body is too long"), 1, REFUSED),
    (
        429,
        Some("too many new sessions from your address; try again in a second"),
        1,
        REFUSED,
    ),
    (
        502,
        None,
        2,
        "The instance closed the connection without a response.",
    ),
    (503, None, 2, "HAProxy found no instance that is up."),
    (504, None, 2, "The instance did not answer in time."),
];

const REFUSED: &str = "HAProxy refused the request.";

/// Returns the map of a status. The map of 503 has two pages. HAProxy looks for `retry` if the method was GET or HEAD,
/// and for `page` otherwise: loading a page again sends a GET, which has no body.
fn map(row: Row) -> String {
    let (status, ..) = row;
    let line = |key, may_repeat, retry| format!("{key} {}\n", page(row, may_repeat, retry));
    match status {
        // haproxy.cfg sets the header.
        503 => line("retry", true, Some(5)) + &line("page", false, None),
        411 | 413 => line("page", false, None),
        _ => line("page", true, None),
    }
}

/// Returns a page on one line. HAProxy adds the end of the document.
fn page((status, text, broken, caption): Row, may_repeat: bool, retry: Option<u64>) -> String {
    let page = ErrorPage {
        status: StatusCode::from_u16(status).expect("it is a status"),
        text,
        stations: &["you", "HAProxy", "instance", "store"],
        broken,
        caption,
        may_repeat,
        retry,
    }
    .render(&Layout::of_haproxy());
    let page = page.replace('\n', " ");
    let page = page.strip_suffix("</body></html>").expect("it is a page");
    page.to_owned()
}

/// Writes the files that differ, and then fails, so that they become part of the next commit.
#[test]
fn haproxys_pages_are_those_of_the_layout() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../haproxy/errors");
    let mut outdated = Vec::new();
    for row in PAGES {
        let file = folder.join(format!("{}.map", row.0));
        let map = map(row);
        if fs::read_to_string(&file).ok().as_ref() != Some(&map) {
            fs::write(&file, map).unwrap();
            outdated.push(file);
        }
    }
    assert!(outdated.is_empty(), "written again: {outdated:?}");
}
