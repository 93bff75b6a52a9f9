//! Recognizes folders of Windows, seen from Linux in WSL.

use std::{fs, path::Path};

/// Returns whether the tree at `root` is in a folder of Windows, seen from Linux in WSL. Such a
/// folder is slow, and does not announce changes.
pub(crate) fn is_windows_folder(root: &Path) -> bool {
    let kernel = fs::read_to_string("/proc/version").unwrap_or_default();
    fs::canonicalize(root).is_ok_and(|root| is_mounted_drive(&kernel, &root))
}

/// Returns whether `folder`, a path without links, is on a drive of Windows. `kernel` is the text
/// of `/proc/version`. WSL mounts these drives in `/mnt/`
/// (<https://learn.microsoft.com/windows/wsl/filesystems>).
fn is_mounted_drive(kernel: &str, folder: &Path) -> bool {
    kernel.to_lowercase().contains("microsoft") && folder.starts_with("/mnt")
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let found = is_mounted_drive(kernel, Path::new(folder));
            assert_eq!(found, expected, "{folder} on {kernel}");
        }
    }
}
