//! The flags of every server, each backed by an environment variable.

use std::net::IpAddr;

use clap::Parser;

use crate::{
    ClientSettings,
    args::{parse_args, parse_from},
    cookie_protection::CookieProtection,
    instance_name::is_instance_name,
};

/// The settings of a server that do not depend on its store.
#[derive(Clone, clap::Args)]
pub struct Settings {
    /// Port to listen on; 0 = any free one
    #[arg(long, env = "APP_PORT", default_value_t = 5000)]
    pub port: u16,

    /// Address to listen on
    #[arg(long, env = "APP_HOST", default_value = "127.0.0.1")]
    pub host: String,

    /// Name of this instance in X-Served-By, log and page, unless a load balancer sends another one (--behind-proxy)
    /// [default: host:port; on all addresses, the machine's name]
    #[arg(long, env = "INSTANCE", value_name = "NAME", value_parser = instance)]
    pub instance: Option<String>,

    /// Worker threads [default: one for each core]
    #[arg(long, env = "WORKERS", value_name = "N", value_parser = workers)]
    pub workers: Option<u16>,

    /// The settings that concern its clients.
    #[command(flatten)]
    pub clients: ClientSettings,

    /// Secret that signs the cookies, the same on all instances, at least 32 bytes [default: a published demo key]
    // Checked later, because clap's error message would print the value.
    #[arg(
        long,
        env = "SESSION_KEY",
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub session_key: Option<String>,

    /// How to protect the cookie: signed (the visitor can read it), or private (it is also encrypted)
    #[arg(
        long,
        env = "SESSION_COOKIE",
        value_name = "PROTECTION",
        value_enum,
        default_value_t,
        hide_possible_values = true
    )]
    pub cookie: CookieProtection,

    /// Serve over HTTPS only: the cookie is Secure and named __Host-sessionID, and browsers remember HTTPS for a year
    #[arg(long, env = "SECURE_COOKIE", value_parser = clap::builder::BoolishValueParser::new())]
    pub secure_cookie: bool,

    /// Share the cookie with the subdomains of this domain
    #[arg(long, env = "COOKIE_DOMAIN", value_name = "DOMAIN", value_parser = domain)]
    pub cookie_domain: Option<String>,
}

/// The command line of a server without settings of its own.
#[derive(Parser)]
#[command(version, about = "A server of the workshop")]
struct ServerArgs {
    #[command(flatten)]
    settings: Settings,
}

impl Settings {
    /// Reads the command line and the environment, for a server without settings of its own. Prints an error and exits
    /// if a setting is wrong.
    pub fn from_env() -> Self {
        parse_args::<ServerArgs>().settings
    }

    /// Reads the environment, but takes `port` instead of `APP_PORT`.
    pub fn on_port(port: u16) -> Self {
        let arguments = ["server".to_owned(), format!("--port={port}")];
        parse_from::<ServerArgs>(arguments).settings
    }
}

/// Parses the name of an instance.
fn instance(text: &str) -> Result<String, &'static str> {
    is_instance_name(text)
        .then(|| text.to_owned())
        .ok_or("use 1 to 64 letters, digits and . _ : -")
}

/// Parses the number of worker threads. The error names the range, whatever is wrong.
fn workers(text: &str) -> Result<u16, &'static str> {
    let count = text.parse().ok().filter(|n| (1..=512).contains(n));
    count.ok_or("use a number from 1 to 512")
}

/// Parses the domain of the cookie. Browsers reject a cookie for a whole top-level domain (RFC 6265bis, section 5.7).
fn domain(text: &str) -> Result<String, String> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let name = text.strip_prefix('.').unwrap_or(text);
    let mut labels = name.split('.');
    if !labels.all(|label| !label.is_empty() && label.bytes().all(fits)) {
        Err("use a domain such as example.com".to_owned())
    } else if !name.contains('.') || name.parse::<IpAddr>().is_ok() {
        Err(format!(
            "browsers accept no cookie for all of {name}; use a domain such as example.com"
        ))
    } else {
        Ok(text.to_owned())
    }
}
