//! AcceptanceSessions: which links were opened in a browser, so that the page afterwards needs no token in its address.

use super::{
    Error, Tx, corrupt, on, prune,
    subject::{AcceptanceSessions, AcceptanceSessionsMut},
};
use uuid::Uuid;
use vestibule_domain::{AcceptanceKind, Instant, InvitationId, OrganizationId, token::Channel};

/// An acceptance session as it is stored.
#[derive(Clone, Copy, Debug)]
pub struct AcceptanceSessionRow {
    pub invitation_id: InvitationId,
    pub generation: u32,
    pub channel: Channel,
    pub codes_sent: u32,
    /// Wrong codes since the last one was sent.
    pub code_tries: u32,
    /// Whether the mailbox is proved, by the mailed link itself or by a code.
    pub is_proven: bool,
    /// How the invitee comes to accept, as far as it is known.
    pub arrival: Option<AcceptanceKind>,
    pub expires_at: Instant,
}

#[derive(sqlx::FromRow)]
struct Row {
    invitation_id: Uuid,
    generation: i64,
    channel: String,
    codes_sent: i64,
    code_tries: i64,
    is_proven: bool,
    arrival: Option<String>,
    expires_at: Instant,
}

impl TryFrom<Row> for AcceptanceSessionRow {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let number = |value: i64| u32::try_from(value).map_err(|_| corrupt("acceptance_sessions.generation"));
        Ok(Self {
            invitation_id: row.invitation_id.into(),
            generation: number(row.generation)?,
            channel: match row.channel.as_str() {
                "mail" => Channel::Mail,
                "shared" => Channel::Shared,
                _ => return Err(corrupt("acceptance_sessions.channel")),
            },
            codes_sent: number(row.codes_sent)?,
            code_tries: number(row.code_tries)?,
            is_proven: row.is_proven,
            arrival: row
                .arrival
                .map(|text| text.parse())
                .transpose()
                .map_err(|_| corrupt("acceptance_sessions.arrival"))?,
            expires_at: row.expires_at,
        })
    }
}

fn channel_text(channel: Channel) -> &'static str {
    match channel {
        Channel::Mail => "mail",
        Channel::Shared => "shared",
    }
}

impl AcceptanceSessions<'_> {
    pub async fn get(&mut self, id_hash: &[u8]) -> Result<Option<AcceptanceSessionRow>, Error> {
        const SQL: &str =
            "select invitation_id, generation, channel, codes_sent, code_tries, is_proven, arrival, expires_at
            from acceptance_sessions where id_hash = $1";
        let row: Option<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(id_hash).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Returns the organization whose invitation this acceptance session is about.
    pub async fn organization(&mut self, id_hash: &[u8]) -> Result<Option<OrganizationId>, Error> {
        const SQL: &str =
            "select i.organization_id from acceptance_sessions s join invitations i on i.id = s.invitation_id
            where s.id_hash = $1";
        let id: Option<Uuid> = on!(self.0, |c| sqlx::query_scalar(SQL).bind(id_hash).fetch_optional(c).await)?;
        Ok(id.map(Into::into))
    }
}

impl AcceptanceSessionsMut<'_, Tx> {
    pub async fn add(
        &mut self,
        id_hash: &[u8],
        acceptance_session: &AcceptanceSessionRow,
        now: Instant,
    ) -> Result<(), Error> {
        const SQL: &str =
            "insert into acceptance_sessions (id_hash, invitation_id, generation, channel, is_proven, created_at, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7)";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(id_hash)
            .bind(acceptance_session.invitation_id.uuid())
            .bind(i64::from(acceptance_session.generation))
            .bind(channel_text(acceptance_session.channel))
            .bind(acceptance_session.is_proven)
            .bind(now)
            .bind(acceptance_session.expires_at)
            .execute(c)
            .await
            .map(drop))
    }

    /// Counts a code that is about to be mailed, and resets the count of wrong ones. Returns the number of the code.
    pub async fn count_code(&mut self, id_hash: &[u8]) -> Result<u32, Error> {
        const SQL: &str = "update acceptance_sessions set codes_sent = codes_sent + 1, code_tries = 0 where id_hash = $1 returning codes_sent";
        let count: i64 = on!(self.0, |c| sqlx::query_scalar(SQL).bind(id_hash).fetch_one(c).await)?;
        u32::try_from(count).map_err(|_| corrupt("acceptance_sessions.codes_sent"))
    }

    pub async fn count_try(&mut self, id_hash: &[u8]) -> Result<(), Error> {
        const SQL: &str = "update acceptance_sessions set code_tries = code_tries + 1 where id_hash = $1";
        on!(self.0, |c| sqlx::query(SQL).bind(id_hash).execute(c).await.map(drop))
    }

    pub async fn prove(&mut self, id_hash: &[u8]) -> Result<(), Error> {
        const SQL: &str = "update acceptance_sessions set is_proven = $2 where id_hash = $1";
        on!(self.0, |c| sqlx::query(SQL).bind(id_hash).bind(true).execute(c).await.map(drop))
    }

    /// Saves how the invitee comes to accept.
    pub async fn note_kind(&mut self, id_hash: &[u8], arrival: AcceptanceKind) -> Result<(), Error> {
        const SQL: &str = "update acceptance_sessions set arrival = $2 where id_hash = $1";
        on!(self.0, |c| sqlx::query(SQL).bind(id_hash).bind(arrival.as_str()).execute(c).await.map(drop))
    }

    /// Removes at most `limit` acceptance sessions that have expired. Returns how many.
    pub async fn prune(&mut self, now: Instant, limit: u32) -> Result<u64, Error> {
        let sql = prune!(self.0, "acceptance_sessions", "id_hash", "expires_at <= $1", "$2");
        Ok(on!(self.0, |c| sqlx::query(sql).bind(now).bind(i64::from(limit)).execute(c).await?.rows_affected()))
    }
}
