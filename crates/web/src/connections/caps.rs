//! The limits on the number of connections, which follow from how many files the process may have open.

/// The most connections, however many files the system allows, because each takes some memory as well.
const MOST: usize = 10_000;
/// The files reserved for everything else: the database's connections, the log, the mail server, webhooks.
const OTHERS: usize = 256;
/// The most connections that have ended but are not closed yet.
const LEAVING: usize = 64;

/// The limits on the number of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// The connections in total.
    pub total: usize,
    /// The connections from one address: an IPv4 address, or a /64 network of IPv6. It is half of the total, so that no
    /// address can shut out the others, but no less, because a whole office may share an address, or a proxy that we
    /// have not been told of.
    pub by_address: usize,
    /// How many of those that had to make room may still have their file.
    pub leaving: usize,
}

impl Caps {
    /// Returns the limits for a process that may have `limit` files open.
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
