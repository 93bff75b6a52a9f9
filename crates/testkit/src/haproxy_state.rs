//! Reads from HAProxy's statistics how it understands its configuration.

use serde_json::Value;

#[derive(Debug, Default)]
pub struct HaproxyState {
    /// The algorithm that chooses a server, as in `roundrobin`.
    pub algorithm: String,
    /// The name of the cookie that ties a visitor to a server.
    pub cookie: Option<String>,
    pub servers: Vec<Server>,
}

#[derive(Debug)]
pub struct Server {
    pub name: String,
    pub address: String,
    /// Whether its health check has not failed so far.
    pub up: bool,
    /// Whether a command has taken it out of service, or given it the weight 0.
    pub drained: bool,
    /// Whether it serves only when all other servers are down.
    pub backup: bool,
    /// The value of the cookie that ties a visitor to this server.
    pub cookie: Option<String>,
}

impl HaproxyState {
    /// Reads HAProxy's statistics in JSON, which has a list of fields for each frontend, backend and server. Of several
    /// backends, the first one counts.
    pub(crate) fn parse(json: &str) -> Option<Self> {
        let rows: Vec<Vec<Value>> = serde_json::from_str(json).ok()?;
        let mut state = Self::default();
        for row in rows {
            let field = |name: &str| {
                let field = row.iter().find(|field| field["field"]["name"] == name);
                field.map_or(&Value::Null, |field| &field["value"]["value"])
            };
            let text = |name: &str| field(name).as_str().map(str::to_owned);
            match field("svname").as_str()? {
                _ if field("pxname") == "statistics" => {}
                "BACKEND" if state.algorithm.is_empty() => {
                    state.algorithm = text("algo")?;
                    state.cookie = text("cookie");
                }
                "BACKEND" | "FRONTEND" => {}
                name => state.servers.push(Server {
                    name: name.to_owned(),
                    address: text("addr")?,
                    up: text("status")?.starts_with("UP"),
                    drained: ["DRAIN", "MAINT"].contains(&text("status")?.as_str())
                        || *field("weight") == 0,
                    backup: *field("bck") == 1,
                    cookie: text("cookie"),
                }),
            }
        }
        (!state.algorithm.is_empty()).then_some(state)
    }
}
