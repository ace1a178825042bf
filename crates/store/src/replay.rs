//! Rows together with their events, a page at a time in the order of their ids, so that a million of them need no more
//! memory than a few.

use super::id_lists::{INVITATION_ROLES, MEMBER_ROLES, read_ids};
use super::{Error, Snapshot, Store, on};
use sqlx::{AssertSqlSafe, types::Json};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};
use uuid::Uuid;
use vestibule_domain::replay::{
    OrganizationThings, ReplayedEvent, RoleNames, StoredInvitation, StoredMember, of_invitation, of_member,
};
use vestibule_domain::{ErasedPerson, Fact, InvitationId, MemberId, OrganizationId, Role};

/// The number of rows that are read at once, each with all of its events.
const PAGE: i64 = 500;

#[derive(sqlx::FromRow)]
struct EventRow {
    organization_id: Uuid,
    number: i64,
    invitation_id: Option<Uuid>,
    member_id: Option<Uuid>,
    fact: String,
}

#[derive(sqlx::FromRow)]
struct InvitationColumns {
    id: Uuid,
    organization_id: Uuid,
    email: String,
    email_typed: String,
    role_ids: String,
    generation: i64,
    last_generation: Option<i64>,
    status: String,
    member_id: Option<Uuid>,
}

#[derive(sqlx::FromRow)]
struct MemberColumns {
    id: Uuid,
    organization_id: Uuid,
    role_ids: String,
    invitation_id: Option<Uuid>,
    email: String,
    email_typed: String,
    invited: Option<String>,
}

/// A fault of a row: its organization, and a half sentence with its name.
pub type RowError = (OrganizationId, String);

/// The faults of one page, and the row after which to continue, or `None` at the end.
pub struct Compared {
    pub faults: Vec<RowError>,
    pub rows: u64,
    pub next: Option<Uuid>,
}

impl EventRow {
    /// Returns `None` for an event that can't be read. The check of the chain reports it.
    fn replayed(self) -> Option<ReplayedEvent> {
        Some(ReplayedEvent {
            organization_id: self.organization_id.into(),
            number: self.number.unsigned_abs(),
            invitation_id: self.invitation_id.map(Into::into),
            member_id: self.member_id.map(Into::into),
            fact: serde_json::from_str(&self.fact).ok()?,
        })
    }
}

impl Store {
    /// Returns the names that the organization's roles have had, and what is wrong with its roles, keys, webhooks and
    /// resources.
    pub(super) async fn compare_things(&self, id: OrganizationId) -> Result<(RoleNames, Vec<String>), Error> {
        let read = async |tx: &mut Snapshot| {
            let things = tx.things(id).await?;
            let has_owner = match things.roles.iter().find(|role| role.key == Role::OWNER) {
                Some(role) => tx.members().count_holders(id, role.id).await? > 0,
                None => false,
            };
            Ok::<_, Error>((things, tx.facts_of_things(id).await?, has_owner, tx.erasing().await?))
        };
        let (things, facts, has_owner, erasing) = self.read(read).await?;
        let (mut names, mut faults) = RoleNames::compared(&things, &facts);
        if !faults.is_empty() && erasing.0.contains_key(&id) {
            let facts: Vec<_> = facts.into_iter().map(|(number, fact)| (number, erasing.taken_out(id, fact))).collect();
            (names, faults) = RoleNames::compared(&things, &facts);
        }
        if !has_owner {
            faults.push("it has no owner: no member holds the role “owner”".to_owned());
        }
        Ok((names, faults))
    }

    /// Compares the invitations after this one with their events.
    pub(super) async fn compare_invitations(
        &self,
        after: Uuid,
        roles: &HashMap<OrganizationId, RoleNames>,
    ) -> Result<Compared, Error> {
        let read =
            async |tx: &mut Snapshot| Ok::<_, Error>((tx.invitations_with_events(after).await?, tx.erasing().await?));
        let ((rows, events), erasing) = self.read(read).await?;
        let (count, next) = (rows.len() as u64, full(rows.last().map(|row| row.id), rows.len()));
        let rows = rows.into_iter().map(|row| (row.id, row.into()));
        let faults = matched(
            rows,
            events,
            |event| event.invitation_id.map(InvitationId::uuid),
            |row: Option<&StoredInvitation>, events| {
                let of = row.map(|row| row.organization_id).or(events.first().map(|event| event.organization_id))?;
                let events =
                    erasing.events(of, events, |person| row.is_some_and(|row| row.email == person.address().as_str()));
                Some((of, of_invitation(row, &events, roles.get(&of)?)))
            },
        );
        Ok(Compared { faults: named("invitation", faults), rows: count, next })
    }

