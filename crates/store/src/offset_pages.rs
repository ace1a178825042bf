//! Invitations by offset or from a row on, for vendors' clients.

use super::id_lists::{INVITATION_RESOURCES, INVITATION_ROLES};
use super::member_queries::{later, order_by};
use super::values::{Value, Values, bound};
use super::{
    Error, containing,
    invitation_lists::{any_status, asks_for_time},
    invitations::Row,
    lists::{Arm, List},
    on,
    search::{Few, INVITATIONS},
    subject::Invitations,
};
use sqlx::AssertSqlSafe;
use vestibule_domain::{
    Direction, Instant, Invitation, OffsetPageOrder, OffsetPageRequest, OrganizationId, search::part_of,
};

impl Invitations<'_> {
    /// Returns a part of the list, and the total number of rows.
    pub async fn offset_page(
        &mut self,
        organization_id: OrganizationId,
        request: &OffsetPageRequest,
        now: Instant,
    ) -> Result<(Vec<Invitation>, u64), Error> {
        let few = self.few_for(organization_id, request).await?;
        let total = self.count_of_all_pages(organization_id, request, few.as_ref(), now).await?;
        let (rows, values) = self.rows(organization_id, request, few.as_ref(), now);
        let rows: Vec<Row> = on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(rows)), values).fetch_all(c).await)?;
        let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
        Ok((rows, total))
    }

    /// Returns the invitations that can have the text in their addresses, if the request has one, and if they are few.
    async fn few_for(&mut self, of: OrganizationId, request: &OffsetPageRequest) -> Result<Option<Few>, Error> {
        match (&request.text, request.or_id) {
            (Some(text), None) => self.0.few_with(&INVITATIONS, of, [part_of(text)]).await,
            _ => Ok(None),
        }
    }

    async fn count_of_all_pages(
        &mut self,
        organization_id: OrganizationId,
        request: &OffsetPageRequest,
        few: Option<&Few>,
        now: Instant,
    ) -> Result<u64, Error> {
        if request.is_of_status_only() {
            let counts = self.count_all(organization_id, now).await?;
            let total = if request.statuses.is_empty() { counts.of(None) } else { counts.of_any(&request.statuses) };
            return Ok(total.number);
        }
        let mut list = matching(organization_id, request, few);
        if !request.statuses.is_empty() {
            let now = add_now(&mut list, request, now);
            list.and(any_status(&request.statuses, &now));
        }
        let (sql, values) = (list.select_all("count(*)"), list.values);
        let total: i64 = on!(self.0, |c| bound!(sqlx::query_scalar(AssertSqlSafe(sql)), values).fetch_one(c).await)?;
        Ok(total.unsigned_abs())
    }

    /// Returns the statement for the part of the list.
    fn rows(
        &self,
        of: OrganizationId,
        request: &OffsetPageRequest,
        few: Option<&Few>,
        now: Instant,
    ) -> (String, Values) {
        let columns = self.0.invitation_columns();
        let mut list = matching(of, request, few);
        let is_by_creation = request.order == OffsetPageOrder::Created;
        if !request.statuses.is_empty() {
            let now = add_now(&mut list, request, now);
            match is_by_creation && request.emails.is_empty() && few.is_none() {
                true => list.by(self.0.status_arms(&request.statuses, &now)),
                false => list.and(any_status(&request.statuses, &now)),
            }
        }
        if is_by_creation {
            if let Some(after) = request.after {
                let (after, side) = (list.add(Value::Id(after.uuid())), if request.is_descending { "<" } else { ">" });
                // none comes after an invitation that is not there
                list.and(format!("i.id {side} {after}"));
                list.and(format!(
                    "exists (select 1 from invitations a where a.id = {after}
                    and a.organization_id = i.organization_id)"
                ));
            }
            let direction = if request.is_descending { Direction::Older } else { Direction::Newer };
            let part = list.offset(direction, request.offset, request.limit);
            return (list.select(&columns, "", &part), list.values);
        }
        let after = self.after(request, &mut list.values);
        let order = order_by(&self.sorted_by("i", request));
        let (limit, offset) = (Value::Number(request.limit.into()), Value::Number(request.offset.into()));
        let (limit, offset) = (list.add(limit), list.add(offset));
        // what is in a row is read of those of the part alone
        let ids = format!("{}{after} order by {order} limit {limit} offset {offset}", list.select_all("i.id"));
        let rows = format!("select {columns} from ({ids}) found cross join invitations i where i.id = found.id");
        (format!("{rows} order by {order}"), list.values)
    }

    /// Returns the condition that a row comes after the one to go on from, whose position is looked up.
    fn after(&self, request: &OffsetPageRequest, values: &mut Values) -> String {
        let Some(after) = request.after else { return String::new() };
        let (rows, places) = (self.sorted_by("i", request), self.sorted_by("a", request));
        let terms = rows.iter().zip(&places);
        let later = later(terms.map(|((row, descends), (place, _))| (row.as_str(), place.as_str(), *descends)));
        let after = values.add(Value::Id(after.uuid()));
        format!(
            " and exists (select 1 from invitations a where a.organization_id = i.organization_id and a.id = {after}
            and {later})"
        )
    }

    /// Returns the expressions to sort by, each with whether it is descending. The id is the last, so that no two rows
    /// are equal.
    fn sorted_by(&self, table: &str, request: &OffsetPageRequest) -> Vec<(String, bool)> {
        let collation = self.0.by_bytes("", " collate \"C\"");
        let email = format!("{table}.email{collation}");
        let descends = request.is_descending;
        let mut terms = match request.order {
            OffsetPageOrder::Created => vec![],
            OffsetPageOrder::Email => vec![(email, descends)],
            OffsetPageOrder::Expires => vec![(format!("{table}.expires_at"), descends)],
            OffsetPageOrder::Issued => vec![(format!("{table}.issued_at"), descends)],
            OffsetPageOrder::LastName { email_descends } => {
                let last_name = self.0.rest_of_name(&format!("{table}.name"));
                vec![(format!("{last_name}{collation}"), descends), (email, email_descends)]
            }
        };
        terms.push((format!("{table}.id"), descends));
        terms
    }
}

