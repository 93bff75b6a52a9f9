//! Examines folders and disk space.

use std::{fs, path::Path};

use nix::sys::statvfs::statvfs;

use super::diagnosis::Diagnosis;

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
    let kernel = fs::read_to_string("/proc/version").unwrap_or_default();
    if fs::canonicalize(root).is_ok_and(|root| is_windows_folder(&kernel, &root)) {
        diagnoses.push(Diagnosis::warning(
            "this folder is on Windows",
            "builds are slow there; clone into your Linux home folder instead: cd ~",
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

/// Returns whether `folder`, a path without links, is on a drive of Windows, seen from Linux in WSL, which
/// mounts these drives in `/mnt/`. `kernel` is the text of `/proc/version`.
/// (<https://learn.microsoft.com/windows/wsl/filesystems>).
fn is_windows_folder(kernel: &str, folder: &Path) -> bool {
    kernel.to_lowercase().contains("microsoft") && folder.starts_with("/mnt")
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
    fn only_a_drive_in_wsl_is_a_folder_of_windows() {
        let wsl2 = "Linux version 5.15.153.1-microsoft-standard-WSL2 (root@941d701f84f1) (gcc)";
        let wsl1 = "Linux version 4.4.0-19041-Microsoft";
        let ubuntu = "Linux version 6.8.0-45-generic (buildd@lcy02)";
        for (kernel, folder, expected) in [
            (wsl2, "/mnt/c/Users/ada/workshop", true),
            (wsl1, "/mnt/d/workshop", true),
            (wsl2, "/home/ada/workshop", false),
            (wsl2, "/mnted/workshop", false),
            (ubuntu, "/mnt/disk/workshop", false),
            ("", "/mnt/c/workshop", false),
        ] {
            let found = is_windows_folder(kernel, Path::new(folder));
            assert_eq!(found, expected, "{folder} on {kernel}");
        }
    }
}
