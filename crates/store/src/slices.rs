//! Invitations by offset or from a row on, for vendors' clients.

use super::{
    Error, Snapshot, containing,
    invitations::{COLUMNS, Row},
    on,
};
use sqlx::AssertSqlSafe;
use vestibule_domain::{Instant, Invitation, OrganizationId, Slice, SliceOrder, Status};

/// The number of parameters that are the same in every statement.
const FIXED: usize = 5;

impl Snapshot {
    /// Returns a part of the list, and the total number of rows.
    pub async fn slice_of_invitations(
        &mut self,
        organization_id: OrganizationId,
        slice: &Slice,
        now: Instant,
    ) -> Result<(Vec<Invitation>, u64), Error> {
        let (conditions, lists) = conditions(slice);
        let count = format!("select count(*) from invitations i where {conditions}");
        let rows = format!(
            "select {COLUMNS} from invitations i where {conditions}{} order by {} limit {} offset {}",
            self.after(slice),
            self.order(slice),
            slice.limit,
            slice.offset
        );
        let text = slice.text.as_deref().map(containing);
        let or_id = slice.or_id.map(|id| id.uuid());
        let after = slice.after.map(|id| id.uuid());
        let total: i64 = on!(self, |c| {
            let query = sqlx::query_scalar(AssertSqlSafe(count)).bind(organization_id.uuid()).bind(now);
            let query = query.bind(text.as_deref()).bind(or_id).bind(after);
            lists.iter().fold(query, |query, value| query.bind(value)).fetch_one(c).await
        })?;
        let rows: Vec<Row> = on!(self, |c| {
            let query = sqlx::query_as(AssertSqlSafe(rows)).bind(organization_id.uuid()).bind(now);
            let query = query.bind(text.as_deref()).bind(or_id).bind(after);
            lists.iter().fold(query, |query, value| query.bind(value)).fetch_all(c).await
        })?;
        let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
        Ok((rows, total.unsigned_abs()))
    }

    /// Returns the condition that a row comes after the one with the id `$5`, whose position is looked up.
    fn after(&self, slice: &Slice) -> String {
        if slice.after.is_none() {
            return String::new();
        }
        let (rows, places) = (self.sorted_by("i", slice), self.sorted_by("a", slice));
        let later = rows.iter().zip(&places).rev().fold("false".to_owned(), |rest, ((row, descends), (place, _))| {
            let side = if *descends { "<" } else { ">" };
            format!("({row} {side} {place} or {row} = {place} and {rest})")
        });
        format!(" and exists (select 1 from invitations a where a.organization_id = $1 and a.id = $5 and {later})")
    }

    fn order(&self, slice: &Slice) -> String {
        let term = |(term, descends): &(String, bool)| format!("{term} {}", if *descends { "desc" } else { "asc" });
        self.sorted_by("i", slice).iter().map(term).collect::<Vec<_>>().join(", ")
    }

    /// Returns the expressions to sort by, each with whether it is descending. The id is the last, so that no two rows
    /// are equal.
    fn sorted_by(&self, table: &str, slice: &Slice) -> Vec<(String, bool)> {
        let collation = self.by_bytes("", " collate \"C\"");
        let email = format!("{table}.email{collation}");
        let descends = slice.is_descending;
        let mut terms = match slice.order {
            SliceOrder::Created => vec![],
            SliceOrder::Email => vec![(email, descends)],
            SliceOrder::Expires => vec![(format!("{table}.expires_at"), descends)],
            SliceOrder::Issued => vec![(format!("{table}.issued_at"), descends)],
            SliceOrder::LastName { email_descends } => {
                vec![(format!("{}{collation}", self.last_name(table)), descends), (email, email_descends)]
            }
        };
        terms.push((format!("{table}.id"), descends));
        terms
    }

    /// Returns the expression for [`vestibule_domain::Name::rest`]. It is empty if there is no name, or only one word.
    fn last_name(&self, table: &str) -> String {
        let position = self.by_bytes("instr", "strpos");
        let space = format!("{position}({table}.name, ' ')");
        format!("coalesce(case when {space} > 0 then substr({table}.name, {space} + 1) end, '')")
    }
}

/// Returns the conditions, which are built from constants and numbers only, and the values of the lists, for the
/// parameters after [`FIXED`].
fn conditions(slice: &Slice) -> (String, Vec<String>) {
    let statuses: Vec<&str> = slice.statuses.iter().map(|status| of_status(*status)).collect();
    // each of the fixed parameters has to occur in every case
    let statuses = if statuses.is_empty() { "$2 is not null".to_owned() } else { statuses.join(" or ") };
    let mut conditions = format!(
        "i.organization_id = $1 and ({statuses}) and ($5 is null or $5 is not null)
        and (($3 is null and $4 is null) or i.email like $3 escape '\\' or i.id = $4)"
    );
    let mut values = Vec::new();
    let ids = |ids: Vec<String>| ids.into_iter().map(|id| format!("% {id} %")).collect();
    for (column, wanted) in [
        ("i.email =", slice.emails.clone()),
        ("i.role_ids like", ids(slice.role_ids.iter().map(ToString::to_string).collect())),
        ("i.resource_ids like", ids(slice.resource_ids.iter().map(ToString::to_string).collect())),
    ] {
        let first = FIXED + values.len() + 1;
        let any: Vec<String> = (first..first + wanted.len()).map(|number| format!("{column} ${number}")).collect();
        if !any.is_empty() {
            conditions.push_str(&format!(" and ({})", any.join(" or ")));
        }
        values.extend(wanted);
    }
    (conditions, values)
}

/// Returns the condition for an invitation to have this status at `$2`.
pub(super) fn of_status(status: Status) -> &'static str {
    match status {
        Status::Pending => "i.status = 'pending' and i.expires_at > $2",
        Status::Expired => "i.status in ('expired', 'pending') and i.expires_at <= $2",
        Status::Accepted => "i.status = 'accepted' and $2 is not null",
        Status::Declined => "i.status = 'declined' and $2 is not null",
        Status::Revoked => "i.status = 'revoked' and $2 is not null",
    }
}
