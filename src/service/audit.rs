//! The audit log: the organization's events by filter, all of them for an export, and whether they are as written.

use super::{Result, Scope, Vestibule, outbox::page_request};
use crate::domain::{
    Begin, Cursor, Direction, Event, EventFilter, EventList, InvitationId, OrganizationId, Page, PageRequest, Permission,
    Subject, Verdict, audit::place,
};
use crate::store::Tx;
use futures::{Stream, stream};
use std::{collections::BTreeMap, sync::Arc};

/// Events read at once where all of them are read.
const BATCH: u32 = 500;

/// Some events, with whom they are about.
pub struct Batch {
    pub events: Vec<Event>,
    pub subjects: BTreeMap<InvitationId, Subject>,
}

impl Vestibule {
    /// A page of the log, newest first. `cursor` is a page's `newer` or `older`.
    pub async fn audit(
        &self,
        scope: &Scope,
        filter: &EventFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<EventList> {
        scope.require(Permission::AuditRead)?;
        let (now, id) = (self.now(), scope.organization().id);
        let request = page_request(scope, cursor, limit)?;
        self.read(async |tx| {
            let head = tx.head(id).await?;
            let events = tx.filtered_events(id, filter, request).await?;
            let page = Page::new(events, request, id, place);
            let subjects = subjects(tx, id, &page.items).await?;
            Ok(EventList { page, subjects, head, now })
        })
        .await
    }

    /// Those after `number` that match, oldest first, at most `limit`.
    pub async fn matching_events(
        &self,
        scope: &Scope,
        filter: &EventFilter,
        number: u64,
        limit: u32,
    ) -> Result<Vec<Event>> {
        scope.require(Permission::AuditRead)?;
        let id = scope.organization().id;
        self.read(async |tx| Ok(tx.filtered_events(id, filter, after(id, number, limit)).await?)).await
    }

    /// All that match and have happened by now, oldest first. Reads on only as it is taken from, so that however many
    /// there are, few are held.
    pub async fn all_events(
        self: &Arc<Self>,
        scope: &Scope,
        filter: EventFilter,
    ) -> Result<impl Stream<Item = Result<Batch>> + Send + use<>> {
        scope.require(Permission::AuditRead)?;
        let id = scope.organization().id;
        let last = self.read(async |tx| Ok(tx.head(id).await?.number)).await?;
        let state = (Arc::clone(self), filter, Some(0));
        Ok(stream::unfold(state, move |(vestibule, filter, number)| async move {
            match vestibule.batch(id, &filter, number?, last).await {
                Ok((batch, next)) => Some((Ok(batch), (vestibule, filter, next))),
                Err(error) => Some((Err(error), (vestibule, filter, None))),
            }
        }))
    }

    /// Those after `number` and up to `last`, and after which to go on; none at the end.
    async fn batch(
        &self,
        id: OrganizationId,
        filter: &EventFilter,
        number: u64,
        last: u64,
    ) -> Result<(Batch, Option<u64>)> {
        self.read(async |tx| {
            let mut events = tx.filtered_events(id, filter, after(id, number, BATCH - 1)).await?;
            let next = events.last().filter(|_| events.len() == BATCH as usize).map(|event| event.number);
            events.retain(|event| event.number <= last);
            let subjects = subjects(tx, id, &events).await?;
            Ok((Batch { events, subjects }, next.filter(|next| *next < last)))
        })
        .await
    }

    /// Walks along the organization's chain.
    pub async fn verify_events(&self, scope: &Scope) -> Result<Verdict> {
        scope.require(Permission::AuditRead)?;
        Ok(self.store.verify_chain(scope.organization().id, |_| ()).await?)
    }
}

fn after(organization_id: OrganizationId, number: u64, limit: u32) -> PageRequest {
    let row = uuid::Uuid::from_u128(u128::from(number));
    let cursor = Some(Cursor { organization_id, direction: Direction::Newer, row });
    PageRequest { cursor, limit, begin: Begin::Oldest }
}

async fn subjects(tx: &mut Tx, id: OrganizationId, events: &[Event]) -> Result<BTreeMap<InvitationId, Subject>> {
    Ok(tx.subjects(id, events.iter().filter_map(|event| event.invitation_id)).await?)
}
