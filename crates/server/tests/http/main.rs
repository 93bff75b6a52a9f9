//! The application as its visitors see it: real demo binaries, each on its own stage, asked over HTTP.
//!
//! One test binary, so that everything is linked once and runs side by side.
//!
//! - `answers`, `page`, `values`: what a visitor gets and may change; `cross_site`: what other sites' pages may not
//! - `cookie`, `headers`, `health`, `logs`: what goes with every answer, and what goes beside it
//! - `settings`, `secret`, `folder`: how a server is set up; `shutdown`: how it ends
//! - `startup`, `outage`: Redis missing, wrong, gone, frozen and full
//! - `in_cookie`: sessions that live in the cookie; `migration`: visitors who come with one to the Redis demo
//! - `mains`: the demos differ in their store's line; `common`: helpers

mod answers;
mod common;
mod cookie;
mod cross_site;
mod folder;
mod headers;
mod health;
mod in_cookie;
mod logs;
mod mains;
mod migration;
mod outage;
mod page;
mod secret;
mod settings;
mod shutdown;
mod startup;
mod values;
