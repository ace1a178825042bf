//! Lists of invitations by filter. Each begins at the index that leaves the fewest rows.

use super::id_lists::INVITATION_ROLES;
use super::{
    Error, Snapshot, corrupt,
    invitations::Row,
    lists::{Arm, List},
    on,
    search::INVITATIONS,
    subject::Invitations,
    values::{CHUNK, Value, Values, bound},
};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;
use uuid::Uuid;
use vestibule_domain::{
    Counts, CursorPageRequest, Direction, Instant, Invitation, InvitationFilter, InvitationId, MOST_COUNTED, MailState,
    Name, OrganizationId, SearchWord, Status,
};

/// The name of the person or program that made the invitation. As joins, PostgreSQL would sometimes read all keys for
/// each row.
const INVITER_NAME: &str = "coalesce((select u.name from users u where u.id = i.inviter_id),
    (select k.name from api_keys k where k.id = i.api_key_id)) as inviter_name";

/// A part of all that match.
#[derive(Clone, Copy, Debug)]
pub struct MatchingPart<'a> {
    pub after: Option<InvitationId>,
    /// At most a few hundred.
    pub among: Option<&'a [InvitationId]>,
    pub limit: u32,
}

#[derive(sqlx::FromRow)]
struct Listed {
    #[sqlx(flatten)]
    row: Row,
    inviter_name: String,
}

