//! The viewer over HTTP: the real binary on a Redis of its own.
//!
//! - `page`: what is shown, and that hostile data is text
//! - `end`: the button; `guard`: who may ask
//! - `paging`: pages by SCAN, with few sessions and with 100,000; `outage`: Redis gone, frozen and back
//! - `common`: helpers

mod common;
mod end;
mod guard;
mod outage;
mod page;
mod paging;
