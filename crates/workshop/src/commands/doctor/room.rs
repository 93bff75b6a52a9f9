//! Folders and disk.

use std::{fs, path::Path};

use nix::sys::statvfs::statvfs;

use super::Matter;
use crate::place::is_in_windows;

/// What a build of everything takes, with room to change things (GB).
const ENOUGH: u64 = 3;

const GB: u64 = 1_000_000_000;

/// How the tree at `root` and the temporary folder stand.
pub(super) fn all(root: &Path) -> Vec<Matter> {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let mut matters = vec![
        disk(&target, ENOUGH),
        writable(
            &std::env::temp_dir(),
            "the temporary folder",
            "another one, as in TMPDIR=$HOME/tmp",
        ),
        writable(
            &root.join(".workshop"),
            "your progress",
            "let your account write there: chmod u+rwx, or chown as root",
        ),
    ];
    if is_in_windows(root) {
        let fix = "builds are slow there, and watch looks every second; better clone into the Linux home: cd ~";
        matters.push(Matter::careful("this folder is on Windows", fix));
    }
    matters
}

/// How much `folder`, which need not be there yet, has room for; `enough` is in GB.
fn disk(folder: &Path, enough: u64) -> Matter {
    let there = folder
        .ancestors()
        .find(|folder| folder.is_dir())
        .unwrap_or(Path::new("."));
    let Ok(system) = statvfs(there) else {
        return Matter::ok("disk: not known how much is free");
    };
    // The types of these numbers differ between systems.
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast)]
    let free =
        (system.blocks_available() as u64).saturating_mul(system.fragment_size() as u64) / GB;
    if free >= enough {
        Matter::ok(format!("disk: {free} GB free"))
    } else {
        let what = format!(
            "disk: {free} GB free for {}, and a build may take {enough}",
            folder.display()
        );
        Matter::careful(
            what,
            "free some, or build elsewhere: export CARGO_TARGET_DIR=/a/larger/disk/target",
        )
    }
}

/// Whether something can be written to `folder`, which is called `name`.
fn writable(folder: &Path, name: &str, fix: &str) -> Matter {
    match fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder)) {
        Ok(_) => Matter::ok(format!("{name} can be written")),
        Err(error) => Matter::missing(
            format!("{name} can't be written: {}: {error}", folder.display()),
            fix,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_room_for_a_build_is_told() {
        let there = std::env::temp_dir();
        assert!(matches!(
            disk(&there.join("not/there/yet"), 0),
            Matter::Ok(_)
        ));
        let matter = disk(&there, u64::MAX);
        assert!(
            matches!(&matter, Matter::Careful(_, fix) if fix.contains("CARGO_TARGET_DIR")),
            "{matter:?}"
        );
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(
            writable(&folder.path().join("new"), "it", ""),
            Matter::Ok(_)
        ));
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let matter = writable(&file, "it", "a fix");
        assert!(
            matches!(&matter, Matter::Missing(what, _) if what.contains("it can't be written")),
            "{matter:?}"
        );
    }
}
