//! The conditions that must hold in every database, checked on the whole of it.

use super::{
    Commits, Database, Error, PoolLimits, PostgresStore, Snapshot, Store, direct::DirectOptions, on,
    writer::SqliteStore,
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;
use vestibule_domain::{Instant, OrganizationId, seal::Seals};

/// Conditions that must not occur. Each query finds an organization, a noun and an id, and the text says what is wrong
/// with it.
const IMPOSSIBLE: [(&str, &str); 10] = [
    (
        "is accepted, but there is neither its member nor a record that they were removed or left",
        "select organization_id, 'invitation', id from invitations i where member_id is not null
            and not exists (select 1 from members m where m.invitation_id = i.id)
            and not exists (select 1 from members m where m.id = i.member_id)
            and not exists (select 1 from events e where e.member_id = i.member_id and e.action in ('member.removed', 'member.left'))
            order by id limit 100",
    ),
    (
        "waits for its mail, but the outbox has none to send",
        "select organization_id, 'invitation', id from invitations i where status = 'pending' and mail_state in ('queued', 'deferred')
            and not exists (select 1 from mails m where m.invitation_id = i.id and m.state in ('queued', 'deferred'))
            order by id limit 100",
    ),
    (
        "is held with its mail, but the outbox holds none",
        "select organization_id, 'invitation', id from invitations i where status = 'pending' and mail_state = 'held'
            and not exists (select 1 from mails m where m.invitation_id = i.id and m.state = 'held')
            order by id limit 100",
    ),
    (
        "is for another email address than that of its invitation",
        "select m.organization_id, 'mail', m.id from mails m join invitations i on i.id = m.invitation_id
            where m.state in ('queued', 'deferred', 'held') and i.status = 'pending'
            and (m.letter ->> 'letter') in ('invitation', 'reminder', 'code') and m.recipient <> i.email_typed and m.recipient <> i.email
            order by m.id limit 100",
    ),
    (
        "is open and offers a role that is not there",
        "select i.organization_id, 'invitation', i.id from invitations i join invitation_roles l on l.invitation_id = i.id
            where i.status = 'pending' and not exists (select 1 from roles r where r.id = l.role_id and r.organization_id = i.organization_id)
            order by i.id limit 100",
    ),
    (
        "is open and is limited to a resource that is not there",
        "select i.organization_id, 'invitation', i.id from invitations i join invitation_resources l on l.invitation_id = i.id
            where i.status = 'pending' and not exists (select 1 from resources r where r.id = l.resource_id and r.organization_id = i.organization_id)
            order by i.id limit 100",
    ),
    (
        "has another number of invitations than is kept beside them",
        "select coalesce(c.organization_id, r.organization_id), 'organization', coalesce(c.organization_id, r.organization_id)
            from invitation_counts c full join (select organization_id, status, count(*) as count from invitations group by 1, 2) r
            on r.organization_id = c.organization_id and r.status = c.status
            where coalesce(c.count, 0) <> coalesce(r.count, 0) limit 100",
    ),
    (
        "has another number of mails than is kept beside them",
        "select coalesce(c.organization_id, r.organization_id), 'organization', coalesce(c.organization_id, r.organization_id)
            from mail_counts c full join (select organization_id, state, count(*) as count from mails
                where organization_id is not null group by 1, 2) r
            on r.organization_id = c.organization_id and r.state = c.state
            where coalesce(c.count, 0) <> coalesce(r.count, 0) limit 100",
    ),
    (
        "has another number of members than is kept beside them",
        "select coalesce(c.organization_id, r.organization_id), 'organization', coalesce(c.organization_id, r.organization_id)
            from member_counts c full join (select organization_id, count(*) as count from members group by 1) r
            on r.organization_id = c.organization_id where coalesce(c.count, 0) <> coalesce(r.count, 0) limit 100",
    ),
    (
        "has another number of deliveries than is kept beside them",
        "select n.organization_id, 'webhook', n.id from webhook_delivery_counts c
            full join (select endpoint_id, state, count(*) as count from webhook_deliveries group by 1, 2) r
            on r.endpoint_id = c.endpoint_id and r.state = c.state
            join webhook_endpoints n on n.id = coalesce(c.endpoint_id, r.endpoint_id)
            where coalesce(c.count, 0) <> coalesce(r.count, 0) limit 100",
    ),
];

/// Queries for rows whose lease ends later than the parameter, so that nobody can take them. This happens when a clock
/// was wrong.
const LEASED: [(&str, &str); 2] = [
    (
        "is leased to a process for longer than is allowed",
        "select organization_id, 'mail', id from mails where leased_until > $1 order by id limit 100",
    ),
    (
        "is leased to a process for longer than is allowed",
        "select n.organization_id, 'delivery', d.id from webhook_deliveries d join webhook_endpoints n on n.id = d.endpoint_id
            where d.leased_until > $1 order by d.id limit 100",
    ),
];
/// Many times the duration of a lease.
const LONGEST_LEASE: chrono::Duration = chrono::Duration::hours(1);

/// How thoroughly the database is checked.
#[derive(Clone, Copy, Debug)]
pub struct CheckOptions {
    pub now: Instant,
    /// Whether each page of a SQLite file is checked together with the entries of its indexes, which takes many times
    /// as long as the pages alone.
    pub is_full: bool,
}

/// A fault, with the organization if it belongs to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckError {
    pub organization_id: Option<OrganizationId>,
    pub what: String,
}

