//! Cargo goes by times: a source that is older than its program counts as built, whatever it says. A backup that is moved
//! back is such a source, and would be judged by another program.

use std::{
    fs::{self, File},
    path::Path,
    time::SystemTime,
};

use anyhow::{Context, Result};

/// Sees that cargo builds `source` if its text is not the one of `built`, where it is kept for the next time.
///
/// # Errors
/// The file system doesn't let us.
pub(crate) fn see_to(source: &Path, built: &Path) -> Result<()> {
    let see_to = || -> Result<()> {
        let text = fs::read(source)?;
        let known = fs::read(built).is_ok_and(|before| before == text);
        if known {
            return Ok(());
        }
        // The time of an ordinary save stays: editors look at it.
        let time = |path| fs::metadata(path).and_then(|file| file.modified());
        if !time(built).is_ok_and(|built| time(source).is_ok_and(|saved| saved > built)) {
            File::options()
                .append(true)
                .open(source)?
                .set_modified(SystemTime::now())?;
        }
        fs::create_dir_all(built.parent().unwrap_or(Path::new(".")))?;
        Ok(fs::write(built, text)?)
    };
    see_to().with_context(|| {
        format!(
            "cannot compare {} with {}",
            source.display(),
            built.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn another_text_is_never_older_than_what_was_built_before() {
        let folder = tempfile::tempdir().unwrap();
        let [source, built, backup] =
            ["main.rs", "built/main.rs", "backup.rs"].map(|name| folder.path().join(name));
        let time = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
        let long_ago = SystemTime::now() - Duration::from_secs(600);
        let age = |path: &Path| {
            File::options()
                .append(true)
                .open(path)
                .unwrap()
                .set_modified(long_ago)
                .unwrap()
        };

        fs::write(&source, "old").unwrap();
        age(&source);
        see_to(&source, &built).unwrap();
        assert!(time(&source) > long_ago, "never built before");

        age(&source);
        see_to(&source, &built).unwrap();
        assert_eq!(time(&source), long_ago, "the same text");

        fs::write(&backup, "new").unwrap();
        age(&backup);
        fs::rename(&backup, &source).unwrap();
        see_to(&source, &built).unwrap();
        assert!(time(&source) > long_ago, "a backup that was moved back");

        fs::write(&source, "newer").unwrap();
        age(&built);
        let saved = time(&source);
        see_to(&source, &built).unwrap();
        assert_eq!(time(&source), saved, "an ordinary save");
    }
}
