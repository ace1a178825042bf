//! A connection as the register knows it, and how it is told that it has to leave.

use super::Caps;
use super::register::{Entered, Id, Place, Register};
use ipnet::IpNet;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;
use vestibule_domain::client::network;
use vestibule_telemetry::metrics;

/// How long an answer may lie untaken before the connection counts as one that waits for its client.
const UNTAKEN: Duration = Duration::from_secs(5);
/// How often at most it is said that connections had to end.
const WARN: Duration = Duration::from_secs(60);

/// All who are connected.
pub struct Guests {
    caps: Caps,
    trusted: Vec<IpNet>,
    state: Mutex<State>,
    /// One of them is closed.
    closed: Notify,
}

#[derive(Default)]
struct State {
    register: Register,
    /// How each of them is told to leave.
    exits: HashMap<Id, Arc<Exit>>,
    ended: Ended,
}

/// How one of them is told to leave, and whether it may be at any time.
#[derive(Default)]
struct Exit {
    leave: Notify,
    /// It has asked for something, and has not had all of the answer.
    asks: AtomicBool,
}

/// What was done for want of room and has not been said yet.
#[derive(Default)]
struct Ended {
    closed: u64,
    refused: u64,
    said_at: Option<Instant>,
}

/// One connection; it leaves the register when this is dropped.
pub struct Guest {
    id: Id,
    guests: Arc<Guests>,
    exit: Arc<Exit>,
    /// The answer has been handed over whole, and not yet to the system.
    is_finishing: AtomicBool,
    _counted: metrics::Counted,
}

impl Guests {
    /// Nobody yet.
    pub fn new(caps: Caps, trusted: &[IpNet]) -> Self {
        metrics::connections_at_most(caps.total);
        Self { caps, trusted: trusted.to_vec(), state: Mutex::default(), closed: Notify::new() }
    }

    /// A place for a connection from this address; `None` if there is none.
    pub fn enter(guests: &Arc<Self>, address: IpAddr) -> Option<Arc<Guest>> {
        let (place, now) = (guests.place(address), Instant::now());
        let mut state = guests.lock();
        let id = match state.register.enter(place, &guests.caps, now) {
            Entered::Yes(id) => id,
            Entered::InsteadOf { new, leaves } => {
                state.ask_to_leave(leaves);
                new
            }
            Entered::No => {
                state.ended.refused += 1;
                metrics::connection_refused();
                state.ended.say(now, &guests.caps);
                return None;
            }
        };
        let exit = Arc::new(Exit::default());
        state.exits.insert(id, Arc::clone(&exit));
        state.ended.say(now, &guests.caps);
        drop(state);
        let (guests, is_finishing) = (Arc::clone(guests), AtomicBool::new(false));
        Some(Arc::new(Guest { id, guests, exit, is_finishing, _counted: metrics::connection() }))
    }

    /// Waits while too many of those that were asked to leave still have their file.
    pub async fn room(&self) {
        while self.lock().register.leaving() >= self.caps.leaving {
            self.one_is_closed().await;
        }
    }

    /// Waits until a connection is closed.
    pub async fn one_is_closed(&self) {
        self.closed.notified().await;
    }

    /// Asks the one to leave that has waited longest, as the system has no file left.
    pub fn make_room(&self) {
        let mut state = self.lock();
        if let Some(id) = state.register.make_room(Instant::now()) {
            state.ask_to_leave(id);
        }
    }

    /// Asks all to leave who have asked for nothing, or have had their answer.
    pub fn end_the_idle(&self) {
        let state = self.lock();
        state.exits.values().filter(|exit| !exit.asks.load(Ordering::Relaxed)).for_each(|exit| exit.leave.notify_one());
    }

    /// Says what has not been said yet of those that had to end, if it is time to.
    pub fn tell(&self) {
        self.lock().ended.say(Instant::now(), &self.caps);
    }

    fn place(&self, address: IpAddr) -> Place {
        let address = address.to_canonical();
        let is_proxy = self.trusted.iter().any(|network| network.contains(&address));
        Place { is_proxy, address: network(address) }
    }

    /// Nothing in here can panic halfway.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn ask_to_leave(&mut self, id: Id) {
        self.ended.closed += 1;
        metrics::connection_made_room();
        if let Some(exit) = self.exits.get(&id) {
            exit.leave.notify_one();
        }
    }
}

impl Ended {
    /// At most once a minute, and nothing if there is nothing.
    fn say(&mut self, now: Instant, caps: &Caps) {
        let is_early = self.said_at.is_some_and(|at| now.duration_since(at) < WARN);
        if self.closed + self.refused == 0 || is_early {
            return;
        }
        tracing::warn!(
            closed = self.closed,
            refused = self.refused,
            most = caps.total,
            most_by_address = caps.by_address,
            "There are too many connections: some that waited for their client were closed, or new ones refused"
        );
        *self = Self { said_at: Some(now), ..Self::default() };
    }
}

impl Guest {
    /// It asks for something.
    pub fn asks(&self) {
        self.exit.asks.store(true, Ordering::Relaxed);
    }

    /// Its request is there, whole, or is answered without the rest of it.
    pub fn is_answered(&self) {
        self.is_finishing.store(false, Ordering::Relaxed);
        self.guests.lock().register.works(self.id);
    }

    /// All of the answer has been handed over; [`Guest::has_sent`] follows.
    pub fn finishes(&self) {
        self.is_finishing.store(true, Ordering::Relaxed);
    }

    /// Nothing of what was handed over is left here. After the last of an answer it waits for the next request.
    pub fn has_sent(&self) {
        if self.is_finishing.swap(false, Ordering::Relaxed) {
            self.exit.asks.store(false, Ordering::Relaxed);
            self.guests.lock().register.waits(self.id, Instant::now());
        }
    }

    /// The client does not take its answer; before long it counts as one that is waited for.
    pub fn is_untaken(&self) {
        self.guests.lock().register.waits(self.id, Instant::now() + UNTAKEN);
    }

    /// The client takes more of its answer.
    pub fn is_taken(&self) {
        self.guests.lock().register.works(self.id);
    }

    /// Waits until its place is needed for another.
    pub async fn is_asked_to_leave(&self) {
        self.exit.leave.notified().await;
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut state = self.guests.lock();
        state.exits.remove(&self.id);
        state.register.closed(self.id);
        drop(state);
        self.guests.closed.notify_one();
    }
}
