//! Seats: how much may be in progress at once, to mail servers or to webhooks, and who is next.
//!
//! A server that hangs must not hold up the others. So there are two limits. Few may be *quick* at once, which is the
//! load that a server has to bear on a good day. What takes much longer than usual no longer counts against this limit,
//! only against the total, which is larger. The last seats are reserved: for urgent work, and for lanes that have
//! little in progress.

use super::{OrganizationId, UserId};
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// A seat is no longer quick after twice the usual time, but after no less than this and no more than [`SLOW_AT_MOST`]:
/// a server that takes two seconds for each mail does not hang.
const SLOW: Duration = Duration::from_millis(600);
const SLOW_AT_MOST: Duration = Duration::from_secs(5);
/// The number of past durations whose median is the usual time.
const REMEMBERED: usize = 16;

/// A queue that takes turns with the others: that of an organization or of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane(Uuid);

/// Whether somebody is waiting for the work in front of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Priority {
    Urgent,
    Ordinary,
}

/// How many seats there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatLimits {
    /// The seats in total, for both classes.
    pub total: usize,
    /// The seats of each class that are still quick.
    pub quick: usize,
    /// How many of the total are reserved for urgent work.
    pub for_urgent: usize,
    /// How many of the rest are reserved for lanes that have fewer than `few` in progress.
    pub for_few: usize,
    pub few: usize,
}

impl SeatLimits {
    /// Returns the limits for `total` connections to the mail server: four quick ones, an eighth reserved for urgent
    /// mail, and a quarter for lanes that have none in progress.
    pub fn of_mail(total: usize) -> Self {
        Self { total, quick: 4, for_urgent: total / 8, for_few: total / 4, few: 1 }
    }

    /// Returns the limits for `total` concurrent requests to webhooks. A quarter is reserved for organizations with
    /// fewer than `each` in progress, which is the most that one endpoint may have.
    pub fn of_webhooks(total: usize, each: usize) -> Self {
        Self { total, quick: total, for_urgent: 0, for_few: total / 4, few: each }
    }

    /// Returns the total at which no more of this class may begin, for a lane that has `of_lane` in progress.
    fn room(&self, class: Priority, of_lane: usize) -> usize {
        let (kept, for_few) = match class {
            Priority::Urgent => (0, self.for_urgent / 2),
            Priority::Ordinary => (self.for_urgent, self.for_few),
        };
        let kept = if of_lane < self.few { kept } else { kept + for_few };
        self.total.saturating_sub(kept).max(1)
    }
}

/// A source that has work due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingSource {
    /// The id by which work is leased: of the lane for mails, of the endpoint for webhooks.
    pub source: Uuid,
    pub lane: Lane,
    /// How many more of this source may begin.
    pub room: usize,
}

/// The work in progress, by the id of its row.
#[derive(Debug)]
pub struct Seats {
    limits: SeatLimits,
    taken: HashMap<Uuid, Seat>,
    /// How long the last ones took.
    times: VecDeque<Duration>,
}

#[derive(Clone, Copy, Debug)]
struct Seat {
    lane: Lane,
    class: Priority,
    since: Instant,
}

/// A draft of the seats, used while planning.
struct Tally {
    limits: SeatLimits,
    class: Priority,
    quick: usize,
    total: usize,
    by_lane: HashMap<Lane, usize>,
}

impl Seats {
    /// Returns seats that are all free.
    pub fn new(limits: SeatLimits) -> Self {
        Self { limits, taken: HashMap::new(), times: VecDeque::new() }
    }

    /// Takes a seat for the row `id`.
    pub fn sit(&mut self, id: Uuid, lane: Lane, class: Priority, now: Instant) {
        self.taken.insert(id, Seat { lane, class, since: now });
    }

    /// Frees the seat of the row `id`, and remembers how long it was taken. An unknown id is ignored.
    pub fn leave(&mut self, id: Uuid, now: Instant) {
        let Some(seat) = self.taken.remove(&id) else { return };
        self.times.push_back(now.duration_since(seat.since));
        if self.times.len() > REMEMBERED {
            self.times.pop_front();
        }
    }

    /// Checks whether the row is in progress.
    pub fn has(&self, id: Uuid) -> bool {
        self.taken.contains_key(&id)
    }

    /// Checks whether work of this class could begin, for a lane that has nothing in progress.
    pub fn has_room(&self, class: Priority, now: Instant) -> bool {
        let tally = self.tally(class, now);
        tally.quick < self.limits.quick && tally.total < self.limits.room(class, 0)
    }