/// Returns the list of what the request asks for apart from the status. All of it is among the few, if there are.
fn matching(of: OrganizationId, request: &OffsetPageRequest, few: Option<&Few>) -> List {
    let mut list = List::of("invitations i", "i.id");
    list.and_value("i.organization_id =", Value::Id(of.uuid()));
    let text = request.text.as_deref().map(|text| list.add(Value::Text(containing(text))));
    let text = text.map(|text| format!("i.email like {text} escape '\\'"));
    let or_id = request.or_id.map(|id| format!("i.id = {}", list.add(Value::Id(id.uuid()))));
    if text.is_some() || or_id.is_some() {
        list.and(format!("({})", Vec::from_iter(text.into_iter().chain(or_id)).join(" or ")));
    }
    if let Some(few) = few {
        let (begin, condition) = few.begin(&mut list.values);
        list.by(vec![Arm::of(begin, "i.id").and(condition)]);
    }
    if !request.emails.is_empty() {
        let emails = list.values.add_all(request.emails.iter().cloned().map(Value::Text));
        list.and(format!("i.email in ({emails})"));
    }
    if !request.role_ids.is_empty() {
        let ids = list.values.add_each(request.role_ids.iter().map(|id| Value::Id(id.uuid())));
        list.and(INVITATION_ROLES.hold("i.id", &ids));
    }
    if !request.resource_ids.is_empty() {
        let ids = list.values.add_each(request.resource_ids.iter().map(|id| Value::Id(id.uuid())));
        list.and(INVITATION_RESOURCES.hold("i.id", &ids));
    }
    list
}

/// Adds the time, if one of the statuses asks for it. Returns its place.
fn add_now(list: &mut List, request: &OffsetPageRequest, now: Instant) -> String {
    let is_asked = request.statuses.iter().any(|status| asks_for_time(*status));
    if is_asked { list.add(Value::At(now)) } else { String::new() }
}
