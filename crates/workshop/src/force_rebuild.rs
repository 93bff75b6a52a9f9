//! Makes cargo build a source whose text has changed.
//!
//! Cargo compares times: it skips a source that is older than its program. An attendee who moves a backup into place
//! has such a source, and the check would run the program of another source.

use std::{
    fs::{self, File},
    path::Path,
    time::SystemTime,
};

use anyhow::{Context, Result};

/// Makes cargo build `source` if its text differs from `built`, and copies the text to `built`.
pub(crate) fn if_changed(source: &Path, built: &Path) -> Result<()> {
    let update = || -> Result<()> {
        let text = fs::read(source)?;
        if fs::read(built).is_ok_and(|before| before == text) {
            return Ok(());
        }
        // Editors look at the time, so an ordinary save keeps it.
        let time = |path| fs::metadata(path).and_then(|file| file.modified());
        if !time(built).is_ok_and(|built| time(source).is_ok_and(|saved| saved > built)) {
            let source = File::options().append(true).open(source)?;
            source.set_modified(SystemTime::now())?;
        }
        fs::create_dir_all(built.parent().unwrap_or(Path::new(".")))?;
        Ok(fs::write(built, text)?)
    };
    let (source, built) = (source.display(), built.display());
    update().with_context(|| format!("cannot compare {source} with {built}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn changed_text_is_newer_than_the_last_build() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["main.rs", "built/main.rs", "backup.rs"];
        let [source, built, backup] = names.map(|name| folder.path().join(name));
        let time = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
        let long_ago = SystemTime::now() - Duration::from_secs(600);
        let age = |path: &Path| {
            let file = File::options().append(true).open(path).unwrap();
            file.set_modified(long_ago).unwrap();
        };

        fs::write(&source, "old").unwrap();
        age(&source);
        if_changed(&source, &built).unwrap();
        assert!(time(&source) > long_ago, "never built before");

        age(&source);
        if_changed(&source, &built).unwrap();
        assert_eq!(time(&source), long_ago, "the same text");

        fs::write(&backup, "new").unwrap();
        age(&backup);
        fs::rename(&backup, &source).unwrap();
        if_changed(&source, &built).unwrap();
        assert!(time(&source) > long_ago, "a backup that was moved back");

        fs::write(&source, "newer").unwrap();
        age(&built);
        let saved = time(&source);
        if_changed(&source, &built).unwrap();
        assert_eq!(time(&source), saved, "an ordinary save");
    }
}
