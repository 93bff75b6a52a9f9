//! What [`session_pubsub::Hub`] promises: what readers receive across two hubs, which are two instances, with a real Redis
//! that is restarted, frozen and cut off.
#![allow(clippy::unwrap_used, reason = "these are tests")]

/// The cases, by subject.
mod messages {
    mod delivery;
    mod ends;
    mod http;
    mod limits;
    mod outages;
    mod proxy;
    mod readers;
    mod support;
}
