//! Invitations. Every query decides by `now` whether a pending one counts as expired, and does not rely on the sweep.

use super::id_lists::{INVITATION_RESOURCES, INVITATION_ROLES, read_ids};
use super::{
    Error, LockedTx, Snapshot, corrupt, on,
    subject::{Invitations, InvitationsMut},
    values::{CHUNK, Value, Values, bound},
};
use sqlx::{AssertSqlSafe, types::Json};
use std::collections::HashMap;
use uuid::Uuid;
use vestibule_domain::{
    Actor, ApiKeyId, EmailAddress, Instant, Invitation, InvitationId, Inviter, Locale, MailState, Message, Metadata,
    Name, OrganizationId, RedirectUrl, State, Status, UserId, search::folded,
};

/// The columns of an invitation's own row.
const OWN_COLUMNS: &str =
    "i.id, i.organization_id, i.email, i.email_typed, i.name, i.message, i.metadata, i.redirect_url,
    i.locale, i.inviter_id, i.api_key_id, i.generation, i.last_generation, i.status,
    i.created_at, i.issued_at, i.expires_at, i.closed_at, i.closed_by, i.decline_reason, i.member_id, i.mail_state";

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    organization_id: Uuid,
    email: String,
    email_typed: String,
    name: Option<String>,
    message: Option<String>,
    metadata: Json<Metadata>,
    redirect_url: Option<String>,
    locale: Option<String>,
    inviter_id: Option<Uuid>,
    api_key_id: Option<Uuid>,
    generation: i64,
    last_generation: Option<i64>,
    status: String,
    created_at: Instant,
    issued_at: Instant,
    expires_at: Instant,
    closed_at: Option<Instant>,
    closed_by: Option<Json<Actor>>,
    decline_reason: Option<String>,
    member_id: Option<Uuid>,
    mail_state: String,
    role_ids: String,
    resource_ids: String,
}

impl TryFrom<Row> for Invitation {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            state: row.state()?,
            inviter: row.inviter()?,
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            email: EmailAddress::stored(row.email, row.email_typed),
            name: row.name.map(Name::stored),
            role_ids: read_ids(&row.role_ids),
            resource_ids: read_ids(&row.resource_ids),
            message: row.message.map(Message::stored),
            metadata: row.metadata.0,
            redirect_url: row.redirect_url.map(RedirectUrl::stored),
            locale: row.locale.map(Locale::stored),
            generation: u32::try_from(row.generation).map_err(|_| corrupt("invitations.generation"))?,
            last_generation: row
                .last_generation
                .map(u32::try_from)
                .transpose()
                .map_err(|_| corrupt("invitations.last_generation"))?,
            created_at: row.created_at,
            issued_at: row.issued_at,
            expires_at: row.expires_at,
            mail_state: row.mail_state.parse().map_err(|_| corrupt("invitations.mail_state"))?,
        })
    }
}

impl Row {
    fn inviter(&self) -> Result<Inviter, Error> {
        match (self.inviter_id, self.api_key_id) {
            (Some(id), None) => Ok(Inviter::User(id.into())),
            (None, Some(id)) => Ok(Inviter::ApiKey(id.into())),
            (Some(user), Some(key)) => Ok(Inviter::OnBehalf { user_id: user.into(), api_key_id: key.into() }),
            (None, None) => Err(corrupt("invitations.inviter_id")),
        }
    }

    fn state(&self) -> Result<State, Error> {
        let at = || self.closed_at.ok_or_else(|| corrupt("invitations.closed_at"));
        Ok(match self.status.parse().map_err(|_| corrupt("invitations.status"))? {
            Status::Pending => State::Pending,
            Status::Accepted => {
                let member_id = self.member_id.ok_or_else(|| corrupt("invitations.member_id"))?;
                State::Accepted { at: at()?, member_id: member_id.into() }
            }
            Status::Declined => State::Declined { at: at()?, reason: self.decline_reason.clone().map(Message::stored) },
            Status::Revoked => {
                let by = self.closed_by.clone().ok_or_else(|| corrupt("invitations.closed_by"))?;
                State::Revoked { at: at()?, by: by.0 }
            }
            Status::Expired => State::Expired { at: at()? },
        })
    }
}