    /// Compares the members after this one with their events.
    pub(super) async fn compare_members(
        &self,
        after: Uuid,
        roles: &HashMap<OrganizationId, RoleNames>,
    ) -> Result<Compared, Error> {
        let read =
            async |tx: &mut Snapshot| Ok::<_, Error>((tx.members_with_events(after).await?, tx.erasing().await?));
        let ((rows, events), erasing) = self.read(read).await?;
        let (count, next) = (rows.len() as u64, full(rows.last().map(|row| row.id), rows.len()));
        let rows = rows.into_iter().map(|row| (row.id, row.into()));
        let faults = matched(
            rows,
            events,
            |event| event.member_id.map(MemberId::uuid),
            |row: Option<&StoredMember>, events| {
                let of = row.map(|row| row.organization_id).or(events.first().map(|event| event.organization_id))?;
                let events = erasing.events(of, events, |_| false);
                Some((of, of_member(row, &events, roles.get(&of)?)))
            },
        );
        Ok(Compared { faults: named("member", faults), rows: count, next })
    }
}

/// The people who are being erased, by organization. Their rows are replaced at once, but their events one after the
/// other.
struct Erasing(HashMap<OrganizationId, Vec<ErasedPerson>>);

impl Erasing {
    /// Returns the events as they will be after the erasures.
    fn events<'a>(
        &self,
        of: OrganizationId,
        events: &'a [ReplayedEvent],
        is_own: impl Fn(&ErasedPerson) -> bool,
    ) -> Cow<'a, [ReplayedEvent]> {
        let Some(people) = self.0.get(&of) else { return events.into() };
        let without = |event: &ReplayedEvent| {
            people.iter().fold(event.clone(), |event, person| event.without(person, is_own(person)))
        };
        events.iter().map(without).collect()
    }

    /// Returns the fact as it will be after the erasures. It must not be about those people.
    fn taken_out(&self, of: OrganizationId, fact: Fact) -> Fact {
        self.0.get(&of).into_iter().flatten().fold(fact, |fact, person| person.fact(&fact, false))
    }
}

/// Returns the last id of a full page, because there may be another page.
fn full(last: Option<Uuid>, count: usize) -> Option<Uuid> {
    last.filter(|_| count == PAGE as usize)
}

type Judged = (Uuid, OrganizationId, Vec<String>);

/// Returns the faults of each row with its events, and of each missing row with the events that are left of it. A row
/// is skipped if `judge` does not know its organization, or does not compare this.
fn matched<R>(
    rows: impl Iterator<Item = (Uuid, R)>,
    events: Vec<EventRow>,
    subject: impl Fn(&ReplayedEvent) -> Option<Uuid>,
    judge: impl Fn(Option<&R>, &[ReplayedEvent]) -> Option<(OrganizationId, Vec<String>)>,
) -> Vec<Judged> {
    let mut pairs: BTreeMap<Uuid, (Option<R>, Vec<ReplayedEvent>)> =
        rows.map(|(id, row)| (id, (Some(row), Vec::new()))).collect();
    for event in events.into_iter().filter_map(EventRow::replayed) {
        if let Some(id) = subject(&event) {
            pairs.entry(id).or_insert_with(|| (None, Vec::new())).1.push(event);
        }
    }
    let judged = pairs.into_iter().filter_map(|(id, (row, events))| {
        let (of, faults) = judge(row.as_ref(), &events)?;
        Some((id, of, faults))
    });
    judged.filter(|(.., faults)| !faults.is_empty()).collect()
}

fn named(noun: &str, judged: Vec<Judged>) -> Vec<RowError> {
    let each = judged
        .into_iter()
        .flat_map(|(id, of, faults)| faults.into_iter().map(move |fault| (of, format!("{noun} {id} {fault}"))));
    each.collect()
}

impl Snapshot {
    async fn invitations_with_events(&mut self, after: Uuid) -> Result<(Vec<InvitationColumns>, Vec<EventRow>), Error> {
        let rows = format!(
            "select i.id, i.organization_id, i.email, i.email_typed, {} as role_ids, i.generation, i.last_generation, i.status, i.member_id
            from invitations i where i.id > $1 order by i.id limit $2",
            self.id_list(INVITATION_ROLES, "i.id")
        );
        const EVENTS: &str = "select organization_id, number, invitation_id, member_id, fact from events
            where invitation_id > $1 and invitation_id <= $2 order by invitation_id, number";
        let rows: Vec<InvitationColumns> =
            on!(self, |c| sqlx::query_as(AssertSqlSafe(rows)).bind(after).bind(PAGE).fetch_all(c).await)?;
        let until = full(rows.last().map(|row| row.id), rows.len()).unwrap_or(Uuid::max());
        let events = on!(self, |c| sqlx::query_as(EVENTS).bind(after).bind(until).fetch_all(c).await)?;
        Ok((rows, events))
    }

