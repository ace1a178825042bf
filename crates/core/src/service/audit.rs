//! The audit log: the organization's events by filter, all of them for an export, and whether they are as written.

use super::{Result, Scope, Vestibule, outbox::page_request};
use futures::{Stream, stream};
use std::sync::Arc;
use vestibule_domain::{
    Actor, Begin, Cursor, Direction, Event, EventFilter, EventList, OrganizationId, Page, PageRequest, Permission,
    Subjects, Verdict, audit::place, bounds::short,
};
use vestibule_store::{Narrowed, Snapshot};

/// Events read at once where all of them are read.
const BATCH: u32 = 500;
/// People, and programs, that a log can be narrowed down to by choosing: a longer list is no choice.
const CHOICES: u32 = 100;
/// Whoever may do no more than this rarely does anything.
const READING: [Permission; 3] = [Permission::OrganizationRead, Permission::UserRead, Permission::AuditRead];

/// Some events, with whom they are about.
pub struct Batch {
    pub events: Vec<Event>,
    pub subjects: Subjects,
}

/// All that matched at one time.
struct Export {
    id: OrganizationId,
    filter: EventFilter,
    narrowed: Narrowed,
    last: u64,
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
        short("q", filter.text.as_deref())?;
        let (now, id) = (self.now(), scope.organization().id);
        let request = page_request(scope, cursor, limit)?;
        self.read(async |tx| {
            let head = tx.head(id).await?;
            let narrowed = tx.narrow(id, filter).await?;
            let events = tx.filtered_events(id, filter, &narrowed, request).await?;
            let page = Page::new(events, request, id, place);
            let subjects = tx.subjects(id, &page.items).await?;
            let actors = actors(tx, id, filter.actor_id.as_deref()).await?;
            Ok(EventList { page, subjects, actors, head, now })
        })
        .await
    }

    /// Those after `number` that match, oldest first, at most `limit` and one more, which tells that there are more.
    pub async fn matching_events(
        &self,
        scope: &Scope,
        filter: &EventFilter,
        number: u64,
        limit: u32,
    ) -> Result<Vec<Event>> {
        scope.require(Permission::AuditRead)?;
        short("q", filter.text.as_deref())?;
        let id = scope.organization().id;
        self.read(async |tx| {
            let narrowed = tx.narrow(id, filter).await?;
            Ok(tx.filtered_events(id, filter, &narrowed, after(id, number, limit)).await?)
        })
        .await
    }

    /// All that match and have happened by now, oldest first. Reads on only as it is taken from, so that however many
    /// there are, few are held.
    pub async fn all_events(
        self: &Arc<Self>,
        scope: &Scope,
        filter: EventFilter,
    ) -> Result<impl Stream<Item = Result<Batch>> + Send + use<>> {
        scope.require(Permission::AuditRead)?;
        short("q", filter.text.as_deref())?;
        let id = scope.organization().id;
        let export = self
            .read(async |tx| {
                let (narrowed, last) = (tx.narrow(id, &filter).await?, tx.head(id).await?.number);
                Ok(Export { id, filter, narrowed, last })
            })
            .await?;
        Ok(stream::unfold((Arc::clone(self), export, Some(0)), |(vestibule, export, number)| async move {
            match vestibule.batch(&export, number?).await {
                Ok((batch, next)) => Some((Ok(batch), (vestibule, export, next))),
                Err(error) => Some((Err(error), (vestibule, export, None))),
            }
        }))
    }

    /// Those after `number`, and after which to go on; none at the end.
    async fn batch(&self, export: &Export, number: u64) -> Result<(Batch, Option<u64>)> {
        let (id, page) = (export.id, after(export.id, number, BATCH - 1));
        self.read(async |tx| {
            let mut events = tx.filtered_events(id, &export.filter, &export.narrowed, page).await?;
            let next = events.last().filter(|_| events.len() == BATCH as usize).map(|event| event.number);
            events.retain(|event| event.number <= export.last);
            let subjects = tx.subjects(id, &events).await?;
            Ok((Batch { events, subjects }, next.filter(|next| *next < export.last)))
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

/// Programs, people who may change something, and whoever is chosen, who may be none of these any more.
async fn actors(tx: &mut Snapshot, id: OrganizationId, chosen: Option<&str>) -> Result<Vec<Actor>> {
    let changing = |permission: &Permission| !READING.contains(permission);
    let roles: Vec<_> = tx
        .roles(id)
        .await?
        .into_iter()
        .filter(|role| role.permissions.iter().any(changing))
        .map(|role| role.id)
        .collect();
    let people = tx.holders(id, &roles, CHOICES).await?;
    let mut actors: Vec<Actor> = people.into_iter().map(|(id, name)| Actor::Member { id, name }).collect();
    actors.extend(tx.api_keys(id).await?.into_iter().take(CHOICES as usize).map(|key| key.actor()));
    if let Some(key) = chosen.filter(|key| actors.iter().all(|actor| actor.key() != **key)) {
        actors.extend(tx.last_actor(id, key).await?);
    }
    Ok(actors)
}