/// The state as columns: status, closed_at, closed_by, decline_reason, member_id.
type StateColumns<'a> = (&'static str, Option<Instant>, Option<Json<&'a Actor>>, Option<&'a str>, Option<Uuid>);

fn columns_of(state: &State) -> StateColumns<'_> {
    match state {
        State::Pending => ("pending", None, None, None, None),
        State::Accepted { at, member_id } => ("accepted", Some(*at), None, None, Some(member_id.uuid())),
        State::Declined { at, reason } => ("declined", Some(*at), None, reason.as_ref().map(Message::as_str), None),
        State::Revoked { at, by } => ("revoked", Some(*at), Some(Json(by)), None, None),
        State::Expired { at } => ("expired", Some(*at), None, None, None),
    }
}

impl InvitationsMut<'_, LockedTx> {
    /// Adds the invitation. Returns `false` if the organization has an open invitation to the email address.
    pub async fn add(&mut self, invitation: &Invitation) -> Result<bool, Error> {
        const SQL: &str = "insert into invitations (id, organization_id, email, email_typed, name, search, message, inviter_id,
            generation, status, created_at, issued_at, expires_at, mail_state, metadata, redirect_url, locale, api_key_id)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'pending', $10, $11, $12, $13, $14, $15, $16, $17)
            on conflict (organization_id, email) where status = 'pending' do nothing";
        let name = invitation.name.as_ref().map_or("", Name::as_str);
        let rows = on!(self.0, |c| sqlx::query(SQL)
            .bind(invitation.id.uuid())
            .bind(invitation.organization_id.uuid())
            .bind(invitation.email.as_str())
            .bind(invitation.email.typed())
            .bind(invitation.name.as_ref().map(Name::as_str))
            .bind(folded(&format!("{} {name}", invitation.email)))
            .bind(invitation.message.as_ref().map(Message::as_str))
            .bind(invitation.inviter.user_id().map(UserId::uuid))
            .bind(i64::from(invitation.generation))
            .bind(invitation.created_at)
            .bind(invitation.issued_at)
            .bind(invitation.expires_at)
            .bind(invitation.mail_state.as_str())
            .bind(Json(&invitation.metadata))
            .bind(invitation.redirect_url.as_ref().map(RedirectUrl::as_str))
            .bind(invitation.locale.as_ref().map(Locale::as_str))
            .bind(invitation.inviter.api_key_id().map(ApiKeyId::uuid))
            .execute(c)
            .await?
            .rows_affected());
        if rows == 1 {
            self.0.add_ids(INVITATION_ROLES, invitation.id.uuid(), role_ids(invitation)).await?;
            self.0.add_ids(INVITATION_RESOURCES, invitation.id.uuid(), resource_ids(invitation)).await?;
        }
        Ok(rows == 1)
    }
}

fn role_ids(invitation: &Invitation) -> impl Iterator<Item = Uuid> + Clone {
    invitation.role_ids.iter().map(|id| id.uuid())
}

fn resource_ids(invitation: &Invitation) -> impl Iterator<Item = Uuid> + Clone {
    invitation.resource_ids.iter().map(|id| id.uuid())
}

impl Snapshot {
    /// Returns the columns of a [`Row`], where the table is called `i` in every query.
    pub(super) fn invitation_columns(&self) -> String {
        let (roles, resources) = (self.id_list(INVITATION_ROLES, "i.id"), self.id_list(INVITATION_RESOURCES, "i.id"));
        format!("{OWN_COLUMNS}, {roles} as role_ids, {resources} as resource_ids")
    }
}

