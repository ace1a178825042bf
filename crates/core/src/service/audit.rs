//! The audit log: the organization's events by filter, all of them for an export, and the check that none was tampered
//! with.

use super::{Result, Scope, outbox::page_request, subject};
use futures::{Stream, stream};
use std::sync::Arc;
use vestibule_domain::{
    Actor, Begin, Cursor, CursorPage, CursorPageRequest, Direction, Event, EventFilter, EventList, OrganizationId,
    Permission, Subjects, Verdict, audit::place, bounds::short,
};
use vestibule_store::{FilterMatches, Snapshot};

/// The number of events per read of an export.
const BATCH: u32 = 500;
/// The most people, and the most programs, that are offered as a filter: a longer list would be no help.
const CHOICES: u32 = 100;
/// Permissions that only read. People with no others rarely cause events, so they are not offered as a filter.
const READING: [Permission; 3] = [Permission::OrganizationRead, Permission::UserRead, Permission::AuditRead];

/// Some events, with the people and invitations that they are about.
pub struct Batch {
    pub events: Vec<Event>,
    pub subjects: Subjects,
}

/// An export: a filter, and the last event at the time when it was started.
struct Export {
    id: OrganizationId,
    filter: EventFilter,
    matches: FilterMatches,
    last: u64,
}

impl subject::Audit<'_> {
    /// Returns a page of the log, newest first. `cursor` is the `newer` or `older` of another page.
    pub async fn page(
        self,
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
            let head = tx.events().head(id).await?;
            let matches = tx.events().filter_matches(id, filter).await?;
            let events = tx.events().filtered(id, filter, &matches, request).await?;
            let page = CursorPage::new(events, request, id, place);
            let subjects = tx.events().subjects(id, &page.items).await?;
            let actors = actors(tx, id, filter.actor_id.as_deref()).await?;
            Ok(EventList { page, subjects, actors, head, now })
        })
        .await
    }

    /// Returns the matching events after `number`, oldest first: at most `limit`, and one more if there are more.
    pub async fn after(self, scope: &Scope, filter: &EventFilter, number: u64, limit: u32) -> Result<Vec<Event>> {
        scope.require(Permission::AuditRead)?;
        short("q", filter.text.as_deref())?;
        let id = scope.organization().id;
        self.read(async |tx| {
            let matches = tx.events().filter_matches(id, filter).await?;
            Ok(tx.events().filtered(id, filter, &matches, after(id, number, limit)).await?)
        })
        .await
    }

    /// Returns a stream of all matching events up to now, oldest first. It reads on only as it is consumed, so that few
    /// events are in memory however many there are.
    pub async fn all(
        self,
        scope: &Scope,
        filter: EventFilter,
    ) -> Result<impl Stream<Item = Result<Batch>> + Send + use<>> {
        scope.require(Permission::AuditRead)?;
        short("q", filter.text.as_deref())?;
        let id = scope.organization().id;
        let export = self
            .read(async |tx| {
                let (matches, last) =
                    (tx.events().filter_matches(id, &filter).await?, tx.events().head(id).await?.number);
                Ok(Export { id, filter, matches, last })
            })
            .await?;
        Ok(stream::unfold((Arc::clone(self.0), export, Some(0)), |(vestibule, export, number)| async move {
            match vestibule.audit().batch(&export, number?).await {
                Ok((batch, next)) => Some((Ok(batch), (vestibule, export, next))),
                Err(error) => Some((Err(error), (vestibule, export, None))),
            }
        }))
    }

    /// Returns the next events after `number`, and the number to continue after, or `None` at the end.
    async fn batch(self, export: &Export, number: u64) -> Result<(Batch, Option<u64>)> {
        let (id, page) = (export.id, after(export.id, number, BATCH - 1));
        self.read(async |tx| {
            let mut events = tx.events().filtered(id, &export.filter, &export.matches, page).await?;
            let next = events.last().filter(|_| events.len() == BATCH as usize).map(|event| event.number);
            events.retain(|event| event.number <= export.last);
            let subjects = tx.events().subjects(id, &events).await?;
            Ok((Batch { events, subjects }, next.filter(|next| *next < export.last)))
        })
        .await
    }

    /// Verifies the organization's chain of events.
    pub async fn verify(self, scope: &Scope) -> Result<Verdict> {
        scope.require(Permission::AuditRead)?;
        Ok(self.0.store.verify_chain(scope.organization().id, |_| ()).await?)
    }
}

fn after(organization_id: OrganizationId, number: u64, limit: u32) -> CursorPageRequest {
    let row = uuid::Uuid::from_u128(u128::from(number));
    let cursor = Some(Cursor { organization_id, direction: Direction::Newer, row });
    CursorPageRequest { cursor, limit, begin: Begin::Oldest }
}

/// Returns the actors to offer as a filter: programs, people who may change something, and the one chosen now, who may
/// have left since.
async fn actors(tx: &mut Snapshot, id: OrganizationId, chosen: Option<&str>) -> Result<Vec<Actor>> {
    let changing = |permission: &Permission| !READING.contains(permission);
    let roles: Vec<_> = tx
        .roles()
        .all(id)
        .await?
        .into_iter()
        .filter(|role| role.permissions.iter().any(changing))
        .map(|role| role.id)
        .collect();
    let people = tx.events().holders(id, &roles, CHOICES).await?;
    let mut actors: Vec<Actor> = people.into_iter().map(|(id, name)| Actor::Member { id, name }).collect();
    actors.extend(tx.api_keys().all(id).await?.into_iter().take(CHOICES as usize).map(|key| key.actor()));
    if let Some(key) = chosen.filter(|key| actors.iter().all(|actor| actor.key() != **key)) {
        actors.extend(tx.events().last_actor(id, key).await?);
    }
    Ok(actors)
}