    async fn members_with_events(&mut self, after: Uuid) -> Result<(Vec<MemberColumns>, Vec<EventRow>), Error> {
        let rows = format!(
            "select m.id, m.organization_id, {} as role_ids, m.invitation_id, u.email, u.email_typed, i.email as invited
            from members m join users u on u.id = m.user_id left join invitations i on i.id = m.invitation_id
            where m.id > $1 order by m.id limit $2",
            self.id_list(MEMBER_ROLES, "m.id")
        );
        const EVENTS: &str = "select organization_id, number, invitation_id, member_id, fact from events
            where member_id > $1 and member_id <= $2 order by member_id, number";
        let rows: Vec<MemberColumns> =
            on!(self, |c| sqlx::query_as(AssertSqlSafe(rows)).bind(after).bind(PAGE).fetch_all(c).await)?;
        let until = full(rows.last().map(|row| row.id), rows.len()).unwrap_or(Uuid::max());
        let events = on!(self, |c| sqlx::query_as(EVENTS).bind(after).bind(until).fetch_all(c).await)?;
        Ok((rows, events))
    }

    async fn erasing(&mut self) -> Result<Erasing, Error> {
        const SQL: &str = "select organization_id, person from erasures";
        let rows: Vec<(Uuid, Json<ErasedPerson>)> = on!(self, |c| sqlx::query_as(SQL).fetch_all(c).await)?;
        let mut people: HashMap<OrganizationId, Vec<ErasedPerson>> = HashMap::new();
        for (id, person) in rows {
            people.entry(id.into()).or_default().push(person.0);
        }
        Ok(Erasing(people))
    }

    async fn things(&mut self, id: OrganizationId) -> Result<OrganizationThings, Error> {
        const KEYS: &str = "select id, revoked_at is null from api_keys where organization_id = $1";
        const ENDPOINTS: &str = "select id from webhook_endpoints where organization_id = $1";
        const RESOURCES: &str = "select id from resources where organization_id = $1";
        let roles = self.roles().all(id).await?;
        let keys: Vec<(Uuid, bool)> = on!(self, |c| sqlx::query_as(KEYS).bind(id.uuid()).fetch_all(c).await)?;
        let endpoints: Vec<Uuid> = on!(self, |c| sqlx::query_scalar(ENDPOINTS).bind(id.uuid()).fetch_all(c).await)?;
        let resources: Vec<Uuid> = on!(self, |c| sqlx::query_scalar(RESOURCES).bind(id.uuid()).fetch_all(c).await)?;
        Ok(OrganizationThings {
            roles,
            api_keys: keys.into_iter().map(|(id, works)| (id.into(), works)).collect(),
            endpoints: endpoints.into_iter().map(Into::into).collect(),
            resources: resources.into_iter().map(Into::into).collect(),
        })
    }

    async fn facts_of_things(&mut self, id: OrganizationId) -> Result<Vec<(u64, Fact)>, Error> {
        const SQL: &str = "select number, fact from events where organization_id = $1 and action in ('role.created',
            'role.edited', 'role.deleted', 'api_key.created', 'api_key.revoked', 'webhook.created', 'webhook.deleted',
            'resource.created', 'resource.deleted') order by number";
        let rows: Vec<(i64, String)> = on!(self, |c| sqlx::query_as(SQL).bind(id.uuid()).fetch_all(c).await)?;
        let read = |(number, fact): (i64, String)| Some((number.unsigned_abs(), serde_json::from_str(&fact).ok()?));
        Ok(rows.into_iter().filter_map(read).collect())
    }
}

impl From<InvitationColumns> for StoredInvitation {
    fn from(row: InvitationColumns) -> Self {
        Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            email: row.email,
            email_typed: row.email_typed,
            role_ids: read_ids(&row.role_ids),
            generation: row.generation.unsigned_abs(),
            last_generation: row.last_generation.map(i64::unsigned_abs),
            status: row.status,
            member_id: row.member_id.map(Into::into),
        }
    }
}

impl From<MemberColumns> for StoredMember {
    fn from(row: MemberColumns) -> Self {
        Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            role_ids: read_ids(&row.role_ids),
            invitation_id: row.invitation_id.map(Into::into),
            email: row.email,
            email_typed: row.email_typed,
            invited: row.invited,
        }
    }
}