impl Invitations<'_> {
    pub async fn get(&mut self, id: InvitationId) -> Result<Option<Invitation>, Error> {
        let sql = format!("select {} from invitations i where i.id = $1", self.0.invitation_columns());
        let row: Option<Row> =
            on!(self.0, |c| sqlx::query_as(AssertSqlSafe(sql)).bind(id.uuid()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Returns those of these invitations that the organization has, in the same order.
    pub async fn among(
        &mut self,
        organization_id: OrganizationId,
        ids: &[InvitationId],
    ) -> Result<Vec<Invitation>, Error> {
        let columns = self.0.invitation_columns();
        let mut found: HashMap<InvitationId, Invitation> = HashMap::new();
        for ids in ids.chunks(CHUNK) {
            let mut values = Values::default();
            let of = values.add(Value::Id(organization_id.uuid()));
            let ids = values.add_all(ids.iter().map(|id| Value::Id(id.uuid())));
            let sql = format!("select {columns} from invitations i where i.id in ({ids}) and i.organization_id = {of}");
            found.extend(self.read(sql, values).await?.into_iter().map(|invitation| (invitation.id, invitation)));
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    /// Returns the invitation to this email address that is stored as pending, even if it has expired.
    pub async fn open(&mut self, organization_id: OrganizationId, email: &str) -> Result<Option<Invitation>, Error> {
        let columns = self.0.invitation_columns();
        let sql = format!(
            "select {columns} from invitations i where i.organization_id = $1 and i.email = $2 and i.status = 'pending'"
        );
        let row: Option<Row> = on!(self.0, |c| sqlx::query_as(AssertSqlSafe(sql))
            .bind(organization_id.uuid())
            .bind(email)
            .fetch_optional(c)
            .await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Returns the invitations to these email addresses that are stored as pending, even if they have expired.
    pub async fn open_among(
        &mut self,
        organization_id: OrganizationId,
        emails: &[String],
    ) -> Result<Vec<Invitation>, Error> {
        let columns = self.0.invitation_columns();
        let mut found = Vec::new();
        for emails in emails.chunks(CHUNK) {
            let mut values = Values::default();
            let of = values.add(Value::Id(organization_id.uuid()));
            let emails = values.add_all(emails.iter().cloned().map(Value::Text));
            let sql = format!(
                "select {columns} from invitations i
                where i.organization_id = {of} and i.email in ({emails}) and i.status = 'pending'"
            );
            found.extend(self.read(sql, values).await?);
        }
        Ok(found)
    }

    /// Returns the invitations that the statement finds.
    async fn read(&mut self, sql: String, values: Values) -> Result<Vec<Invitation>, Error> {
        let rows: Vec<Row> = on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)), values).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

impl InvitationsMut<'_, LockedTx> {
    /// Closes an invitation that was pending when it was read. Returns `false` if it has been closed otherwise since.
    pub async fn close(&mut self, invitation: &Invitation) -> Result<bool, Error> {
        const SQL: &str =
            "update invitations set status = $2, closed_at = $3, closed_by = $4, decline_reason = $5, member_id = $6
            where id = $1 and status = 'pending'";
        let (status, at, by, reason, member_id) = columns_of(&invitation.state);
        let rows = on!(self.0, |c| sqlx::query(SQL)
            .bind(invitation.id.uuid())
            .bind(status)
            .bind(at)
            .bind(by)
            .bind(reason)
            .bind(member_id)
            .execute(c)
            .await?
            .rows_affected());
        Ok(rows == 1)
    }

    /// Saves a resent or edited invitation, and makes it pending again if it had expired. Returns `false` if it has
    /// been closed otherwise or has a newer link.
    pub async fn reopen(&mut self, invitation: &Invitation, generation: u32) -> Result<bool, Error> {
        const SQL: &str = "update invitations set status = 'pending', closed_at = null, message = $3, generation = $4,
            issued_at = $5, expires_at = $6, mail_state = $7,
            remind_at = case when generation = $4 then remind_at end, metadata = $8, redirect_url = $9, locale = $10,
            inviter_id = $11, api_key_id = $12, last_generation = $13
            where id = $1 and generation = $2 and status in ('pending', 'expired')";
        let rows = on!(self.0, |c| sqlx::query(SQL)
            .bind(invitation.id.uuid())
            .bind(i64::from(generation))
            .bind(invitation.message.as_ref().map(Message::as_str))
            .bind(i64::from(invitation.generation))
            .bind(invitation.issued_at)
            .bind(invitation.expires_at)
            .bind(invitation.mail_state.as_str())
            .bind(Json(&invitation.metadata))
            .bind(invitation.redirect_url.as_ref().map(RedirectUrl::as_str))
            .bind(invitation.locale.as_ref().map(Locale::as_str))
            .bind(invitation.inviter.user_id().map(UserId::uuid))
            .bind(invitation.inviter.api_key_id().map(ApiKeyId::uuid))
            .bind(invitation.last_generation.map(i64::from))
            .execute(c)
            .await?
            .rows_affected());
        if rows == 1 {
            self.0.save_ids(INVITATION_ROLES, invitation.id.uuid(), role_ids(invitation)).await?;
            self.0.save_ids(INVITATION_RESOURCES, invitation.id.uuid(), resource_ids(invitation)).await?;
        }
        Ok(rows == 1)
    }

    /// Saves an invitation that is taken back to what it was before an act. `generation` is that of the link until now;
    /// if the invitation gets an earlier link back, its reminder is due at `remind_at` again. Returns `false` if it has
    /// another link, or has been closed otherwise.
    pub async fn take_back(
        &mut self,
        invitation: &Invitation,
        generation: u32,
        remind_at: Option<Instant>,
    ) -> Result<bool, Error> {
        const SQL: &str = "update invitations set status = $3, closed_at = $4, closed_by = null, message = $5,
            generation = $6, last_generation = $7, issued_at = $8, expires_at = $9, mail_state = $10,
            remind_at = case when generation = $6 then remind_at else $11 end, metadata = $12, redirect_url = $13,
            locale = $14, inviter_id = $15, api_key_id = $16
            where id = $1 and generation = $2 and status in ('pending', 'revoked')";
        let (status, closed_at, ..) = columns_of(&invitation.state);
        let rows = on!(self.0, |c| sqlx::query(SQL)
            .bind(invitation.id.uuid())
            .bind(i64::from(generation))
            .bind(status)
            .bind(closed_at)
            .bind(invitation.message.as_ref().map(Message::as_str))
            .bind(i64::from(invitation.generation))
            .bind(invitation.last_generation.map(i64::from))
            .bind(invitation.issued_at)
            .bind(invitation.expires_at)
            .bind(invitation.mail_state.as_str())
            .bind(remind_at)
            .bind(Json(&invitation.metadata))
            .bind(invitation.redirect_url.as_ref().map(RedirectUrl::as_str))
            .bind(invitation.locale.as_ref().map(Locale::as_str))
            .bind(invitation.inviter.user_id().map(UserId::uuid))
            .bind(invitation.inviter.api_key_id().map(ApiKeyId::uuid))
            .execute(c)
            .await?
            .rows_affected());
        if rows == 1 {
            self.0.save_ids(INVITATION_ROLES, invitation.id.uuid(), role_ids(invitation)).await?;
            self.0.save_ids(INVITATION_RESOURCES, invitation.id.uuid(), resource_ids(invitation)).await?;
        }
        Ok(rows == 1)
    }

    /// Saves how far the invitation's mail is, if `generation` is the present one.
    pub async fn save_mail_state(&mut self, id: InvitationId, generation: u32, state: MailState) -> Result<(), Error> {
        const SQL: &str = "update invitations set mail_state = $3 where id = $1 and generation = $2";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(id.uuid())
            .bind(i64::from(generation))
            .bind(state.as_str())
            .execute(c)
            .await
            .map(drop))
    }

    /// Notes the first opening of a link. Returns `false` if it was noted before.
    pub async fn open_once(&mut self, id: InvitationId, now: Instant) -> Result<bool, Error> {
        const SQL: &str = "update invitations set opened_at = $2 where id = $1 and opened_at is null";
        Ok(on!(self.0, |c| sqlx::query(SQL).bind(id.uuid()).bind(now).execute(c).await?.rows_affected()) == 1)
    }
}

impl Invitations<'_> {
    /// Returns invitations that are stored as pending but have expired, the longest overdue first, at most `limit`.
    pub async fn overdue(&mut self, now: Instant, limit: u32) -> Result<Vec<(InvitationId, OrganizationId)>, Error> {
        const SQL: &str = "select id, organization_id from invitations where status = 'pending' and expires_at <= $1
            order by expires_at limit $2";
        let rows: Vec<(Uuid, Uuid)> =
            on!(self.0, |c| sqlx::query_as(SQL).bind(now).bind(i64::from(limit)).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(id, organization_id)| (id.into(), organization_id.into())).collect())
    }
}
