//! Checks `RUST_LOG`, because `env_logger` takes any text for the name of a module, and then logs nothing.

use anyhow::{bail, ensure};
use log::LevelFilter;

/// Returns an error unless `text` is a list of levels and modules, as in `info,session_stores=debug`.
pub(crate) fn check_log_filter(text: &str) -> anyhow::Result<()> {
    let (list, _pattern) = text.split_once('/').unwrap_or((text, ""));
    for part in list.split(',').map(str::trim) {
        let (module, level) = part.split_once('=').unwrap_or((part, ""));
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_:-".contains(c);
        ensure!(
            module.chars().all(is_name),
            "RUST_LOG has {module:?}, which is neither a level nor a module; write it as in info,session_stores=debug"
        );
        if !level.is_empty() && level.parse::<LevelFilter>().is_err() {
            bail!(
                "RUST_LOG has the level {level:?}; the levels are off, error, warn, info, debug and trace"
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_modules_are_accepted_and_other_texts_are_not() {
        for good in [
            "",
            "info",
            "WARN",
            "info,a::b=debug",
            "server",
            "a=,b",
            "debug/hello (world)",
        ] {
            check_log_filter(good).unwrap();
        }
        for (bad, named) in [("(((", "((("), ("info,a b", "a b"), ("server=loud", "loud")] {
            let error = check_log_filter(bad).unwrap_err().to_string();
            assert!(error.contains(&format!("{named:?}")), "{error}");
        }
    }
}
