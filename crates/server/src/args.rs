//! Reads the command line and the environment.

use std::{env, ffi::OsString};

use clap::Parser;

/// Reads the command line and the environment. Prints an error and exits if a setting is wrong.
///
/// A variable that is set to the empty text counts as unset, because Compose files pass unset variables that way.
pub fn parse_args<A: Parser>() -> A {
    parse_from(env::args_os())
}

/// Does the same as [`parse_args`] for `arguments`, which begin with the program's name.
pub(crate) fn parse_from<A: Parser>(
    arguments: impl IntoIterator<Item: Into<OsString> + Clone>,
) -> A {
    let command = A::command().mut_args(|arg| match arg.get_env().and_then(env::var_os) {
        Some(value) if value.is_empty() => arg.env(None),
        _ => arg,
    });
    let matches = command.get_matches_from(arguments);
    A::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}
