//! A queue of things to send: rows are leased as seats become free, and each is sent by a task of its own.

use super::supervise::{goes_on, stopped};
use crate::service::{Result, Vestibule};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::{Id, JoinSet};
use uuid::Uuid;
use vestibule_domain::seats::{Lane, Priority, SeatLimits, Seats};
use vestibule_telemetry::metrics;

/// The interval of looking for due work when nothing signals any: what other instances left, and retries.
const POLL: Duration = Duration::from_secs(1);
/// The pause after a write before looking again, which limits the cost of looking during many writes.
const PAUSE: Duration = Duration::from_millis(10);
/// The pause after a failure of the database.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// A kind of queue: what is in it, and how an item is sent.
pub trait Queue: Send + 'static {
    type Job: Send + 'static;
    const CHORE: &'static str;

    /// Leases as many rows as there are seats. Returns them, and whether seats may be left for others.
    fn lease(&mut self, seats: &Seats) -> impl Future<Output = Result<(Vec<LeasedJob<Self::Job>>, bool)>> + Send;

    /// Gives back rows that are leased to this queue and have no seat. They exist when a lease was saved but its answer
    /// was lost.
    fn tidy(&self, seats: &Seats) -> impl Future<Output = Result<()>> + Send;

    /// Sends an item and saves the result. It must end, and save the result or give the row back, whatever happens.
    fn work(&self, job: Self::Job) -> impl Future<Output = ()> + Send + 'static;
}

/// A leased row.
pub struct LeasedJob<J> {
    pub id: Uuid,
    pub lane: Lane,
    pub class: Priority,
    pub job: J,
}

/// A queue with its seats. Dropping it aborts everything that is on its way.
pub struct Worker<Q: Queue> {
    queue: Q,
    seats: Seats,
    working: JoinSet<()>,
    rows: HashMap<Id, Uuid>,
    /// Whether a lease has failed and may have been saved nevertheless.
    is_untidy: bool,
}

impl<Q: Queue> Worker<Q> {
    pub fn new(queue: Q, limits: SeatLimits) -> Self {
        Self { queue, seats: Seats::new(limits), working: JoinSet::new(), rows: HashMap::new(), is_untidy: false }
    }

    /// Works until `stop` turns true, and then finishes what is on its way.
    pub async fn go_on(mut self, vestibule: &Vestibule, mut stop: watch::Receiver<bool>) {
        let mut changes = vestibule.store.changes();
        while goes_on(&stop) {
            let filled = metrics::chore(Q::CHORE, self.fill()).await;
            super::log_failure(Q::CHORE, filled.as_ref());
            if filled.is_err() {
                tokio::select! {
                    () = tokio::time::sleep(AFTER_FAILURE) => {}
                    () = stopped(&mut stop) => {}
                }
                continue;
            }
            let look = POLL.min(self.seats.next_slow(Instant::now()).unwrap_or(POLL));
            tokio::select! {
                true = self.one_ends() => {}
                Ok(()) = changes.changed(), if self.has_room() => tokio::time::sleep(PAUSE).await,
                () = tokio::time::sleep(look) => {}
                () = stopped(&mut stop) => {}
            }
        }
        while self.one_ends().await {}
    }

    /// Works until nothing is due and nothing is on its way. Returns how much was sent.
    pub async fn drain(mut self) -> Result<u64> {
        let mut begun = self.fill().await?;
        while self.one_ends().await {
            begun += self.fill().await?;
        }
        Ok(begun)
    }

    /// Gives free seats to due rows until there are no more of either. Returns how many were started.
    async fn fill(&mut self) -> Result<u64> {
        let mut count = 0;
        if self.is_untidy {
            self.queue.tidy(&self.seats).await?;
            self.is_untidy = false;
        }
        while self.has_room() {
            // until the lease has succeeded
            self.is_untidy = true;
            let (leased, is_more) = self.queue.lease(&self.seats).await?;
            self.is_untidy = false;
            let none = leased.is_empty();
            count += leased.len() as u64;
            for LeasedJob { id, lane, class, job } in leased {
                let task = self.working.spawn(self.queue.work(job));
                self.rows.insert(task.id(), id);
                self.seats.sit(id, lane, class, Instant::now());
            }
            if none || !is_more {
                break;
            }
        }
        Ok(count)
    }

    fn has_room(&self) -> bool {
        let now = Instant::now();
        self.seats.has_room(Priority::Urgent, now) || self.seats.has_room(Priority::Ordinary, now)
    }

    /// Waits until one item has ended. Returns `false` when nothing is on its way.
    async fn one_ends(&mut self) -> bool {
        let task = match self.working.join_next_with_id().await {
            Some(Ok((task, ()))) => task,
            Some(Err(error)) => {
                self.is_untidy = true;
                error.id()
            }
            None => return false,
        };
        if let Some(id) = self.rows.remove(&task) {
            self.seats.leave(id, Instant::now());
        }
        true
    }
}
