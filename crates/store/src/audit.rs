//! Events by filter. With a million of them in one organization a page must not read them all. So the statement is
//! built from the conditions in the filter, and starts at the index that leaves the fewest rows.

use super::id_lists::MEMBER_ROLES;
use super::values::{Value, Values, bound};
use super::{
    Error, Snapshot, corrupt,
    direct::DirectRow,
    events::Row,
    lists::{Arm, List, Part},
    on,
    search::{OF_INVITATIONS, OF_MEMBERS, condition_of_words},
    subject::Events,
};
use sqlx::{AssertSqlSafe, FromRow, postgres::PgRow};
use std::collections::BTreeSet;
use uuid::Uuid;
use vestibule_domain::{
    Actor, CursorPageRequest, Event, EventFilter, Instant, InvitationId, MemberId, Name, OrganizationId, RoleId,
    SearchWord, Subject, Subjects, UserId,
};

const COLUMNS: &str =
    "e.id, e.organization_id, e.number, e.at, e.actor, e.invitation_id, e.member_id, e.action, e.fact,
    e.hash";

/// The most invitations and members with a text that are looked up one by one. If there are more, matching events are
/// never far apart, and are soon found by reading all. Each is a parameter, and SQLite allows 32,766.
const FEW: usize = 5_000;

/// The first and the last number that can match, or `None` if nothing is known.
#[derive(Clone, Copy, Default)]
struct Span {
    first: Option<i64>,
    last: Option<i64>,
}

/// Where the events of a filter can be.
#[derive(Default)]
pub struct FilterMatches {
    found: Option<Found>,
    span: Span,
}

/// The ids whose names or email addresses contain a text.
struct Found {
    invitations: Vec<Uuid>,
    members: Vec<Uuid>,
}

