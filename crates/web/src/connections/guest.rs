//! A connection from the register's point of view, and how it is asked to leave.

use super::Caps;
use super::register::{Admission, ClientPlace, ConnectionId, Register};
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

/// How long an answer may wait before the connection counts as one that waits for its client.
const UNTAKEN: Duration = Duration::from_secs(5);
/// The least time between two warnings that connections had to end.
const WARN: Duration = Duration::from_secs(60);

/// All open connections.
pub struct Guests {
    caps: Caps,
    trusted: Vec<IpNet>,
    state: Mutex<State>,
    /// Notified when a connection is closed.
    closed: Notify,
}

#[derive(Default)]
struct State {
    register: Register,
    /// How each connection is asked to leave.
    exits: HashMap<ConnectionId, Arc<Exit>>,
    ended: Ended,
}

/// How a connection is asked to leave, and whether it is idle.
#[derive(Default)]
struct Exit {
    leave: Notify,
    /// Whether it has a request that has not been answered completely.
    asks: AtomicBool,
}

/// What was done because there were too many, and has not been logged yet.
#[derive(Default)]
struct Ended {
    closed: u64,
    refused: u64,
    said_at: Option<Instant>,
}

/// A connection. It leaves the register when this is dropped.
pub struct Guest {
    id: ConnectionId,
    guests: Arc<Guests>,
    exit: Arc<Exit>,
    /// Whether the whole answer has been handed over, but not yet to the system.
    is_finishing: AtomicBool,
    _counted: metrics::Counted,
}

impl Guests {
    /// Returns the collection without any connection.
    pub fn new(caps: Caps, trusted: &[IpNet]) -> Self {
        metrics::connections_at_most(caps.total);
        Self { caps, trusted: trusted.to_vec(), state: Mutex::default(), closed: Notify::new() }
    }

    /// Registers a connection from this address. Returns `None` if there is no room.
    pub fn enter(guests: &Arc<Self>, address: IpAddr) -> Option<Arc<Guest>> {
        let (place, now) = (guests.place(address), Instant::now());
        let mut state = guests.lock();
        let id = match state.register.enter(place, &guests.caps, now) {
            Admission::Yes(id) => id,
            Admission::InsteadOf { new, leaves } => {
                state.ask_to_leave(leaves);
                new
            }
            Admission::No => {
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

    /// Waits while too many of the connections that were asked to leave still have their file.
    pub async fn room(&self) {
        while self.lock().register.leaving() >= self.caps.leaving {
            self.one_is_closed().await;
        }
    }

    /// Waits until a connection is closed.
    pub async fn one_is_closed(&self) {
        self.closed.notified().await;
    }

    /// Asks the connection that has waited longest to leave, because the system has no file left.
    pub fn make_room(&self) {
        let mut state = self.lock();
        if let Some(id) = state.register.make_room(Instant::now()) {
            state.ask_to_leave(id);
        }
    }

    /// Asks all connections to leave that have no request in progress.
    pub fn end_the_idle(&self) {
        let state = self.lock();
        state.exits.values().filter(|exit| !exit.asks.load(Ordering::Relaxed)).for_each(|exit| exit.leave.notify_one());
    }

    /// Logs how many connections had to end since the last time, if it is time to.
    pub fn log_ended(&self) {
        self.lock().ended.say(Instant::now(), &self.caps);
    }

    fn place(&self, address: IpAddr) -> ClientPlace {
        let address = address.to_canonical();
        let is_proxy = self.trusted.iter().any(|network| network.contains(&address));
        ClientPlace { is_proxy, address: network(address) }
    }

    /// Returns the state. A poisoned lock is fine: nothing can panic halfway through a change.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn ask_to_leave(&mut self, id: ConnectionId) {
        self.ended.closed += 1;
        metrics::connection_made_room();
        if let Some(exit) = self.exits.get(&id) {
            exit.leave.notify_one();
        }
    }
}

impl Ended {
    /// Logs the counts, but at most once a minute, and only if there are any.
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
            "There are too many connections: some that were waiting for their client were closed, or new ones refused"
        );
        *self = Self { said_at: Some(now), ..Self::default() };
    }
}

impl Guest {
    /// Notes that a request has begun.
    pub fn asks(&self) {
        self.exit.asks.store(true, Ordering::Relaxed);
    }

    /// Notes that the request is complete, or is being answered without the rest of it.
    pub fn is_answered(&self) {
        self.is_finishing.store(false, Ordering::Relaxed);
        self.guests.lock().register.works(self.id);
    }

    /// Notes that all of the answer has been handed over. [`Guest::has_sent`] follows.
    pub fn finishes(&self) {
        self.is_finishing.store(true, Ordering::Relaxed);
    }

    /// Notes that everything that was handed over has been sent. If it was the end of an answer, the connection waits
    /// for the next request.
    pub fn has_sent(&self) {
        if self.is_finishing.swap(false, Ordering::Relaxed) {
            self.exit.asks.store(false, Ordering::Relaxed);
            self.guests.lock().register.waits(self.id, Instant::now());
        }
    }

    /// Notes that the client does not take its answer. After [`UNTAKEN`], the connection counts as waiting for its
    /// client.
    pub fn is_untaken(&self) {
        self.guests.lock().register.waits(self.id, Instant::now() + UNTAKEN);
    }

    /// Notes that the client takes more of its answer.
    pub fn is_taken(&self) {
        self.guests.lock().register.works(self.id);
    }

    /// Waits until the connection's place is needed for another.
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