impl Store {
    /// Opens what [`super::open::look`] has found, to only read it. The tables are not brought up to date.
    pub async fn open_to_read(url: &str) -> Result<Self, Error> {
        let (seals, limits) = (Seals::default(), PoolLimits::unhurried());
        let database = match Self::file_of(url) {
            Some(path) => {
                // without a log nobody writes, and none must be created
                let is_still = !super::lock::beside(path, "-wal").exists();
                let options = DirectOptions::of(path, limits.wait).read_only().still(is_still);
                Database::Sqlite(SqliteStore::open(options, 1, Commits::Grouped, limits.wait, seals.clone())?)
            }
            None => Database::Postgres(PostgresStore::connect(url, limits, seals.clone()).await?),
        };
        Ok(Self::of(database, seals))
    }

    /// Returns every organization with its slug, oldest first.
    pub async fn all_organizations(&self) -> Result<Vec<(OrganizationId, String)>, Error> {
        const SQL: &str = "select id, slug from organizations order by id";
        let rows: Vec<(Uuid, String)> =
            self.read(async |tx| on!(tx, |c| sqlx::query_as(SQL).fetch_all(c).await)).await?;
        Ok(rows.into_iter().map(|(id, slug)| (id.into(), slug)).collect())
    }

    /// Returns what is wrong with the database itself, or nothing. PostgreSQL checks its own files.
    pub(super) async fn faults(&self, options: CheckOptions) -> Result<Vec<CheckError>, Error> {
        let mut faults = Vec::new();
        if let Database::Sqlite(_) = self.database {
            let sql = if options.is_full { "pragma integrity_check" } else { "pragma quick_check" };
            let found: Vec<String> =
                self.read(async |tx| on!(tx, |c| sqlx::query_scalar(sql).fetch_all(c).await)).await?;
            faults.extend(found.into_iter().filter(|line| line != "ok"));
        }
        faults.extend(self.read(async |tx| tx.orphans().await).await?);
        let mut faults: Vec<CheckError> =
            faults.into_iter().map(|what| CheckError { organization_id: None, what }).collect();
        for (what, sql) in IMPOSSIBLE {
            faults.extend(self.read(async |tx| tx.impossible(what, sql).await).await?);
        }
        for (what, sql) in LEASED {
            faults.extend(self.read(async |tx| tx.leased(what, sql, options.now + LONGEST_LEASE).await).await?);
        }
        Ok(faults)
    }
}

/// An organization, a noun and an id.
type FaultyRow = (Option<Uuid>, String, Uuid);

fn fault((of, noun, id): FaultyRow, what: &str) -> CheckError {
    CheckError { organization_id: of.map(Into::into), what: format!("{noun} {id} {what}") }
}

impl Snapshot {
    async fn impossible(&mut self, what: &str, sql: &'static str) -> Result<Vec<CheckError>, Error> {
        let rows: Vec<FaultyRow> = on!(self, |c| sqlx::query_as(sql).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|row| fault(row, what)).collect())
    }

    async fn leased(&mut self, what: &str, sql: &'static str, until: Instant) -> Result<Vec<CheckError>, Error> {
        let rows: Vec<FaultyRow> = on!(self, |c| sqlx::query_as(sql).bind(until).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|row| fault(row, what)).collect())
    }

    /// Returns one line for each pair of tables in which rows refer to missing rows. PostgreSQL prevents this, unless
    /// its checks were switched off for a while.
    async fn orphans(&mut self) -> Result<Vec<String>, Error> {
        const KEYS: &str =
            // the keys first: the server knows too little of its own tables to begin there
            "with keys as materialized (select conrelid, confrelid, conkey, confkey from pg_constraint
                where contype = 'f' and connamespace = (select oid from pg_namespace where nspname = current_schema()))
            select c.conrelid::regclass::text, a.attname::text, c.confrelid::regclass::text, f.attname::text
            from keys c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
            join pg_attribute f on f.attrelid = c.confrelid and f.attnum = c.confkey[1] order by 1, 2";
        let line = |count: i64, table: &str, parent: &str| {
            format!("{count} rows of the table {table} refer to a row of {parent} that does not exist")
        };
        if let Self::Sqlite(connection) = self {
            const SQL: &str =
                "select \"table\", parent, count(*) from pragma_foreign_key_check group by 1, 2 order by 1, 2";
            let rows: Vec<(String, String, i64)> = sqlx::query_as(SQL).fetch_all(&mut **connection).await?;
            return Ok(rows.into_iter().map(|(table, parent, count)| line(count, &table, &parent)).collect());
        }
        let Self::Postgres(connection) = self else { return Ok(Vec::new()) };
        let keys: Vec<(String, String, String, String)> = sqlx::query_as(KEYS).fetch_all(&mut **connection).await?;
        let mut lines = Vec::new();
        for (table, column, parent, key) in keys {
            // names from the database's own catalogue
            let sql = format!(
                "select count(*) from {table} c where c.{column} is not null
                and not exists (select 1 from {parent} p where p.{key} = c.{column})"
            );
            let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut **connection).await?;
            if count > 0 {
                lines.push(line(count, &table, &parent));
            }
        }
        Ok(lines)
    }
}
