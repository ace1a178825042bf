//! The register of connections, which decides who has to leave when there is no room. It is pure bookkeeping: the time
//! is passed in.
//!
//! A connection either *waits for its client* (it has no complete request yet, or its answer is not taken), or it does
//! not: a request is being answered. Only those that wait are asked to leave. If the new connection's address has too
//! many, one of this address leaves, otherwise one of the address that has the most. Of those, it is the one that has
//! waited longest. So a flood of idle connections ends itself, and a request in progress is answered.

use super::Caps;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use tokio::time::Instant;

pub type ConnectionId = u64;

/// All open connections, except those that were asked to leave.
#[derive(Debug, Default)]
pub struct Register {
    by_id: HashMap<ConnectionId, Entry>,
    places: HashMap<ClientPlace, Connected>,
    /// The places with a waiting connection. The last is the first to give one up.
    ranks: BTreeSet<Rank>,
    last: ConnectionId,
    leaving: usize,
}

/// The place that connections come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientPlace {
    /// Whether it is one of our own proxies. A proxy has no limit, because it speaks for many, and gives up a
    /// connection only if no stranger has a waiting one.
    pub is_proxy: bool,
    pub address: IpAddr,
}

#[derive(Debug)]
struct Entry {
    place: ClientPlace,
    waits_since: Option<Instant>,
}

/// All connections from one place.
#[derive(Debug, Default)]
struct Connected {
    count: usize,
    waiting: BTreeSet<(Instant, ConnectionId)>,
}

/// The order in which places give up a connection: strangers before proxies, then those with the most connections, then
/// those with the longest wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    is_stranger: bool,
    count: usize,
    oldest: Reverse<Instant>,
    place: ClientPlace,
}

/// The result for a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// There was room.
    Yes(ConnectionId),
    /// There is room now: the other one is no longer in the register, and must be closed.
    InsteadOf { new: ConnectionId, leaves: ConnectionId },
    /// There is no room, and no connection waits that could make some.
    No,
}

impl Register {
    /// Adds a connection, which waits for its client from now on.
    pub fn enter(&mut self, place: ClientPlace, caps: &Caps, now: Instant) -> Admission {
        let has = self.places.get(&place).map_or(0, |connected| connected.count);
        let leaves = if !place.is_proxy && has >= caps.by_address {
            self.longest_at(place, now)
        } else if self.by_id.len() >= caps.total {
            self.longest_of_all(now)
        } else {
            return Admission::Yes(self.add(place, now));
        };
        let Some(leaves) = leaves else { return Admission::No };
        self.ask_to_leave(leaves);
        Admission::InsteadOf { new: self.add(place, now), leaves }
    }

    /// Removes and returns a connection that makes room although no limit is reached, if one waits.
    pub fn make_room(&mut self, now: Instant) -> Option<ConnectionId> {
        let leaves = self.longest_of_all(now)?;
        self.ask_to_leave(leaves);
        Some(leaves)
    }

    /// Notes that the connection waits for its client from `since` on. Before that moment it is not asked to leave.
    pub fn waits(&mut self, id: ConnectionId, since: Instant) {
        self.set(id, Some(since));
    }

    /// Notes that the client has done its part.
    pub fn works(&mut self, id: ConnectionId) {
        self.set(id, None);
    }

    /// Notes that the connection is closed, whether it was asked to leave or not.
    pub fn closed(&mut self, id: ConnectionId) {
        if !self.remove(id) {
            self.leaving = self.leaving.saturating_sub(1);
        }
    }

    /// Returns how many were asked to leave and are not closed yet.
    pub fn leaving(&self) -> usize {
        self.leaving
    }

    fn add(&mut self, place: ClientPlace, now: Instant) -> ConnectionId {
        self.last += 1;
        let id = self.last;
        self.by_id.insert(id, Entry { place, waits_since: Some(now) });
        self.change(place, |connected| {
            connected.count += 1;
            connected.waiting.insert((now, id));
        });
        id
    }

    fn ask_to_leave(&mut self, id: ConnectionId) {
        if self.remove(id) {
            self.leaving += 1;
        }
    }

    fn remove(&mut self, id: ConnectionId) -> bool {
        let Some(entry) = self.by_id.remove(&id) else { return false };
        self.change(entry.place, |connected| {
            connected.count -= 1;
            if let Some(since) = entry.waits_since {
                connected.waiting.remove(&(since, id));
            }
        });
        true
    }

    fn set(&mut self, id: ConnectionId, waits_since: Option<Instant>) {
        let Some(entry) = self.by_id.get_mut(&id) else { return };
        let (place, before) = (entry.place, std::mem::replace(&mut entry.waits_since, waits_since));
        if before == waits_since {
            return;
        }
        self.change(place, |connected| {
            if let Some(since) = before {
                connected.waiting.remove(&(since, id));
            }
            if let Some(since) = waits_since {
                connected.waiting.insert((since, id));
            }
        });
    }

    /// Changes the connections of a place, and keeps its rank up to date.
    fn change(&mut self, place: ClientPlace, change: impl FnOnce(&mut Connected)) {
        let connected = self.places.entry(place).or_default();
        let before = connected.rank(place);
        change(connected);
        let (after, is_empty) = (connected.rank(place), connected.count == 0);
        if is_empty {
            self.places.remove(&place);
        }
        if before != after {
            before.map(|rank| self.ranks.remove(&rank));
            after.map(|rank| self.ranks.insert(rank));
        }
    }