impl Invitations<'_> {
    /// Returns a page of the list and one row more, from the cursor on, each with its inviter's name.
    pub async fn page(
        &mut self,
        organization_id: OrganizationId,
        filter: &InvitationFilter,
        page: CursorPageRequest,
        now: Instant,
    ) -> Result<Vec<(Invitation, Name)>, Error> {
        let statuses: Vec<Status> = filter.status.into_iter().collect();
        let start = Start::of(filter, &statuses);
        let mut list = self.0.invitations_by(organization_id, filter, start, (&statuses, now));
        let part = list.page(page);
        let columns = format!("{}, {INVITER_NAME}", self.0.invitation_columns());
        let sql = list.select(&columns, "", &part);
        let List { values, is_usual, .. } = list;
        let rows: Vec<Listed> =
            on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)).persistent(is_usual), values)
                .fetch_all(c)
                .await)?;
        rows.into_iter().map(|listed| Ok((listed.row.try_into()?, Name::stored(listed.inviter_name)))).collect()
    }

    /// Returns the names of who made these invitations, people or programs' keys, by invitation. Leaves out those whose
    /// maker is gone, and those of other organizations.
    pub async fn inviter_names(
        &mut self,
        organization_id: OrganizationId,
        ids: &[InvitationId],
    ) -> Result<HashMap<InvitationId, Name>, Error> {
        let mut names = HashMap::new();
        for ids in ids.chunks(CHUNK) {
            let mut values = Values::default();
            let ids = values.add_all(ids.iter().map(|id| Value::Id(id.uuid())));
            // with a condition on the organization, SQLite would begin with all of its rows
            let sql =
                format!("select i.id, i.organization_id, {INVITER_NAME} from invitations i where i.id in ({ids})");
            let rows: Vec<(Uuid, Uuid, Option<String>)> =
                on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)).persistent(false), values)
                    .fetch_all(c)
                    .await)?;
            let own = rows.into_iter().filter(|(_, of, _)| *of == organization_id.uuid());
            names.extend(own.filter_map(|(id, _, name)| Some((InvitationId::from(id), Name::stored(name?)))));
        }
        Ok(names)
    }

    /// Returns the invitations that match the filter and have one of these statuses, from the oldest on, after this
    /// one, at most `limit`. With `among`, only those of these.
    pub async fn matching(
        &mut self,
        organization_id: OrganizationId,
        filter: &InvitationFilter,
        statuses: &[Status],
        part: MatchingPart<'_>,
        now: Instant,
    ) -> Result<Vec<Invitation>, Error> {
        let start = part.among.map_or_else(|| Start::of(filter, statuses), |_| Start::Order);
        let mut list = self.0.invitations_by(organization_id, filter, start, (statuses, now));
        if let Some(ids) = part.among {
            list.is_usual = false;
            let ids = list.values.add_all(ids.iter().map(|id| Value::Id(id.uuid())));
            list.and(format!("i.id in ({ids})"));
        }
        let after = part.after.map(|id| Value::Id(id.uuid()));
        let part = list.part(Direction::Newer, after, i64::from(part.limit));
        let sql = list.select(&self.0.invitation_columns(), "", &part);
        let List { values, is_usual, .. } = list;
        let rows: Vec<Row> = on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)).persistent(is_usual), values)
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the counts by status, of the invitations that match the filter apart from its status. They are exact if
    /// there are at most [`MOST_COUNTED`], or if the filter asks for nothing else.
    pub async fn count(
        &mut self,
        organization_id: OrganizationId,
        filter: &InvitationFilter,
        now: Instant,
    ) -> Result<Counts<Status>, Error> {
        match filter.is_of_status_only() {
            true => self.count_all(organization_id, now).await,
            false => {
                let most = Some(MOST_COUNTED + 1);
                Ok(Counts::up_to_most(self.count_matching(organization_id, filter, most, now).await?))
            }
        }
    }

    /// Returns the same counts, exact however many there are.
    pub async fn count_exactly(
        &mut self,
        organization_id: OrganizationId,
        filter: &InvitationFilter,
        now: Instant,
    ) -> Result<Counts<Status>, Error> {
        match filter.is_of_status_only() {
            true => self.count_all(organization_id, now).await,
            false => Ok(Counts::exact(self.count_matching(organization_id, filter, None, now).await?)),
        }
    }

    async fn count_matching(
        &mut self,
        organization_id: OrganizationId,
        filter: &InvitationFilter,
        most: Option<u32>,
        now: Instant,
    ) -> Result<Vec<(Status, u64)>, Error> {
        let start = Start::of(filter, &[]);
        let mut list = self.0.invitations_by(organization_id, filter, start, (&[], now));
        let now = list.add(Value::At(now));
        let rows = list.select_all(&format!(
            "i.status as status, case when i.status = 'pending' and i.expires_at <= {now} then 1 else 0 end as is_over"
        ));
        let limit = list.limit(most);
        let sql = format!("select status, count(*), sum(is_over) from ({rows}{limit}) counted group by status");
        let List { values, is_usual, .. } = list;
        let rows: Vec<(String, i64, i64)> =
            on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)).persistent(is_usual), values)
                .fetch_all(c)
                .await)?;
        by_status(rows)
    }

    /// Returns the counts of all invitations, which are kept beside them. Only those are counted here that are stored as
    /// pending but are over: the worker leaves few.
    pub async fn count_all(&mut self, organization_id: OrganizationId, now: Instant) -> Result<Counts<Status>, Error> {
        let sql = format!(
            "select c.status, c.count, case when c.status = 'pending' then
                (select count(*) from invitations i{} where i.organization_id = $1 and i.status = 'pending'
                and i.expires_at <= $2) else 0 end
            from invitation_counts c where c.organization_id = $1",
            self.0.by_index("invitations_due")
        );
        let rows: Vec<(String, i64, i64)> = on!(self.0, |c| sqlx::query_as(AssertSqlSafe(sql))
            .bind(organization_id.uuid())
            .bind(now)
            .fetch_all(c)
            .await)?;
        Ok(Counts::exact(by_status(rows)?))
    }
}

/// Returns the counts for rows with a stored status, the number of rows, and how many of them are over.
fn by_status(rows: Vec<(String, i64, i64)>) -> Result<Vec<(Status, u64)>, Error> {
    let mut counts = Vec::new();
    for (status, count, over) in rows {
        let status = status.parse().map_err(|_| corrupt("invitations.status"))?;
        let (count, over) = (count.unsigned_abs(), over.unsigned_abs());
        counts.extend([(status, count.saturating_sub(over)), (Status::Expired, over)]);
    }
    Ok(counts)
}

/// What a list begins with: the rarest that the filter asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Address,
    Words,
    Inviter,
    Role,
    MailState,
    Status,
    Order,
}

