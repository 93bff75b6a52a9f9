//! The exercises' runner. `scripts/workshop.sh` is this program, with everything it needs set up.

fn main() {}
