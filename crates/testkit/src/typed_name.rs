//! The name under which the user started this program.

/// Returns the name that the user typed, such as `scripts/demo.sh`. Scripts pass it on as `argv[0]`.
#[must_use]
pub fn typed_name() -> String {
    let name = std::env::args_os().next().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