    /// Returns the time until the next quick seat turns slow and so makes room, or `None` if none is quick.
    pub fn next_slow(&self, now: Instant) -> Option<Duration> {
        let slow = self.slow();
        let left = self.taken.values().filter_map(|seat| slow.checked_sub(now.duration_since(seat.since)));
        left.filter(|left| !left.is_zero()).min()
    }

    /// Distributes the free seats over those who wait, one each in turn, until no more can begin. Returns the sources
    /// with the number of seats of each. `others` is the number of seats that another class is about to take.
    pub fn plan(&self, waiting: &[WaitingSource], class: Priority, others: usize, now: Instant) -> Vec<(Uuid, usize)> {
        let (mut tally, mut given) = (self.tally(class, now), vec![0; waiting.len()]);
        tally.total += others;
        loop {
            let before = tally.total;
            for (waiting, given) in waiting.iter().zip(&mut given) {
                *given += usize::from(*given < waiting.room && tally.take(waiting.lane));
            }
            if tally.total == before {
                break;
            }
        }
        waiting.iter().zip(given).filter(|(_, given)| *given > 0).map(|(who, given)| (who.source, given)).collect()
    }

    /// Returns the duration after which a seat is no longer quick.
    fn slow(&self) -> Duration {
        let mut times: Vec<Duration> = self.times.iter().copied().collect();
        times.sort_unstable();
        let usual = times.get(times.len() / 2).copied().unwrap_or_default();
        (usual * 2).clamp(SLOW, SLOW_AT_MOST)
    }

    fn tally(&self, class: Priority, now: Instant) -> Tally {
        let slow = self.slow();
        let is_quick = |seat: &&Seat| seat.class == class && now.duration_since(seat.since) < slow;
        let mut by_lane = HashMap::new();
        for seat in self.taken.values() {
            *by_lane.entry(seat.lane).or_default() += 1;
        }
        let quick = self.taken.values().filter(is_quick).count();
        Tally { limits: self.limits, class, quick, total: self.taken.len(), by_lane }
    }
}

impl Tally {
    /// Takes one more seat for this lane. Returns `false` if none may begin.
    fn take(&mut self, lane: Lane) -> bool {
        let of_lane = self.by_lane.entry(lane).or_default();
        if self.quick >= self.limits.quick || self.total >= self.limits.room(self.class, *of_lane) {
            return false;
        }
        (*of_lane, self.quick, self.total) = (*of_lane + 1, self.quick + 1, self.total + 1);
        true
    }
}

/// Rotates the sorted `lanes` so that they begin after the one that was served last.
pub fn in_turn<T>(mut lanes: Vec<T>, last: Option<Uuid>, source: impl Fn(&T) -> Uuid) -> Vec<T> {
    let begin = lanes.iter().position(|lane| last.is_some_and(|last| source(lane) > last)).unwrap_or_default();
    lanes.rotate_left(begin);
    lanes
}

impl Lane {
    pub fn uuid(self) -> Uuid {
        self.0
    }
}

