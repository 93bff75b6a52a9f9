//! The settings of a server that concern its clients.

use clap::builder::BoolishValueParser;

use crate::Timeout;

/// The settings of a server that concern its clients.
#[derive(Debug, Clone, clap::Args)]
pub struct ClientSettings {
    /// Every client comes through a load balancer, which replaces X-Forwarded-For: believe it, and keep connections open
    #[arg(long, env = "BEHIND_PROXY", value_parser = BoolishValueParser::new())]
    pub behind_proxy: bool,

    /// A client must send the head of a request within this time, and then the body, or gets 408; 0 = no limit
    #[arg(
        long,
        env = "REQUEST_TIMEOUT",
        value_name = "TIME",
        default_value = "10s"
    )]
    pub request_timeout: Timeout,
}
