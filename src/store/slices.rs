//! Invitations by number, for vendors' clients.

use super::{
    Error, Tx, containing,
    invitations::{COLUMNS, Row},
    on,
};
use crate::domain::{Instant, Invitation, OrganizationId, Slice, SliceOrder, Status};
use sqlx::AssertSqlSafe;

impl Tx {
    /// A part of the list, and how many there are in all.
    pub async fn slice_of_invitations(
        &mut self,
        organization_id: OrganizationId,
        slice: &Slice,
        now: Instant,
    ) -> Result<(Vec<Invitation>, u64), Error> {
        let conditions = conditions(&slice.statuses);
        let count = format!("select count(*) from invitations i where {conditions}");
        let rows = format!(
            "select {COLUMNS} from invitations i where {conditions} order by {} limit $6 offset $7",
            order(slice.order, slice.is_descending, self.by_bytes("i.email", "i.email collate \"C\""))
        );
        let text = slice.text.as_deref().map(containing);
        let or_id = slice.or_id.map(|id| id.uuid());
        let total: i64 = on!(self, |c| sqlx::query_scalar(AssertSqlSafe(count))
            .bind(organization_id.uuid())
            .bind(now)
            .bind(slice.email.as_deref())
            .bind(text.as_deref())
            .bind(or_id)
            .fetch_one(c)
            .await)?;
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(AssertSqlSafe(rows))
            .bind(organization_id.uuid())
            .bind(now)
            .bind(slice.email.as_deref())
            .bind(text.as_deref())
            .bind(or_id)
            .bind(i64::from(slice.limit))
            .bind(i64::from(slice.offset))
            .fetch_all(c)
            .await)?;
        let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
        Ok((rows, total.unsigned_abs()))
    }
}

/// Put together from constants only.
fn conditions(statuses: &[Status]) -> String {
    let statuses: Vec<&str> = statuses.iter().map(|status| of_status(*status)).collect();
    // $2 is bound in every case
    let statuses = if statuses.is_empty() { "$2 is not null".to_owned() } else { statuses.join(" or ") };
    format!(
        "i.organization_id = $1 and ({statuses}) and ($3 is null or i.email = $3)
        and (($4 is null and $5 is null) or i.email like $4 escape '\\' or i.id = $5)"
    )
}

/// `email` is its column, compared by bytes.
fn order(order: SliceOrder, is_descending: bool, email: &str) -> String {
    let direction = if is_descending { "desc" } else { "asc" };
    let first = match order {
        SliceOrder::Created => return format!("i.id {direction}"),
        SliceOrder::Email => email,
        SliceOrder::Expires => "i.expires_at",
        SliceOrder::Issued => "i.issued_at",
    };
    format!("{first} {direction}, i.id {direction}")
}

/// The columns by which an invitation has this status at `$2`.
pub(super) fn of_status(status: Status) -> &'static str {
    match status {
        Status::Pending => "i.status = 'pending' and i.expires_at > $2",
        Status::Expired => "i.status in ('expired', 'pending') and i.expires_at <= $2",
        Status::Accepted => "i.status = 'accepted' and $2 is not null",
        Status::Declined => "i.status = 'declined' and $2 is not null",
        Status::Revoked => "i.status = 'revoked' and $2 is not null",
    }
}
