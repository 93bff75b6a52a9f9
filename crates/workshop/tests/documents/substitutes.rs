//! Replaces the ports and the folder that a page names, so that a test never touches the user's.

use anyhow::Result;
use testkit::Port;

/// The ports that pages name.
const PORTS: [u16; 6] = [5000, 5001, 5002, 5003, 5050, 8080];

/// Redis's usual port.
const REDIS: u16 = 6379;

/// The ports and the folder that a test uses instead of the page's.
pub(crate) struct Substitutes {
    ports: Vec<(u16, u16)>,
    // No other test takes these ports until they are dropped.
    _claims: Vec<Port>,
    folder: String,
}

impl Substitutes {
    /// Claims a free port for each port of a page. `redis` is the port of the test's Redis, and
    /// `folder` is used instead of `/tmp/`.
    pub(crate) fn new(redis: u16, folder: String) -> Result<Self> {
        let claims = PORTS.iter().map(|_| Port::claim());
        let claims = claims.collect::<Result<Vec<_>>>()?;
        let mut ports: Vec<_> = PORTS
            .into_iter()
            .zip(claims.iter().map(Port::number))
            .collect();
        ports.push((REDIS, redis));
        Ok(Self {
            ports,
            _claims: claims,
            folder,
        })
    }

    /// Returns the port that is used instead of `named`.
    pub(crate) fn port(&self, named: u16) -> u16 {
        let mut ports = self.ports.iter();
        ports
            .find(|(other, _)| *other == named)
            .map_or(named, |(_, port)| *port)
    }

    /// Puts the substitutes into `text` of the page.
    pub(crate) fn apply(&self, text: &str) -> String {
        let text = text.replace("/tmp/", &self.folder);
        let ports = self.ports.iter();
        ports.fold(text, |text, (page, port)| renumber(&text, *page, *port))
    }

    /// Replaces the substitutes in `text` by what the page names.
    pub(crate) fn revert(&self, text: &str) -> String {
        let text = text.replace(&self.folder, "/tmp/");
        let ports = self.ports.iter();
        ports.fold(text, |text, (page, port)| renumber(&text, *port, *page))
    }
}

/// Replaces the number `from` by `to`, unless it is a part of a longer word.
fn renumber(text: &str, from: u16, to: u16) -> String {
    let (from, to) = (from.to_string(), to.to_string());
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(&from) {
        let joined = |c: char| c.is_alphanumeric() || c == '_';
        let alone = !before.ends_with(joined) && !after.starts_with(joined);
        result += before;
        result += if alone { &to } else { &from };
        rest = after;
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_paths_are_replaced_and_restored() {
        let substitutes = Substitutes::new(21_000, "/private/tmp/".to_owned()).unwrap();
        let (first, second) = (substitutes.port(5000), substitutes.port(5001));
        let page = "APP_PORT=5001 curl localhost:5000/ -b /tmp/jar; redis-cli -p 6379; sleep 5000s";
        let expected = format!(
            "APP_PORT={second} curl localhost:{first}/ -b /private/tmp/jar; \
             redis-cli -p 21000; sleep 5000s"
        );
        let applied = substitutes.apply(page);
        assert_eq!(applied, expected);
        assert_eq!(substitutes.revert(&applied), page);
    }
}
