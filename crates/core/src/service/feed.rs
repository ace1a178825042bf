//! The live feed of an organization's events.

use super::{Error, Result, Scope, subject};
use futures::{Stream, stream};
use std::{sync::Arc, time::Duration};
use vestibule_domain::{Event, OrganizationId, Permission};

/// The interval of looking for events of other processes, which only the database reports.
const POLL: Duration = Duration::from_secs(2);
/// The time for which changes are gathered, so that they are read together.
const GATHER: Duration = Duration::from_millis(100);
/// The number of events per read.
const BATCH: u32 = 100;

impl subject::Feed<'_> {
    /// Returns the events after `number`, oldest first, at most `limit`.
    pub async fn events(self, scope: &Scope, number: u64, limit: u32) -> Result<Vec<Event>> {
        scope.require(Permission::AuditRead)?;
        self.read(async |tx| Ok(tx.events().after(scope.organization().id, number, limit).await?)).await
    }

    /// Returns a stream of batches of the organization's events from now on, in order, with none missing and none
    /// twice. A batch is empty when nothing happened for two seconds, which lets the caller check whether the listener
    /// still has access.
    pub fn from_now(self, scope: &Scope) -> impl Stream<Item = Result<Vec<Event>>> + Send + use<> {
        self.after(scope, None)
    }

    /// Returns the same stream as [`Self::from_now`], starting with the event after `last`.
    pub fn after(self, scope: &Scope, last: Option<u64>) -> impl Stream<Item = Result<Vec<Event>>> + Send + use<> {
        let (vestibule, id) = (Arc::clone(self.0), scope.organization().id);
        stream::unfold(last, move |last| {
            let vestibule = Arc::clone(&vestibule);
            async move {
                let next = vestibule.feed().next_events(id, last).await;
                let last = next.as_ref().ok().map(|(last, _)| *last).or(last);
                Some((next.map(|(_, events)| events), last))
            }
        })
    }

    async fn next_events(self, id: OrganizationId, last: Option<u64>) -> Result<(u64, Vec<Event>)> {
        let mut changes = self.0.store.changes();
        let Some(last) = last else {
            let last = self.read(async |tx| tx.events().last(id).await.map_err(Error::from)).await?;
            return Ok((last, Vec::new()));
        };
        let read = async || self.read(async |tx| tx.events().after(id, last, BATCH).await.map_err(Error::from)).await;
        let mut events = read().await?;
        if events.is_empty() {
            if tokio::time::timeout(POLL, changes.changed()).await.is_ok() {
                tokio::time::sleep(GATHER).await;
            }
            events = read().await?;
        }
        Ok((events.last().map_or(last, |event| event.number), events))
    }
}
