//! A session in actix-web, whole.

fn main() {}
