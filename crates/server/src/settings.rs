//! The flags of every server, each backed by an environment variable.

use clap::Parser;

/// The settings of a server that do not depend on its store.
#[derive(Clone, clap::Args)]
pub struct Settings {
    /// Port to listen on; 0 = any free one
    #[arg(long, env = "APP_PORT", default_value_t = 5000)]
    pub port: u16,

    /// Address to listen on
    #[arg(long, env = "APP_HOST", default_value = "127.0.0.1")]
    pub host: String,

    /// Name of this instance in X-Served-By, log and page [default: host:port; on all addresses, the machine's name]
    #[arg(long, env = "INSTANCE", value_name = "NAME", value_parser = instance)]
    pub instance: Option<String>,

    /// Worker threads [default: one for each core]
    #[arg(long, env = "WORKERS", value_name = "N", value_parser = workers)]
    pub workers: Option<u16>,

    /// Secret that signs the cookies, the same on all instances, at least 32 bytes [default: a published demo key]
    // Checked later, because clap's error message would print the value.
    #[arg(
        long,
        env = "SESSION_KEY",
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub session_key: Option<String>,

    /// Serve over HTTPS only: the cookie is Secure and named __Host-sessionID
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
    #[must_use]
    pub fn from_env() -> Self {
        ServerArgs::parse().settings
    }

    /// Reads the environment, but takes `port` instead of `APP_PORT`.
    #[must_use]
    pub fn on_port(port: u16) -> Self {
        ServerArgs::parse_from(["server".to_owned(), format!("--port={port}")]).settings
    }
}

/// Returns the setting unless it is empty. Compose files pass an unset variable as an empty one.
pub(crate) fn non_empty(setting: Option<&String>) -> Option<&str> {
    setting.map(String::as_str).filter(|text| !text.is_empty())
}

/// Parses the name of an instance. It becomes the value of a header.
fn instance(text: &str) -> Result<String, String> {
    let fits = text.len() <= 64
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._:-[]".contains(&b));
    if fits {
        Ok(text.to_owned())
    } else {
        Err("use at most 64 letters, digits and . _ : -".to_owned())
    }
}

/// Parses the number of worker threads. The error names the range, whatever is wrong.
fn workers(text: &str) -> Result<u16, String> {
    let count = text.parse().ok().filter(|n| (1..=512).contains(n));
    count.ok_or_else(|| "use a number from 1 to 512".to_owned())
}

fn domain(text: &str) -> Result<String, String> {
    let label =
        |l: &str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if text.is_empty() || text.strip_prefix('.').unwrap_or(text).split('.').all(label) {
        Ok(text.to_owned())
    } else {
        Err("use a domain such as example.com".to_owned())
    }
}
