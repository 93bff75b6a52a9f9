//! The navigation between the demos, the same on every page.

use std::net::IpAddr;

use actix_web::{
    HttpRequest,
    http::{header, uri::Authority},
    web::Data,
};
use maud::{Markup, html};

use crate::InstanceInfo;

/// The entries: the first part of the host name, as HAProxy knows it, and the text of the link.
const ENTRIES: [(&str, &str); 7] = [
    ("memory", "memory"),
    ("file", "file"),
    ("redis", "redis"),
    ("cookie", "cookie"),
    ("webserver", "login"),
    ("sessions", "sessions"),
    ("stats", "statistics"),
];

/// The links to the demos, as seen from the host name of one request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Navigation {
    /// The host name that the demos share, with its port, such as `localhost:5000`. Without it there is no navigation.
    base: Option<String>,
    /// The first part of the host name of the current demo.
    current: Option<&'static str>,
}

/// Returns the navigation for a page that answers `request`.
///
/// It is empty for an instance without a proxy in front, since only HAProxy knows the host names of the demos. It is
/// also empty if the host name of the request can have no subdomains, or is not valid.
pub fn navigation(request: &HttpRequest) -> Markup {
    Navigation::of(request).markup()
}

/// Returns the link to the demo whose host name begins with `demo`. Returns `None` where there is no navigation.
pub fn demo_url(request: &HttpRequest, demo: &str) -> Option<String> {
    let base = Navigation::of(request).base?;
    Some(format!("//{demo}.{base}/"))
}

impl Navigation {
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let instance = request.app_data::<Data<InstanceInfo>>();
        let host = request.headers().get(header::HOST);
        instance
            .filter(|instance| instance.clients.behind_proxy)
            .zip(host)
            .and_then(|(instance, host)| Self::at(host.to_str().ok()?, instance.store))
            .unwrap_or_default()
    }

    /// Returns the links for a request to `host`. A host without the name of a demo serves the one that keeps its
    /// sessions in `store`.
    fn at(host: &str, store: &str) -> Option<Self> {
        let authority: Authority = host.to_ascii_lowercase().parse().ok()?;
        let name = authority.host();
        let port = authority.port().map(|port| format!(":{port}"));
        let port = port.unwrap_or_default();
        if format!("{name}{port}") != authority.as_str() {
            return None;
        }
        let in_name = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
        let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
        let name = match address {
            Ok(address) if address.is_loopback() => "localhost",
            Err(_) if name.bytes().all(in_name) => name,
            Ok(_) | Err(_) => return None,
        };
        let demos = || ENTRIES.iter().map(|(demo, _)| *demo);
        let named = name
            .split_once('.')
            .and_then(|(first, base)| Some((demos().find(|demo| *demo == first)?, base)));
        let (current, base) = match named {
            Some((demo, base)) => (Some(demo), base),
            None => (demos().find(|demo| *demo == store), name),
        };
        (!base.is_empty()).then(|| Self {
            base: Some(format!("{base}{port}")),
            current,
        })
    }

    pub(crate) fn markup(&self) -> Markup {
        html! {
            @if let Some(base) = &self.base {
                nav.demos aria-label="demos" {
                    ul {
                        @for (demo, text) in ENTRIES {
                            li {
                                // At plain localhost, the visitor stays there and keeps the session.
                                @if self.current == Some(demo) { a href="/" aria-current="page" { (text) } }
                                @else { a href=(format!("//{demo}.{base}/")) { (text) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_links_follow_the_host_name() {
        for (host, base, current) in [
            ("file.localhost:5050", "localhost:5050", Some("file")),
            ("localhost:5000", "localhost:5000", Some("memory")),
            ("localhost", "localhost", Some("memory")),
            ("127.0.0.1:5000", "localhost:5000", Some("memory")),
            ("[::1]:80", "localhost:80", Some("memory")),
            ("FILE.Example.com", "example.com", Some("file")),
            ("webserver.a.example", "a.example", Some("webserver")),
            ("files.example.com", "files.example.com", Some("memory")),
        ] {
            let links = Navigation::at(host, "memory").unwrap();
            assert_eq!(links.base.as_deref(), Some(base), "{host}");
            assert_eq!(links.current, current, "{host}");
        }
        let elsewhere = Navigation::at("shop.example.com", "none").unwrap();
        assert_eq!(elsewhere.current, None);
    }

    #[test]
    fn a_host_without_subdomains_has_no_links() {
        for host in [
            "",
            ":80",
            "192.168.1.5:5000",
            "[2001:db8::1]",
            "user@localhost",
            "localhost:port",
            "a\"b.localhost",
            "a'onclick=alert(1).localhost",
            "file.",
            "a/b",
        ] {
            assert_eq!(Navigation::at(host, "memory"), None, "{host:?}");
        }
    }
}
