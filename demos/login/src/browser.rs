//! The name of a visitor's browser, for the list of their sessions.

use actix_web::{HttpRequest, http::header::USER_AGENT};

/// Browsers, and how to recognize them. Most also claim to be those that follow.
const BROWSERS: [(&str, &str); 8] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Systems, and how to recognize them. iPhones claim to be like a Mac, and Android devices are Linux.
const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "Windows"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// Returns a name such as `Firefox on Linux`, as the header `User-Agent` claims. Returns `None` if it names no browser
/// that we know.
///
/// The name consists of our own words, so it is short, and nothing that a client sends gets into a session.
pub(crate) fn name(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(USER_AGENT)?;
    from_header(header.to_str().ok()?)
}

fn from_header(header: &str) -> Option<String> {
    let find = |table: &[(&str, &'static str)]| {
        let found = table.iter().find(|(token, _)| header.contains(token));
        found.map(|(_, name)| *name)
    };
    // Programs such as curl begin with their own name.
    if header.starts_with("curl/") {
        return Some("curl".to_owned());
    }
    let browser = find(&BROWSERS)?;
    Some(match find(&SYSTEMS) {
        Some(system) => format!("{browser} on {system}"),
        None => browser.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_recognized_by_what_only_they_claim() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (system, rest, expected) in [
            (
                "X11; Linux x86_64; rv:140.0",
                "Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Windows NT 10.0; Win64; x64",
                "Chrome/140.0.0.0 Safari/537.36",
                "Chrome on Windows",
            ),
            (
                "Windows NT 10.0",
                "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge on Windows",
            ),
            (
                "Linux; Android 10; K",
                "Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Macintosh; Intel Mac OS X 10_15_7",
                "Version/18.5 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "iPhone; CPU iPhone OS 18_5 like Mac OS X",
                "Version/18.5 Safari/604.1",
                "Safari on iOS",
            ),
            (
                "iPhone; CPU iPhone OS 18_5 like Mac OS X",
                "CriOS/140.0 Safari/604.1",
                "Chrome on iOS",
            ),
            ("Unknown", "Firefox/1.0", "Firefox"),
        ] {
            let header = format!("Mozilla/5.0 ({system}) {webkit} {rest}");
            assert_eq!(from_header(&header).as_deref(), Some(expected));
        }
        assert_eq!(from_header("curl/8.14.1").as_deref(), Some("curl"));
        for header in ["", "Mozilla/5.0", "<b>Firefox</b>", "python-requests/2.32"] {
            assert_eq!(from_header(header), None, "{header}");
        }
    }
}