impl From<Uuid> for Lane {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl From<OrganizationId> for Lane {
    fn from(id: OrganizationId) -> Self {
        Self(id.uuid())
    }
}

impl From<UserId> for Lane {
    fn from(id: UserId) -> Self {
        Self(id.uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: usize = 32;

    struct Office {
        seats: Seats,
        now: Instant,
        count: u128,
    }

    impl Office {
        fn new() -> Self {
            Self { seats: Seats::new(SeatLimits::of_mail(MAIL)), now: Instant::now(), count: 0 }
        }

        /// Begins as much of the lanes as is allowed, and lets it hang. Returns how many of each began.
        fn begin(&mut self, class: Priority, lanes: &[u128]) -> Vec<usize> {
            let waiting: Vec<WaitingSource> = lanes.iter().map(|lane| waiting(*lane)).collect();
            let plan = self.seats.plan(&waiting, class, 0, self.now);
            for (source, count) in &plan {
                for _ in 0..*count {
                    self.count += 1;
                    self.seats.sit(Uuid::from_u128(self.count), Lane(*source), class, self.now);
                }
            }
            let of = |lane: &u128| {
                let given = plan.iter().find(|(source, _)| *source == Uuid::from_u128(*lane));
                given.map_or(0, |(_, count)| *count)
            };
            lanes.iter().map(of).collect()
        }

        /// Lets everything hang until nothing of the lanes may begin.
        fn fill(&mut self, class: Priority, lanes: &[u128]) -> usize {
            let mut begun = 0;
            loop {
                let more: usize = self.begin(class, lanes).iter().sum();
                if more == 0 {
                    return begun;
                }
                begun += more;
                self.now += SLOW;
            }
        }
    }

    fn waiting(lane: u128) -> WaitingSource {
        WaitingSource { source: Uuid::from_u128(lane), lane: Lane(Uuid::from_u128(lane)), room: usize::MAX }
    }

    #[test]
    fn four_are_quick_at_once_and_what_hangs_makes_room_soon() {
        let mut office = Office::new();
        assert_eq!(office.begin(Priority::Ordinary, &[1]), [4]);
        assert_eq!(office.begin(Priority::Ordinary, &[1]), [0]);
        assert_eq!(office.seats.next_slow(office.now), Some(SLOW));
        office.now += SLOW;
        assert_eq!(office.begin(Priority::Ordinary, &[1]), [4]);
        office.seats.leave(Uuid::from_u128(8), office.now);
        assert_eq!(office.begin(Priority::Ordinary, &[1]), [1], "refilled at once");
    }

    #[test]
    fn a_server_that_is_always_slow_does_not_hang() {
        let mut office = Office::new();
        for _ in 0..8 {
            office.begin(Priority::Ordinary, &[1]);
            office.now += Duration::from_secs(2);
            let ids: Vec<Uuid> = office.seats.taken.keys().copied().collect();
            ids.into_iter().for_each(|id| office.seats.leave(id, office.now));
        }
        assert_eq!(office.begin(Priority::Ordinary, &[1]), [4]);
        office.now += Duration::from_secs(3);
        assert_eq!(office.begin(Priority::Ordinary, &[1]), [0], "twice the usual is not over");
        office.now += Duration::from_secs(1);
        assert_eq!(office.begin(Priority::Ordinary, &[1]), [4]);
        assert_eq!(office.seats.slow(), Duration::from_secs(4));
        office.now += Duration::from_secs(600);
        (0..=40).for_each(|n| office.seats.leave(Uuid::from_u128(n), office.now));
        assert_eq!(office.seats.slow(), SLOW_AT_MOST);
    }

    #[test]
    fn lanes_are_served_in_turn() {
        let mut office = Office::new();
        assert_eq!(office.begin(Priority::Ordinary, &[1, 2, 3]), [2, 1, 1]);
        let lanes = [1_u128, 2, 3].map(Uuid::from_u128);
        let order = |last| in_turn(lanes.to_vec(), last, |lane| *lane);
        assert_eq!(order(Some(lanes[0])), [lanes[1], lanes[2], lanes[0]]);
        assert_eq!(order(Some(lanes[2])), lanes);
        assert_eq!(order(None), lanes);
    }

    #[test]
    fn one_lane_that_hangs_leaves_seats_for_others_and_these_for_what_is_urgent() {
        let mut office = Office::new();
        assert_eq!(office.fill(Priority::Ordinary, &[1]), 20);
        assert_eq!(office.begin(Priority::Ordinary, &[2]), [1], "of those kept for who has none");
        let others: Vec<u128> = (3..100).collect();
        assert_eq!(office.fill(Priority::Ordinary, &others), 7);
        assert!(!office.seats.has_room(Priority::Ordinary, office.now));
        assert_eq!(office.begin(Priority::Urgent, &[1]), [2]);
        office.now += SLOW;
        assert_eq!(office.begin(Priority::Urgent, &[1, 200]), [0, 1], "the last ones are for who has none");
    }

    #[test]
    fn what_is_urgent_begins_beside_four_quick_ones() {
        let mut office = Office::new();
        office.begin(Priority::Ordinary, &[1]);
        assert_eq!(office.begin(Priority::Urgent, &[1]), [4]);
    }

    #[test]
    fn however_few_seats_there_are_everybody_is_served() {
        for total in 1..=8 {
            let mut office = Office { seats: Seats::new(SeatLimits::of_mail(total)), ..Office::new() };
            assert!(office.begin(Priority::Ordinary, &[1])[0] >= 1, "{total}");
            let mut office = Office { seats: Seats::new(SeatLimits::of_mail(total)), ..Office::new() };
            assert!(office.begin(Priority::Urgent, &[1])[0] >= 1, "{total}");
        }
    }

    #[test]
    fn an_endpoint_takes_no_more_than_its_own() {
        let seats = Seats::new(SeatLimits::of_webhooks(128, 4));
        let of = |endpoint: u128, room| WaitingSource { room, ..waiting(endpoint) };
        let plan = seats.plan(&[of(1, 4), of(2, 1)], Priority::Ordinary, 0, Instant::now());
        assert_eq!(plan, [(Uuid::from_u128(1), 4), (Uuid::from_u128(2), 1)]);
    }
}
