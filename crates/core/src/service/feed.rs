//! The live feed of an organization's events.

use super::{Error, Result, Scope, Vestibule, subject};
use futures::{Stream, stream};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, watch},
    time::Instant,
};
use vestibule_domain::{Event, OrganizationId, Permission};

/// The interval of looking for events of other processes, which only the database reports.
const POLL: Duration = Duration::from_secs(2);
/// The time after which the caller is to check whether the listener still has access, if nothing has happened that
/// could have ended it.
const CHECK: Duration = Duration::from_secs(60);
/// The time for which changes are gathered, so that they are read together.
const GATHER: Duration = Duration::from_millis(100);
/// The least time from one batch to the next for a page, which reads itself again after each.
const BETWEEN: Duration = Duration::from_secs(1);
/// The number of events per read.
const BATCH: u32 = 100;

/// When events of other processes were last looked for. The listener that has locked it looks for all of them.
#[derive(Default)]
pub(super) struct LastLook(Mutex<Option<Instant>>);

/// Somebody who listens, and what they know.
struct Listener {
    vestibule: Arc<Vestibule>,
    organization_id: OrganizationId,
    /// The number of the organization's last event that this process has heard of.
    events: watch::Receiver<u64>,
    /// Changes when a session of the listener has ended. A program has none.
    sign_outs: Option<watch::Receiver<u64>>,
    /// The number of the last event that they were told of.
    last: Option<u64>,
    /// For a page, when the next batch may come.
    paced: Option<Instant>,
}

impl subject::Feed<'_> {
    /// Returns the events after `number`, oldest first, at most `limit`.
    pub async fn events(self, scope: &Scope, number: u64, limit: u32) -> Result<Vec<Event>> {
        scope.require(Permission::AuditRead)?;
        self.read(async |tx| Ok(tx.events().after(scope.organization().id, number, limit).await?)).await
    }

    /// Returns a stream of batches of the organization's events from now on, in order and none twice, for a page that
    /// reads itself again: at most one batch a second, of the last hundred events. A batch is empty when the listener
    /// may have lost access, and once a minute, which lets the caller check it.
    pub fn for_page(self, scope: &Scope) -> impl Stream<Item = Result<Vec<Event>>> + Send + use<> {
        Listener { paced: Some(Instant::now()), ..self.listener(scope, None) }.batches()
    }

    /// Returns a stream of batches of the organization's events after `last`, or from now on, with none missing. A batch
    /// is empty as in [`Self::for_page`].
    pub fn after(self, scope: &Scope, last: Option<u64>) -> impl Stream<Item = Result<Vec<Event>>> + Send + use<> {
        self.listener(scope, last).batches()
    }

    fn listener(self, scope: &Scope, last: Option<u64>) -> Listener {
        let organization_id = scope.organization().id;
        let store = &self.0.store;
        Listener {
            vestibule: Arc::clone(self.0),
            organization_id,
            events: store.events_of(organization_id),
            sign_outs: scope.member().map(|member| store.sign_outs_of(member.user_id)),
            last,
            paced: None,
        }
    }
}

impl Listener {
    fn batches(self) -> impl Stream<Item = Result<Vec<Event>>> + Send + use<> {
        stream::unfold(self, |mut listener| async {
            let next = listener.next().await;
            Some((next, listener))
        })
    }

    async fn next(&mut self) -> Result<Vec<Event>> {
        let Some(last) = self.last else {
            let id = self.organization_id;
            self.last = Some(self.vestibule.read(async |tx| tx.events().last(id).await.map_err(Error::from)).await?);
            return Ok(Vec::new());
        };
        if let Some(at) = self.paced {
            tokio::time::sleep_until(at).await;
        }
        let mut events = self.read(last).await?;
        if events.is_empty() {
            if !self.waits(last).await? {
                return Ok(events);
            }
            tokio::time::sleep(GATHER).await;
            events = self.read(last).await?;
        }
        self.last = events.last().map_or(self.last, |event| Some(event.number));
        self.paced = self.paced.map(|_| Instant::now() + BETWEEN);
        Ok(events)
    }

    /// Reads what comes after this event. A page needs only the newest.
    async fn read(&self, last: u64) -> Result<Vec<Event>> {
        let newest = self.events.borrow().saturating_sub(BATCH.into());
        let (id, after) = (self.organization_id, if self.paced.is_some() { last.max(newest) } else { last });
        self.vestibule.read(async |tx| tx.events().after(id, after, BATCH).await.map_err(Error::from)).await
    }

    /// Waits until there is an event after this one. Returns `false` if it is time to check the access before.
    async fn waits(&mut self, last: u64) -> Result<bool> {
        let until = Instant::now() + CHECK;
        loop {
            if *self.events.borrow_and_update() > last {
                return Ok(true);
            }
            tokio::select! {
                _ = self.events.changed() => {}
                () = changed(&mut self.sign_outs) => return Ok(false),
                () = tokio::time::sleep_until(until) => return Ok(false),
                error = self.vestibule.look_for_events() => return Err(error),
            }
        }
    }
}

/// Waits until the receiver changes, for ever if there is none.
async fn changed(receiver: &mut Option<watch::Receiver<u64>>) {
    match receiver {
        Some(receiver) => _ = receiver.changed().await,
        None => std::future::pending().await,
    }
}

impl Vestibule {
    /// Looks for events of other processes again and again, once nobody else does. Returns only if that fails.
    async fn look_for_events(&self) -> Error {
        let mut last = self.last_look.0.lock().await;
        loop {
            let next = last.map_or_else(Instant::now, |last| last + POLL);
            tokio::time::sleep_until(next).await;
            *last = Some(Instant::now());
            if let Err(error) = self.store.look_for_events().await {
                return error.into();
            }
        }
    }
}