    fn longest_at(&self, place: ClientPlace, now: Instant) -> Option<ConnectionId> {
        self.places.get(&place).and_then(|connected| connected.longest(now))
    }

    fn longest_of_all(&self, now: Instant) -> Option<ConnectionId> {
        self.ranks.iter().rev().find_map(|rank| self.longest_at(rank.place, now))
    }
}

impl Connected {
    /// Returns the connection that has waited longest, if its time has come.
    fn longest(&self, now: Instant) -> Option<ConnectionId> {
        self.waiting.first().filter(|(since, _)| *since <= now).map(|(_, id)| *id)
    }

    fn rank(&self, place: ClientPlace) -> Option<Rank> {
        let (since, _) = self.waiting.first()?;
        Some(Rank { is_stranger: !place.is_proxy, count: self.count, oldest: Reverse(*since), place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const CAPS: Caps = Caps { total: 6, by_address: 3, leaving: 2 };

    struct Room {
        register: Register,
        now: Instant,
    }

    impl Room {
        fn new() -> Self {
            Self { register: Register::default(), now: Instant::now() }
        }

        /// Returns a time one second later than the last.
        fn enter(&mut self, address: &str) -> Admission {
            self.now += Duration::from_secs(1);
            let place = ClientPlace { is_proxy: address.starts_with("10."), address: address.parse().unwrap() };
            self.register.enter(place, &CAPS, self.now)
        }

        fn fill(&mut self, addresses: &[&str]) {
            for address in addresses {
                assert!(matches!(self.enter(address), Admission::Yes(_)), "{address}");
            }
        }
    }

    const A: &str = "203.0.113.1";
    const B: &str = "203.0.113.2";
    const C: &str = "203.0.113.3";
    const PROXY: &str = "10.0.0.1";

    #[test]
    fn an_address_with_too_many_gives_up_its_own_longest() {
        let mut room = Room::new();
        room.fill(&[B, A, A, A]);
        assert_eq!(room.enter(A), Admission::InsteadOf { new: 5, leaves: 2 });
        room.register.works(3);
        assert_eq!(room.enter(A), Admission::InsteadOf { new: 6, leaves: 4 });
    }

    #[test]
    fn where_all_are_answered_the_new_one_is_refused() {
        let mut room = Room::new();
        room.fill(&[A, A, A]);
        for id in [1, 2, 3] {
            room.register.works(id);
        }
        assert_eq!(room.enter(A), Admission::No);
        assert_eq!(room.enter(B), Admission::Yes(4), "others have room");
        room.register.waits(2, room.now);
        assert_eq!(room.enter(A), Admission::InsteadOf { new: 5, leaves: 2 });
    }

    #[test]
    fn in_all_the_address_with_the_most_gives_up_its_longest() {
        let mut room = Room::new();
        room.fill(&[B, A, A, C, B, A]);
        assert_eq!(room.enter(C), Admission::InsteadOf { new: 7, leaves: 2 });
        // two each now, so the longest wait decides
        assert_eq!(room.enter("203.0.113.4"), Admission::InsteadOf { new: 8, leaves: 1 });
    }

    #[test]
    fn one_that_is_answered_is_never_given_up() {
        let mut room = Room::new();
        room.fill(&[A, A, A, B, C, C]);
        for id in 1..=6 {
            room.register.works(id);
        }
        assert_eq!(room.enter("203.0.113.4"), Admission::No);
        room.register.waits(4, room.now);
        assert_eq!(room.enter("203.0.113.4"), Admission::InsteadOf { new: 7, leaves: 4 });
    }

    #[test]
    fn a_proxy_has_no_cap_of_its_own_and_gives_up_last() {
        let mut room = Room::new();
        room.fill(&[PROXY, PROXY, PROXY, PROXY, PROXY, A]);
        assert_eq!(room.enter(PROXY), Admission::InsteadOf { new: 7, leaves: 6 });
        assert_eq!(room.enter(A), Admission::InsteadOf { new: 8, leaves: 1 }, "no stranger waits");
    }

    #[test]
    fn who_waits_only_from_a_later_moment_on_stays_until_then() {
        let mut room = Room::new();
        room.fill(&[A, A, A]);
        for id in [1, 2, 3] {
            room.register.waits(id, room.now + Duration::from_secs(10));
        }
        assert_eq!(room.enter(A), Admission::No);
        assert_eq!(room.register.make_room(room.now), None);
        room.now += Duration::from_secs(10);
        assert_eq!(room.enter(A), Admission::InsteadOf { new: 4, leaves: 1 });
    }

    #[test]
    fn those_that_leave_are_counted_until_they_are_closed() {
        let mut room = Room::new();
        room.fill(&[A, A, A]);
        room.enter(A);
        assert_eq!(room.register.make_room(room.now), Some(2));
        assert_eq!(room.register.leaving(), 2);
        for id in [1, 2, 3, 4] {
            room.register.closed(id);
        }
        assert_eq!(room.register.leaving(), 0);
        let register = &room.register;
        assert!(register.by_id.is_empty() && register.places.is_empty() && register.ranks.is_empty());
    }
}
