//! The settings of a server that concern its clients.

use clap::builder::BoolishValueParser;

use crate::Timeout;

/// The settings of a server that concern its clients.
#[derive(Debug, Clone, clap::Args)]
pub struct ClientSettings {
    /// Believe X-Forwarded-For and X-Instance, and keep connections open; only if a load balancer sets both for every
    /// client
    #[arg(long, env = "BEHIND_PROXY", value_parser = BoolishValueParser::new())]
    pub behind_proxy: bool,

    /// How long a client may take for the head of a request, and again for the body, until it gets 408; 0 = no limit
    #[arg(
        long,
        env = "REQUEST_TIMEOUT",
        value_name = "TIME",
        default_value = "10s"
    )]
    pub request_timeout: Timeout,
}
