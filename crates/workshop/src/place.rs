//! What kind of place the tree lies in.

use std::{fs, path::Path};

/// Whether the tree at `root` lies in a folder of Windows, seen from Linux in WSL: slow, and silent about changes.
pub(crate) fn is_in_windows(root: &Path) -> bool {
    let kernel = fs::read_to_string("/proc/version").unwrap_or_default();
    fs::canonicalize(root).is_ok_and(|root| is_windows_folder(&kernel, &root))
}

/// `kernel` as `/proc/version` tells it, `folder` as it is without links. WSL shows the drives of Windows under `/mnt/`
/// (<https://learn.microsoft.com/windows/wsl/filesystems>).
fn is_windows_folder(kernel: &str, folder: &Path) -> bool {
    kernel.to_lowercase().contains("microsoft") && folder.starts_with("/mnt")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WSL: &str =
        "Linux version 5.15.153.1-microsoft-standard-WSL2 (root@941d701f84f1) (gcc) #1 SMP";

    #[test]
    fn only_a_drive_in_wsl_is_a_folder_of_windows() {
        assert!(is_windows_folder(
            WSL,
            Path::new("/mnt/c/Users/ada/workshop")
        ));
        assert!(is_windows_folder(
            "Linux version 4.4.0-19041-Microsoft",
            Path::new("/mnt/d/workshop")
        ));
        assert!(!is_windows_folder(WSL, Path::new("/home/ada/workshop")));
        assert!(!is_windows_folder(WSL, Path::new("/mnted/workshop")));
        assert!(!is_windows_folder(
            "Linux version 6.8.0-45-generic (buildd@lcy02)",
            Path::new("/mnt/disk/workshop")
        ));
        assert!(!is_windows_folder("", Path::new("/mnt/c/workshop")));
    }
}
