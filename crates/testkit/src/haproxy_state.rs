//! Reads from HAProxy's statistics how it understands its configuration.

use serde_json::Value;

/// A configuration as HAProxy understands it.
#[derive(Debug, Clone)]
pub struct HaproxyState {
    /// The algorithm that chooses a server, as in `roundrobin`.
    pub algorithm: String,
    /// The name of the cookie that ties a visitor to a server.
    pub cookie: Option<String>,
    /// The servers, in order.
    pub servers: Vec<Server>,
}

/// A `server` line, as HAProxy understands it.
#[derive(Debug, Clone)]
pub struct Server {
    /// The server's name.
    pub name: String,
    /// The server's address.
    pub address: String,
    /// Whether its health check has not failed so far.
    pub up: bool,
    /// Whether it serves only when all other servers are down.
    pub backup: bool,
    /// The value of the cookie that ties a visitor to this server.
    pub cookie: Option<String>,
}

impl HaproxyState {
    /// Reads HAProxy's statistics in JSON, which has a list of fields for each frontend, backend and server.
    pub(crate) fn parse(json: &str) -> Option<Self> {
        let rows: Vec<Vec<Value>> = serde_json::from_str(json).ok()?;
        let text = |row: &[Value], name: &str| {
            let field = row.iter().find(|field| field["field"]["name"] == name)?;
            Some(field["value"]["value"].as_str()?.to_owned())
        };
        let all = |kind: &str| -> Vec<&Vec<Value>> {
            let of_kind = rows
                .iter()
                .filter(|row| row.iter().any(|field| field["objType"] == kind));
            of_kind
                .filter(|row| text(row, "pxname").is_some_and(|name| name != "statistics"))
                .collect()
        };
        let server = |row: &Vec<Value>| {
            Some(Server {
                name: text(row, "svname")?,
                address: text(row, "addr")?,
                up: text(row, "status")?.starts_with("UP"),
                backup: row
                    .iter()
                    .any(|field| field["field"]["name"] == "bck" && field["value"]["value"] == 1),
                cookie: text(row, "cookie"),
            })
        };
        let backend = *all("Backend").first()?;
        let servers = all("Server")
            .into_iter()
            .map(server)
            .collect::<Option<_>>()?;
        Some(Self {
            algorithm: text(backend, "algo")?,
            cookie: text(backend, "cookie"),
            servers,
        })
    }
}