impl Start {
    fn of(filter: &InvitationFilter, statuses: &[Status]) -> Self {
        let is_of_status = !statuses.is_empty();
        match filter {
            InvitationFilter { email: Some(_), .. } => Self::Address,
            InvitationFilter { text: Some(_), .. } => Self::Words,
            InvitationFilter { mail_state: Some(state), .. } if is_rare(*state) => Self::MailState,
            InvitationFilter { inviter_id: Some(_), .. } => Self::Inviter,
            InvitationFilter { role_id: Some(_), .. } => Self::Role,
            InvitationFilter { mail_state: Some(_), .. } if !is_of_status => Self::MailState,
            _ if is_of_status => Self::Status,
            _ => Self::Order,
        }
    }
}

impl Snapshot {
    /// Returns the list of the invitations that match the filter apart from its status, and have one of these statuses
    /// at this moment. Without statuses, any will do.
    fn invitations_by(
        &self,
        of: OrganizationId,
        filter: &InvitationFilter,
        start: Start,
        (statuses, now): (&[Status], Instant),
    ) -> List {
        let mut list = List::of("invitations i", "i.id");
        // how many rows have a text depends on the text
        list.is_usual = asked(filter) <= 1 && filter.text.is_none();
        list.and_value("i.organization_id =", Value::Id(of.uuid()));
        add_conditions(&mut list, filter);
        let by = |index: &str| Arm::of(format!("invitations i{}", self.by_index(index)), "i.id");
        let mut arms = match start {
            Start::Address => vec![by("invitations_by_email")],
            Start::MailState => vec![by("invitations_by_mail_state")],
            Start::Words | Start::Inviter | Start::Role | Start::Status | Start::Order => {
                vec![Arm::of("invitations i", "i.id")]
            }
        };
        if let Some(id) = filter.inviter_id {
            let id = list.add(Value::Id(id));
            let ways = [format!("i.inviter_id = {id}"), format!("i.api_key_id = {id}")];
            match start {
                Start::Inviter => {
                    let indexes = match statuses {
                        [Status::Pending] => ["invitations_by_inviter", "invitations_by_api_key"],
                        _ => ["invitations_by_user", "invitations_by_key"],
                    };
                    arms = indexes.iter().zip(ways).map(|(index, way)| by(index).and(way)).collect();
                }
                _ => list.and(format!("({})", ways.join(" or "))),
            }
        }
        if let Some(id) = filter.role_id {
            let id = list.add(Value::Id(id.uuid()));
            match start {
                Start::Role => {
                    let least = filter.created_from.map(|from| list.add(Value::Id(first_id(from))));
                    let arm = self.arm_of_role(&id);
                    arms = vec![match least {
                        Some(least) => arm.and(format!("l.invitation_id >= {least}")),
                        None => arm,
                    }];
                }
                _ => list.and(INVITATION_ROLES.hold("i.id", &[id])),
            }
        }
        if !statuses.is_empty() {
            // not every status asks for the time
            let now = statuses.iter().any(|status| asks_for_time(*status)).then(|| list.add(Value::At(now)));
            let now = now.unwrap_or_default();
            match start {
                Start::Status => arms = self.status_arms(statuses, &now),
                _ => list.and(any_status(statuses, &now)),
            }
        }
        list.by(arms);
        let begins_at_words = match (start, &filter.text) {
            (Start::Words, Some(text)) => {
                let parts = SearchWord::all(text).iter().map(SearchWord::part).collect::<Vec<_>>();
                self.begin_at_parts(&mut list, &INVITATIONS, of, parts)
            }
            _ => false,
        };
        // an id is never of an earlier moment than its row; those with the words are found by their rows' numbers
        if let (Some(from), false) = (filter.created_from, begins_at_words) {
            list.and_value("i.id >=", Value::Id(first_id(from)));
        }
        list
    }

