//! Ports and a folder that stand for those that a page names: what the user has there is never touched.

use testkit::Port;

use anyhow::Result;

/// The ports that pages name.
const PORTS: [u16; 6] = [5000, 5001, 5002, 5003, 5050, 8080];

/// Redis's usual port.
const REDIS: u16 = 6379;

/// Where things are on the stage, by where the page says they are.
pub(crate) struct Places {
    ports: Vec<(u16, u16)>,
    // Held: nobody else takes them.
    _claims: Vec<Port>,
    folder: String,
}

impl Places {
    /// Claims ports; Redis's is `redis`. `folder` stands for `/tmp/`.
    ///
    /// # Errors
    /// No ports are free.
    pub(crate) fn new(redis: u16, folder: String) -> Result<Self> {
        let claims = PORTS
            .iter()
            .map(|_| Port::claim())
            .collect::<Result<Vec<_>>>()?;
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

    /// The port that stands for `page`, a port that pages name.
    pub(crate) fn port(&self, page: u16) -> u16 {
        self.ports
            .iter()
            .find(|(named, _)| *named == page)
            .map_or(page, |(_, port)| *port)
    }

    /// `text` of the page, as it is on the stage.
    pub(crate) fn there(&self, text: &str) -> String {
        self.ports
            .iter()
            .fold(text.replace("/tmp/", &self.folder), |text, (page, port)| {
                renumber(&text, *page, *port)
            })
    }

    /// `text` from the stage, as the page would say it.
    pub(crate) fn back(&self, text: &str) -> String {
        self.ports
            .iter()
            .fold(text.replace(&self.folder, "/tmp/"), |text, (page, port)| {
                renumber(&text, *port, *page)
            })
    }
}

/// Writes `to` for each number `from` that stands alone.
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
    fn ports_and_paths_go_there_and_come_back() {
        let places = Places::new(21_000, "/private/tmp/".to_owned()).unwrap();
        let page = "APP_PORT=5001 curl localhost:5000/ -b /tmp/jar; redis-cli -p 6379; sleep 5000s; echo 15000";
        let there = places.there(page);
        let (first, second) = (places.port(5000), places.port(5001));
        assert_eq!(
            there,
            format!(
                "APP_PORT={second} curl localhost:{first}/ -b /private/tmp/jar; redis-cli -p 21000; sleep 5000s; echo 15000"
            )
        );
        assert_eq!(places.back(&there), page);
    }
}
