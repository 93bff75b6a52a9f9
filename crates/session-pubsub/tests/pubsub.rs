//! Tests of [`session_pubsub::Hub`] with a real Redis, which is restarted, frozen and cut off. Two hubs stand for two
//! instances.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod pubsub {
    mod delivery;
    mod ends;
    mod http;
    mod outages;
    mod streams;
    mod support;
}