impl Events<'_> {
    /// Returns where matching events can be. The result is good for one page, or for all pages of the events up to now.
    pub async fn filter_matches(
        &mut self,
        organization_id: OrganizationId,
        filter: &EventFilter,
    ) -> Result<FilterMatches, Error> {
        if filter.invitation_id.is_some() || filter.member_id.is_some() {
            return Ok(FilterMatches::default());
        }
        let mut span = self.span(organization_id, filter).await?;
        let Some(text) = &filter.text else { return Ok(FilterMatches { found: None, span }) };
        // events of invitations that are created after the look-up would be missing among others
        let head = self.last(organization_id).await?.cast_signed();
        let found = self.few_found(organization_id, text).await?;
        if found.is_some() {
            span.last = Some(span.last.map_or(head, |last| last.min(head)));
        }
        Ok(FilterMatches { found, span })
    }

    /// Returns a page of the matching events and one row more, from the cursor on, in the direction's order. The
    /// cursor's row is [`vestibule_domain::audit::place`].
    pub async fn filtered(
        &mut self,
        organization_id: OrganizationId,
        filter: &EventFilter,
        matches: &FilterMatches,
        page: CursorPageRequest,
    ) -> Result<Vec<Event>, Error> {
        let (list, part) = self.0.events_by(organization_id, filter, matches, page);
        let sql = list.select(COLUMNS, "", &part);
        let List { values, is_usual, .. } = list;
        let rows: Vec<Row> = on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)).persistent(is_usual), values)
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the numbers between which the events of the filter's time are. Clocks differ and are set back, so some
    /// events between them may be of another time. `+ 0` makes the database read the index by time, and not event by
    /// event until one matches.
    async fn span(&mut self, organization_id: OrganizationId, filter: &EventFilter) -> Result<Span, Error> {
        const FIRST: &str = "select coalesce(min(number + 0), -1) from events where organization_id = $1 and at >= $2";
        const LAST: &str = "select coalesce(max(number + 0), -1) from events where organization_id = $1 and at < $2";
        let mut bound = async |sql, at: Option<Instant>| -> Result<Option<i64>, Error> {
            let Some(at) = at else { return Ok(None) };
            let number =
                on!(self.0, |c| sqlx::query_scalar(sql).bind(organization_id.uuid()).bind(at).fetch_one(c).await)?;
            Ok(Some(number))
        };
        let first = bound(FIRST, filter.from).await?.map(|number| if number < 0 { i64::MAX } else { number });
        Ok(Span { first, last: bound(LAST, filter.to).await? })
    }

    /// Returns the invitations and members whose name or email address contains the text, or `None` if there are more
    /// than [`FEW`].
    async fn few_found(&mut self, organization_id: OrganizationId, text: &str) -> Result<Option<Found>, Error> {
        const MOST: u32 = FEW as u32 + 1;
        let words = SearchWord::all(text);
        let mut list = self.0.with_words(&OF_INVITATIONS, organization_id, &words);
        let (rows, limit) = (list.select_all("i.id"), list.limit(Some(MOST)));
        let (sql, values) = (format!("{rows}{limit}"), list.values);
        let mut invitations: Vec<Uuid> =
            on!(self.0, |c| bound!(sqlx::query_scalar(AssertSqlSafe(sql)).persistent(false), values)
                .fetch_all(c)
                .await)?;
        let mut list = self.0.with_words(&OF_MEMBERS, organization_id, &words);
        let (rows, limit) = (list.select_all("m.id, m.invitation_id"), list.limit(Some(MOST)));
        let (sql, values) = (format!("{rows}{limit}"), list.values);
        let members: Vec<(Uuid, Option<Uuid>)> =
            on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)).persistent(false), values).fetch_all(c).await)?;
        if invitations.len() > FEW || members.len() > FEW {
            return Ok(None);
        }
        invitations.extend(members.iter().filter_map(|(_, invitation_id)| *invitation_id));
        Ok(Some(Found { invitations, members: members.into_iter().map(|(id, _)| id).collect() }))
    }

    /// Returns whom these events are about.
    pub async fn subjects(&mut self, organization_id: OrganizationId, events: &[Event]) -> Result<Subjects, Error> {
        let invitations = events.iter().filter_map(|event| event.invitation_id).map(InvitationId::uuid).collect();
        let members = events.iter().filter_map(|event| event.member_id).map(MemberId::uuid).collect();
        let rows: Vec<(Uuid, String, Option<String>)> =
            self.those("select id, email_typed, name from invitations", organization_id, invitations).await?;
        let invitations = rows.into_iter().map(|(id, email, name)| (id.into(), Subject { email, name })).collect();
        let rows: Vec<(Uuid,)> = self.those("select id from members", organization_id, members).await?;
        Ok(Subjects { invitations, members: rows.into_iter().map(|(id,)| id.into()).collect() })
    }

    /// Returns the rows with these ids.
    async fn those<T>(&mut self, select: &str, of: OrganizationId, ids: BTreeSet<Uuid>) -> Result<Vec<T>, Error>
    where
        T: for<'r> FromRow<'r, DirectRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut values = Values::default();
        let of = values.add(Value::Id(of.uuid()));
        let ids = values.add_all(ids.into_iter().map(Value::Id));
        let sql = format!("{select} where organization_id = {of} and id in ({ids})");
        on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)), values).fetch_all(c).await)
    }

    /// Returns the person or program with the name in their last event, or `None` without an event.
    pub async fn last_actor(&mut self, organization_id: OrganizationId, key: &str) -> Result<Option<Actor>, Error> {
        const SQL: &str =
            "select actor from events where organization_id = $1 and actor_id = $2 order by number desc limit 1";
        let text: Option<String> =
            on!(self.0, |c| sqlx::query_scalar(SQL).bind(organization_id.uuid()).bind(key).fetch_optional(c).await)?;
        text.map(|text| serde_json::from_str(&text).map_err(|_| corrupt("events.actor"))).transpose()
    }

    /// Returns the members who hold one of these roles, by name, at most `limit`.
    pub async fn holders(
        &mut self,
        organization_id: OrganizationId,
        role_ids: &[RoleId],
        limit: u32,
    ) -> Result<Vec<(UserId, Name)>, Error> {
        let mut values = Values::default();
        let (of, limit) = (values.add(Value::Id(organization_id.uuid())), values.add(Value::Number(i64::from(limit))));
        if role_ids.is_empty() {
            return Ok(Vec::new());
        }
        let held = MEMBER_ROLES.owners(&values.add_each(role_ids.iter().map(|id| Value::Id(id.uuid()))));
        let sql = format!(
            "select u.id, u.name from ({held}) held cross join members m cross join users u
            where m.id = held.id and m.organization_id = {of} and u.id = m.user_id order by u.name, u.id limit {limit}"
        );
        let rows: Vec<(Uuid, String)> =
            on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)), values).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(id, name)| (id.into(), Name::stored(name))).collect())
    }
}

