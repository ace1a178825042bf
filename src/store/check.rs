//! What must hold in every database, asked of the whole of it.

use super::{Commits, Database, Error, Limits, Store, on};
use crate::domain::OrganizationId;
use std::path::Path;
use uuid::Uuid;

/// What each finds is an invitation of which it says something that can't be.
const IMPOSSIBLE: [(&str, &str); 2] = [
    (
        "is accepted, and neither is there its member nor the record that they were removed or left",
        "select id from invitations i where member_id is not null
            and not exists (select 1 from members m where m.invitation_id = i.id)
            and not exists (select 1 from events e where e.member_id = i.member_id and e.action in ('member.removed', 'member.left'))
            order by id limit 1",
    ),
    (
        "waits for its mail, and the outbox has none to send",
        "select id from invitations i where status = 'pending' and mail_state in ('queued', 'deferred')
            and not exists (select 1 from mails m where m.invitation_id = i.id and m.state in ('queued', 'deferred'))
            order by id limit 1",
    ),
];

impl Store {
    /// [`Store::open`], but of what is there: a mistyped path is no empty database.
    pub async fn open_existing(url: &str) -> Result<Self, Error> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            std::fs::metadata(Path::new(path.trim_start_matches("//")))?;
        }
        Self::open_with(url, Commits::Grouped, Limits::unhurried()).await
    }

    /// Every organization with its slug, the oldest first.
    pub async fn all_organizations(&self) -> Result<Vec<(OrganizationId, String)>, Error> {
        const SQL: &str = "select id, slug from organizations order by id";
        let rows: Vec<(Uuid, String)> =
            self.read(async |tx| on!(tx, |c| sqlx::query_as(SQL).fetch_all(c).await)).await?;
        Ok(rows.into_iter().map(|(id, slug)| (id.into(), slug)).collect())
    }

    /// What is wrong with the database as such, a line for each; none when all is well. PostgreSQL looks after its
    /// files itself.
    pub async fn faults(&self) -> Result<Vec<String>, Error> {
        let mut faults = Vec::new();
        if let Database::Sqlite(_) = self.database {
            let found: Vec<String> =
                self.read(async |tx| on!(tx, |c| sqlx::query_scalar("pragma quick_check").fetch_all(c).await)).await?;
            faults.extend(found.into_iter().filter(|line| line != "ok"));
        }
        for (what, sql) in IMPOSSIBLE {
            let id: Option<Uuid> =
                self.read(async |tx| on!(tx, |c| sqlx::query_scalar(sql).fetch_optional(c).await)).await?;
            faults.extend(id.map(|id| format!("invitation {id} {what}")));
        }
        Ok(faults)
    }
}
