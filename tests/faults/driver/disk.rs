//! A file system of a scene's own in memory, as large as it is said to be. Only root may make one.

use std::{path::Path, process::Command};
use tempfile::TempDir;

pub struct Disk {
    folder: TempDir,
}

impl Disk {
    /// Of this size, as `mount` reads it. Returns nothing where that is not allowed.
    pub fn new(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self { folder });
        }
        eprintln!("ATTENTION: only root can make a small disk, so this scene was not played");
        None
    }

    pub fn resize(&self, size: &str) {
        let remount = format!("remount,size={size}");
        assert!(Command::new("mount").args(["-o", &remount]).arg(self.folder.path()).status().unwrap().success());
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// KiB in use.
    pub fn used(&self) -> u64 {
        let output = Command::new("df").args(["--output=used", "-k"]).arg(self.folder.path()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().split_whitespace().last().unwrap().parse().unwrap()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        _ = Command::new("umount").arg("--lazy").arg(self.folder.path()).status();
    }
}
