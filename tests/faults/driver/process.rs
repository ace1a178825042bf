//! Processes as the system sees them: signals, memory, files, threads.

use std::{
    fs,
    process::{Command, Stdio},
};

/// Sends `STOP`, `CONT`, `TERM` or `KILL`; to a process that has ended it is no harm.
pub fn signal(name: &str, pids: &[u32]) {
    let pids = pids.iter().map(ToString::to_string);
    _ = Command::new("kill").arg(format!("-{name}")).args(pids).stderr(Stdio::null()).status().unwrap();
}

/// A process that runs.
#[derive(Clone, Copy, Debug)]
pub struct Process(pub u32);

impl Process {
    /// Its memory in MiB, as it is resident.
    pub fn memory(self) -> u64 {
        self.status("VmRSS:") / 1_024
    }

    pub fn threads(self) -> u64 {
        self.status("Threads:")
    }

    pub fn files(self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.0)).unwrap().count()
    }

    /// Those that it started, and theirs.
    pub fn family(self) -> Vec<u32> {
        let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", self.0)).unwrap_or_default();
        let children = children.split_whitespace().filter_map(|pid| pid.parse().ok());
        std::iter::once(self.0).chain(children.flat_map(|pid| Self(pid).family())).collect()
    }

    fn status(self, name: &str) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }
}
