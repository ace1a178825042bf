//! What is kept about a person, page by page, to be given to them.

use super::{Error, events, invitations, on, subject::PersonalData};
use sqlx::AssertSqlSafe;
use uuid::Uuid;
use vestibule_domain::{Event, Instant, Invitation, OrganizationId, UserId};

/// A mail as the person gets it. Mails in the outbox don't contain secrets.
#[derive(sqlx::FromRow)]
pub struct MailOf {
    pub id: Uuid,
    pub letter: String,
    pub recipient: String,
    pub state: String,
    pub response: Option<String>,
    pub created_at: Instant,
    pub sent_at: Option<Instant>,
}

/// An acceptance session of one of the person's links.
#[derive(sqlx::FromRow)]
pub struct AcceptanceSessionOf {
    pub invitation_id: Uuid,
    pub channel: String,
    pub is_proven: bool,
    pub created_at: Instant,
    pub expires_at: Instant,
}

/// An event that was or will be sent to a webhook.
#[derive(sqlx::FromRow)]
pub struct WebhookDeliveryOf {
    pub id: Uuid,
    pub event_id: Uuid,
    pub endpoint_id: Uuid,
    pub state: String,
    pub created_at: Instant,
}

/// When somebody signed in, was last seen, and will be signed out.
#[derive(sqlx::FromRow)]
pub struct SessionOf {
    pub created_at: Instant,
    pub seen_at: Instant,
    pub expires_at: Instant,
}

/// The person and the organization whose data is read.
#[derive(Clone, Copy, Debug)]
pub struct DataSubject<'a> {
    pub organization_id: OrganizationId,
    /// The email address in its normal form.
    pub email: &'a str,
    pub user_id: Option<UserId>,
}

impl PersonalData<'_> {
    /// Returns the invitations to the person with an id after this one, oldest first.
    pub async fn invitations_to(
        &mut self,
        sought: DataSubject<'_>,
        after: Uuid,
        limit: u32,
    ) -> Result<Vec<Invitation>, Error> {
        let columns = self.0.invitation_columns();
        let sql = format!(
            "select {columns} from invitations i where i.organization_id = $1 and i.email = $2 and i.id > $3
            order by i.id limit $4"
        );
        let rows: Vec<invitations::Row> = on!(self.0, |c| sqlx::query_as(AssertSqlSafe(sql))
            .bind(sought.organization_id.uuid())
            .bind(sought.email)
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the invitations by the person with an id after this one, oldest first.
    pub async fn invitations_by(
        &mut self,
        sought: DataSubject<'_>,
        after: Uuid,
        limit: u32,
    ) -> Result<Vec<Invitation>, Error> {
        let columns = self.0.invitation_columns();
        let sql = format!(
            "select {columns} from invitations i where i.organization_id = $1 and i.inviter_id = $2 and i.id > $3
            order by i.id limit $4"
        );
        let rows: Vec<invitations::Row> = on!(self.0, |c| sqlx::query_as(AssertSqlSafe(sql))
            .bind(sought.organization_id.uuid())
            .bind(sought.user_id.map(UserId::uuid))
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the mails to the email address with an id after this one. Without an organization, these are the mails
    /// about accounts.
    pub async fn mails_to(
        &mut self,
        of: Option<OrganizationId>,
        email: &str,
        after: Uuid,
        limit: u32,
    ) -> Result<Vec<MailOf>, Error> {
        const SQL: &str =
            "select id, cast(letter as text) as letter, recipient, state, response, created_at, sent_at from mails
            where organization_id is not distinct from $1 and lower(recipient) = $2 and id > $3 order by id limit $4";
        on!(self.0, |c| sqlx::query_as(SQL)
            .bind(of.map(OrganizationId::uuid))
            .bind(email)
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
    }

    /// Returns the acceptance sessions of the person's links that still exist, at most `limit`.
    pub async fn acceptance_sessions_of(
        &mut self,
        sought: DataSubject<'_>,
        limit: u32,
    ) -> Result<Vec<AcceptanceSessionOf>, Error> {
        const SQL: &str =
            "select v.invitation_id, v.channel, v.is_proven, v.created_at, v.expires_at from acceptance_sessions v
            join invitations i on i.id = v.invitation_id where i.organization_id = $1 and i.email = $2
            order by v.created_at, v.id_hash limit $3";
        on!(self.0, |c| sqlx::query_as(SQL)
            .bind(sought.organization_id.uuid())
            .bind(sought.email)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
    }

    /// Returns the person's sessions, without anything that could be used to sign in.
    pub async fn sessions_of(&mut self, user_id: UserId) -> Result<Vec<SessionOf>, Error> {
        const SQL: &str =
            "select created_at, seen_at, expires_at from sessions where user_id = $1 order by created_at, id_hash";
        on!(self.0, |c| sqlx::query_as(SQL).bind(user_id.uuid()).fetch_all(c).await)
    }

    /// Returns the events after this number that the person caused, that are about them, or that quote their email
    /// address.
    pub async fn events_of(&mut self, sought: DataSubject<'_>, after: u64, limit: u32) -> Result<Vec<Event>, Error> {
        const SQL: &str =
            "select e.id, e.organization_id, e.number, e.at, e.actor, e.invitation_id, e.member_id, e.action, e.fact, e.hash
            from events e where e.organization_id = $1 and e.number > $2 and (e.actor_id = $3
            or e.invitation_id in (select id from invitations where organization_id = $1 and email = $4)
            or e.member_id in (select member_id from invitations where organization_id = $1 and email = $4 and member_id is not null)
            or e.member_id in (select id from members where organization_id = $1 and user_id = $5)
            or lower(e.fact) like $6 escape '\\') order by e.number limit $7";
        let rows: Vec<events::Row> = on!(self.0, |c| sqlx::query_as(SQL)
            .bind(sought.organization_id.uuid())
            .bind(i64::try_from(after).unwrap_or(i64::MAX))
            .bind(sought.user_id.map(|id| id.to_string()))
            .bind(sought.email)
            .bind(sought.user_id.map(UserId::uuid))
            .bind(super::containing(sought.email))
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the deliveries, after this id, of events that the person caused or that are about an invitation to them
    /// or their membership.
    pub async fn deliveries_of(
        &mut self,
        sought: DataSubject<'_>,
        after: Uuid,
        limit: u32,
    ) -> Result<Vec<WebhookDeliveryOf>, Error> {
        const SQL: &str = "select d.id, d.event_id, d.endpoint_id, d.state, d.created_at from webhook_deliveries d
            join events e on e.id = d.event_id where e.organization_id = $1 and d.id > $2 and (e.actor_id = $3
            or e.invitation_id in (select id from invitations where organization_id = $1 and email = $4)
            or e.member_id in (select member_id from invitations where organization_id = $1 and email = $4 and member_id is not null)
            or e.member_id in (select id from members where organization_id = $1 and user_id = $5))
            order by d.id limit $6";
        on!(self.0, |c| sqlx::query_as(SQL)
            .bind(sought.organization_id.uuid())
            .bind(after)
            .bind(sought.user_id.map(|id| id.to_string()))
            .bind(sought.email)
            .bind(sought.user_id.map(UserId::uuid))
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
    }
}
