//! Replaces the ports and the folder that a page names, so that a test never touches the user's.

use std::collections::BTreeMap;

use anyhow::Result;
use regex_lite::Regex;
use testkit::Port;

/// Ports that follow each other, because `scripts/workshop.sh serve` counts on from the first one.
const CONSECUTIVE: [u16; 4] = [5000, 5001, 5002, 5003];

const PORTS: [u16; 3] = [5050, 6380, 8080];

/// Redis's usual port.
const REDIS: u16 = 6379;

/// The ports and the folder that a test uses instead of the page's.
pub(crate) struct Substitutes {
    /// By the port of the page.
    ports: BTreeMap<u16, u16>,
    // No other test takes these ports until they are dropped.
    _claims: Vec<Port>,
    folder: String,
}

impl Substitutes {
    /// Claims a free port for each port of a page. `redis` is the port of the test's Redis, and `folder` is used
    /// instead of `/tmp/`.
    pub(crate) fn new(redis: u16, folder: String) -> Result<Self> {
        let claim =
            |ports: &[u16]| -> Result<Vec<Port>> { ports.iter().map(|_| Port::claim()).collect() };
        let mut claims = claim(&CONSECUTIVE)?;
        while !claims
            .iter()
            .map(Port::number)
            .is_sorted_by(|one, next| one + 1 == *next)
        {
            claims = claim(&CONSECUTIVE)?;
        }
        claims.extend(claim(&PORTS)?);
        let free = claims.iter().map(Port::number).chain([redis]);
        let named = CONSECUTIVE.into_iter().chain(PORTS).chain([REDIS]);
        let ports = named.zip(free).collect();
        Ok(Self {
            ports,
            _claims: claims,
            folder,
        })
    }

    /// Returns the port that is used instead of `named`.
    pub(crate) fn port(&self, named: u16) -> u16 {
        self.ports[&named]
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
    let number = Regex::new(&format!(r"\b{from}\b")).expect("a number");
    number.replace_all(text, to.to_string()).into_owned()
}
