//! Examines folders and disk space.

use std::{fs, path::Path};

use nix::sys::statvfs::statvfs;

use super::diagnosis::Diagnosis;
use crate::wsl::is_windows_folder;

/// The disk space that a build of everything needs, with room for changes (GB).
const ENOUGH: u64 = 3;

const GB: u64 = 1_000_000_000;

/// Examines the tree at `root` and the temporary folder.
pub(super) fn examine(root: &Path) -> Vec<Diagnosis> {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let mut diagnoses = vec![
        space(&target, ENOUGH),
        writable(
            &std::env::temp_dir(),
            "the temporary folder",
            "use another one, as in TMPDIR=$HOME/tmp",
        ),
        writable(
            &root.join(".workshop"),
            "the folder of your progress",
            "let your account write there: chmod u+rwx, or chown as root",
        ),
    ];
    if is_windows_folder(root) {
        diagnoses.push(Diagnosis::warning(
            "this folder is on Windows",
            "builds are slow there, and watch reads the files every second; clone into your Linux \
             home folder instead: cd ~",
        ));
    }
    diagnoses
}

/// Examines the free space for `folder`, which may not exist yet. `enough` is in GB.
fn space(folder: &Path, enough: u64) -> Diagnosis {
    let mut folders = folder.ancestors();
    let existing = folders.find(|folder| folder.is_dir());
    let Ok(disk) = statvfs(existing.unwrap_or(Path::new("."))) else {
        return Diagnosis::ok("disk: the free space is unknown");
    };
    // The types of these numbers differ between systems.
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast)]
    let free = (disk.blocks_available() as u64).saturating_mul(disk.fragment_size() as u64) / GB;
    if free >= enough {
        return Diagnosis::ok(format!("disk: {free} GB free"));
    }
    let folder = folder.display();
    Diagnosis::warning(
        format!("disk: {free} GB free for {folder}, and a build may need {enough} GB"),
        "free some, or build elsewhere: export CARGO_TARGET_DIR=/a/larger/disk/target",
    )
}

/// Examines whether this program can write to `folder`, which messages call `name`.
fn writable(folder: &Path, name: &str, fix: &str) -> Diagnosis {
    match fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder)) {
        Ok(_) => Diagnosis::ok(format!("{name} is writable")),
        Err(error) => Diagnosis::missing(
            format!("{name} is not writable: {}: {error}", folder.display()),
            fix,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_space_is_a_warning() {
        let folder = std::env::temp_dir();
        let new = space(&folder.join("not/there/yet"), 0);
        assert!(matches!(new, Diagnosis::Ok(_)), "{new:?}");
        let text = space(&folder, u64::MAX).text();
        assert!(
            text.starts_with("  warning") && text.contains("CARGO_TARGET_DIR"),
            "{text}"
        );
    }

    #[test]
    fn missing_folder_is_created() {
        let folder = tempfile::tempdir().unwrap();
        let new = writable(&folder.path().join("new"), "it", "");
        assert_eq!(new, Diagnosis::ok("it is writable"));
    }
}
