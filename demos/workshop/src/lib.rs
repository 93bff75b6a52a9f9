//! The exercises' runner.
