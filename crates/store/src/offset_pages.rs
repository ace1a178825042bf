//! Invitations by offset or from a row on, for vendors' clients.

use super::id_lists::{INVITATION_RESOURCES, INVITATION_ROLES};
use super::member_queries::{later, order_by};
use super::values::{Value, Values, bound};
use super::{Error, containing, invitations::Row, on, subject::Invitations};
use sqlx::AssertSqlSafe;
use vestibule_domain::{Instant, Invitation, OffsetPageOrder, OffsetPageRequest, OrganizationId, Status};

impl Invitations<'_> {
    /// Returns a part of the list, and the total number of rows.
    pub async fn offset_page(
        &mut self,
        organization_id: OrganizationId,
        request: &OffsetPageRequest,
        now: Instant,
    ) -> Result<(Vec<Invitation>, u64), Error> {
        let mut values = Values::default();
        let conditions = conditions(organization_id, request, now, &mut values);
        let (count, counted) = (format!("select count(*) from invitations i where {conditions}"), values.clone());
        let order = order_by(&self.sorted_by("i", request));
        let ids = format!(
            "select i.id from invitations i where {conditions}{} order by {order} limit {} offset {}",
            self.after(request, &mut values),
            request.limit,
            request.offset
        );
        // what is in a row is read of those of the part alone
        let rows = format!(
            "select {} from ({ids}) found cross join invitations i where i.id = found.id order by {order}",
            self.0.invitation_columns()
        );
        let total: i64 = on!(self.0, |c| bound!(sqlx::query_scalar(AssertSqlSafe(count)), counted).fetch_one(c).await)?;
        let rows: Vec<Row> = on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(rows)), values).fetch_all(c).await)?;
        let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
        Ok((rows, total.unsigned_abs()))
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

fn conditions(of: OrganizationId, request: &OffsetPageRequest, now: Instant, values: &mut Values) -> String {
    let mut conditions = vec![format!("i.organization_id = {}", values.add(Value::Id(of.uuid())))];
    if !request.statuses.is_empty() {
        let now = values.add(Value::At(now));
        let statuses: Vec<String> = request.statuses.iter().map(|status| of_status(*status, &now)).collect();
        conditions.push(format!("({})", statuses.join(" or ")));
    }
    let text = request.text.as_deref().map(|text| values.add(Value::Text(containing(text))));
    let text = text.map(|text| format!("i.email like {text} escape '\\'"));
    let or_id = request.or_id.map(|id| format!("i.id = {}", values.add(Value::Id(id.uuid()))));
    if text.is_some() || or_id.is_some() {
        conditions.push(format!("({})", Vec::from_iter(text.into_iter().chain(or_id)).join(" or ")));
    }
    if !request.emails.is_empty() {
        let emails = values.add_all(request.emails.iter().cloned().map(Value::Text));
        conditions.push(format!("i.email in ({emails})"));
    }
    if !request.role_ids.is_empty() {
        let ids = values.add_each(request.role_ids.iter().map(|id| Value::Id(id.uuid())));
        conditions.push(INVITATION_ROLES.hold("i.id", &ids));
    }
    if !request.resource_ids.is_empty() {
        let ids = values.add_each(request.resource_ids.iter().map(|id| Value::Id(id.uuid())));
        conditions.push(INVITATION_RESOURCES.hold("i.id", &ids));
    }
    conditions.join(" and ")
}

/// Returns the condition for an invitation to have this status at the time of the parameter `now`, which occurs in
/// every case.
pub(super) fn of_status(status: Status, now: &str) -> String {
    match status {
        Status::Pending => format!("i.status = 'pending' and i.expires_at > {now}"),
        Status::Expired => format!("i.status in ('expired', 'pending') and i.expires_at <= {now}"),
        Status::Accepted => format!("i.status = 'accepted' and {now} is not null"),
        Status::Declined => format!("i.status = 'declined' and {now} is not null"),
        Status::Revoked => format!("i.status = 'revoked' and {now} is not null"),
    }
}