impl Snapshot {
    /// Returns the list of the events that match the filter, and the part that a page shows, and one row more.
    fn events_by(
        &self,
        organization_id: OrganizationId,
        filter: &EventFilter,
        matches: &FilterMatches,
        page: CursorPageRequest,
    ) -> (List, Part) {
        let mut list = List::of("events e", "e.number");
        // a list of ids rarely comes again
        list.is_usual = matches.found.is_none();
        let of = list.add(Value::Id(organization_id.uuid()));
        list.and(format!("e.organization_id = {of}"));
        list.within(format!("e.organization_id = {of}"));
        for (side, number) in [(">=", matches.span.first), ("<=", matches.span.last)] {
            if let Some(number) = number {
                list.and_value(&format!("e.number {side}"), Value::Number(number));
            }
        }
        let arms = self.arms_of_events(&mut list, filter, matches.found.as_ref());
        list.by(arms);
        add_conditions(&mut list, filter, matches.found.is_some());
        let number = |row: Uuid| Value::Number(i64::try_from(row.as_u128()).unwrap_or(i64::MAX));
        let after = page.cursor.map(|cursor| number(cursor.row));
        let part = list.part(page.direction(), after, i64::from(page.limit) + 1);
        (list, part)
    }

    /// Returns the arms of the list. Each matching event is found by one of them.
    fn arms_of_events(&self, list: &mut List, filter: &EventFilter, found: Option<&Found>) -> Vec<Arm> {
        let by = |index: &str| Arm::of(format!("events e{}", self.by_index(index)), "e.number");
        if let Some(id) = filter.invitation_id {
            let id = list.add(Value::Id(id.uuid()));
            return vec![by("events_by_invitation").and(format!("e.invitation_id = {id}"))];
        }
        if let Some(id) = filter.member_id {
            let id = list.add(Value::Id(id.uuid()));
            return vec![by("events_by_member").and(format!("e.member_id = {id}"))];
        }
        if let (Some(found), Some(text)) = (found, &filter.text) {
            let named = condition_of_words(&mut list.values, "e.search", &SearchWord::all(text));
            let mut arms = vec![by("events_by_search").and("e.search <> ''").and(named)];
            for (index, column, ids) in [
                ("events_by_invitation", "invitation_id", &found.invitations),
                ("events_by_member", "member_id", &found.members),
            ] {
                if !ids.is_empty() {
                    let ids = list.values.add_all(ids.iter().copied().map(Value::Id));
                    arms.push(by(index).and(format!("e.{column} in ({ids})")));
                }
            }
            return arms;
        }
        if let Some(actor_id) = &filter.actor_id {
            let actor_id = list.add(Value::Text(actor_id.clone()));
            return vec![by("events_by_actor").and(format!("e.actor_id = {actor_id}"))];
        }
        if filter.actions.is_empty() {
            return vec![Arm::of("events e", "e.number")];
        }
        let actions = filter.actions.iter().map(|action| list.values.add(Value::Text((*action).to_owned())));
        actions.map(|action| by("events_by_action").and(format!("e.action = {action}"))).collect()
    }
}

/// Adds the conditions that are the same in all arms.
fn add_conditions(list: &mut List, filter: &EventFilter, text_is_found: bool) {
    if let Some(actor_id) = &filter.actor_id {
        list.and_value("e.actor_id =", Value::Text(actor_id.clone()));
    }
    if !filter.actions.is_empty() {
        let actions = list.values.add_all(filter.actions.iter().map(|action| Value::Text((*action).to_owned())));
        list.and(format!("e.action in ({actions})"));
    }
    if let Some(id) = filter.member_id {
        list.and_value("e.member_id =", Value::Id(id.uuid()));
    }
    if let Some(from) = filter.from {
        list.and_value("e.at >=", Value::At(from));
    }
    if let Some(to) = filter.to {
        list.and_value("e.at <", Value::At(to));
    }
    if let (Some(text), false) = (&filter.text, text_is_found) {
        let words = SearchWord::all(text);
        let [named, invited, member] =
            ["e.search", "i.search", "u.search"].map(|text| condition_of_words(&mut list.values, text, &words));
        list.and(format!(
            "({named}
            or exists (select 1 from invitations i where i.id = e.invitation_id and {invited})
            or exists (select 1 from members m join users u on u.id = m.user_id
                where (m.id = e.member_id or m.invitation_id = e.invitation_id) and {member}))"
        ));
    }
}
