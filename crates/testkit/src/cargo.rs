//! cargo, as the user would start it.
//!
//! cargo sets variables such as `CARGO_PKG_NAME` for the tests that it runs. The build scripts of some libraries read
//! them too, such as ring's. A test that passed them on would make the next cargo compile those libraries again, and
//! everything that depends on them.

use std::{
    env,
    ffi::{OsStr, OsString},
    process::Command,
};

/// Returns a command that starts cargo without the variables that another cargo has set for this process.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for name in variables_of_cargo() {
        command.env_remove(name);
    }
    command
}

/// Returns the names of the variables that cargo has set for this process. Remove them from the environment of a
/// script that starts cargo.
pub fn variables_of_cargo() -> impl Iterator<Item = OsString> {
    let names = env::vars_os().map(|(name, _)| name);
    names.filter(|name| is_set_by_cargo(name))
}

/// Settings of the user, such as `CARGO_TARGET_DIR`, begin with other words.
fn is_set_by_cargo(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_EXE_"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}
