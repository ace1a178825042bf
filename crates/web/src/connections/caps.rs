//! How many connections there may be, which follows from how many files the process may have open.

/// Connections at most, whatever number of files the system gives: each takes some memory, too.
const MOST: usize = 10_000;
/// Files for all else: the database's connections, the log, the mail server, webhooks.
const OTHERS: usize = 256;
/// Connections that are over and not closed yet, at most.
const LEAVING: usize = 64;

/// How many connections there may be at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// From everywhere.
    pub total: usize,
    /// From one address: an IPv4 address, or an IPv6 network of 64 bits. Half, so that no address shuts out another; no
    /// less, as a whole office may be behind one, and a proxy that nobody has told us of.
    pub by_address: usize,
    /// Of those that had to make room, how many may still have their file.
    pub leaving: usize,
}

impl Caps {
    /// For a process that may have so many files open.
    pub fn for_files(limit: usize) -> Self {
        let total = limit.saturating_sub(OTHERS).max(limit / 2).clamp(2, MOST);
        let leaving = (limit.saturating_sub(total) / 4).clamp(1, LEAVING);
        Self { total, by_address: total.div_ceil(2), leaving }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caps_leave_files_for_all_else() {
        for (limit, total, by_address, leaving) in [
            (64, 32, 16, 8),
            (256, 128, 64, 32),
            (1_024, 768, 384, 64),
            (4_096, 3_840, 1_920, 64),
            (20_000, 10_000, 5_000, 64),
            (usize::MAX, 10_000, 5_000, 64),
        ] {
            let caps = Caps::for_files(limit);
            assert_eq!((caps.total, caps.by_address, caps.leaving), (total, by_address, leaving), "{limit}");
            assert!(caps.total + caps.leaving < limit, "{limit}");
        }
    }
}