    /// Returns the arm for the invitations that offer this role, each once even if it names the role twice.
    fn arm_of_role(&self, id: &str) -> Arm {
        let (roles, rows) = (self.by_index("invitation_roles_by_role"), self.by_index("invitations_in_order"));
        Arm::of(format!("invitation_roles l{roles} cross join invitations i{rows}"), "l.invitation_id")
            .twin("i.id")
            .and(format!("l.role_id = {id}"))
            .and(
                "l.position = (select min(e.position) from invitation_roles e
                where e.invitation_id = l.invitation_id and e.role_id = l.role_id)",
            )
    }

    /// Returns an arm for each of these statuses. What has expired is stored as pending until the worker gets to it,
    /// and is found by its end.
    pub(super) fn status_arms(&self, statuses: &[Status], now: &str) -> Vec<Arm> {
        let conditions = statuses.iter().flat_map(|status| of_status(*status, now).into_iter().enumerate());
        conditions
            .map(|(number, condition)| {
                let from = match (self, number) {
                    (_, 0) => format!("invitations i{}", self.by_index("invitations_by_status")),
                    (Self::Sqlite(_), _) => "invitations i indexed by invitations_due".to_owned(),
                    // with `offset`, PostgreSQL finds these before it puts them in order: they are few, and it would
                    // pass over all that are pending
                    (Self::Postgres(_), _) => format!("(select * from invitations i where {condition} offset 0) i"),
                };
                Arm::of(from, "i.id").and(condition)
            })
            .collect()
    }
}

/// Checks whether few mails are in this state: most are sent, where mails are sent at all.
fn is_rare(state: MailState) -> bool {
    !matches!(state, MailState::Sent | MailState::LinkOnly)
}

/// Returns how much the filter asks for apart from the status.
fn asked(filter: &InvitationFilter) -> usize {
    let InvitationFilter {
        status: _,
        text,
        role_id,
        email,
        mail_state,
        inviter_id,
        created_from,
        created_to,
        begin: _,
    } = filter;
    [
        text.is_some(),
        role_id.is_some(),
        email.is_some(),
        mail_state.is_some(),
        inviter_id.is_some(),
        created_from.is_some() || created_to.is_some(),
    ]
    .into_iter()
    .filter(|is_asked| *is_asked)
    .count()
}

/// Adds the conditions that are the same wherever the list begins.
fn add_conditions(list: &mut List, filter: &InvitationFilter) {
    if let Some(text) = &filter.text {
        list.and_words("i.search", &SearchWord::all(text));
    }
    if let Some(email) = &filter.email {
        list.and_value("i.email =", Value::Text(email.clone()));
    }
    if let Some(state) = filter.mail_state {
        list.and_value("i.mail_state =", Value::Text(state.as_str().to_owned()));
    }
    if let Some(from) = filter.created_from {
        list.and_value("i.created_at >=", Value::At(from));
    }
    if let Some(to) = filter.created_to {
        list.and_value("i.created_at <", Value::At(to));
    }
}

/// Returns the least id of those made from this moment on.
fn first_id(from: Instant) -> Uuid {
    let millis = u128::try_from(from.timestamp_millis()).unwrap_or(0);
    Uuid::from_u128(millis << 80)
}

/// Checks whether the time decides which invitations have this status.
pub(super) fn asks_for_time(status: Status) -> bool {
    match status {
        Status::Pending | Status::Expired => true,
        Status::Accepted | Status::Declined | Status::Revoked => false,
    }
}

/// Returns the condition for an invitation to have one of these statuses at the time of the value `now`.
pub(super) fn any_status(statuses: &[Status], now: &str) -> String {
    let ways: Vec<String> = statuses.iter().flat_map(|status| of_status(*status, now)).collect();
    format!("({})", ways.join(" or "))
}

/// Returns the conditions for an invitation to have this status at the time of the value `now`. One of them holds.
fn of_status(status: Status, now: &str) -> Vec<String> {
    match status {
        Status::Pending => vec![format!("i.status = 'pending' and i.expires_at > {now}")],
        Status::Expired => vec![
            format!("i.status = 'expired' and i.expires_at <= {now}"),
            format!("i.status = 'pending' and i.expires_at <= {now}"),
        ],
        Status::Accepted => vec!["i.status = 'accepted'".to_owned()],
        Status::Declined => vec!["i.status = 'declined'".to_owned()],
        Status::Revoked => vec!["i.status = 'revoked'".to_owned()],
    }
}
