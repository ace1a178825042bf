//! Fills an empty folder with a large installation on SQLite, to measure with: a million invitations in a thousand
//! organizations, a quarter of them in each state, with their members, mails and events, whose chains are whole.
//! `cargo run --release --example million -- FOLDER [INVITATIONS]`. Everybody's password is
//! `hedgerow lantern oyster`; `vestibule migrate-db` moves it to PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a tool for developers stops where it can't go on")]

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::Duration;
use clap::Parser;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::types::Json;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;
use vestibule_core::service::{SetUp, Settings, Vestibule};
use vestibule_domain::{
    Actor, Clock, EventHash, EventId, Fact, Instant, InvitationId, Letter, MailId, MemberId, Name, OrganizationId,
    SystemClock, UserId, chain::ChainLink, search::folded, token::SigningKeys,
};
use vestibule_store::Store;

const ORGANIZATIONS: u64 = 1_000;
const PASSWORD: &str = "hedgerow lantern oyster";
/// Rows kept by one commit.
const CHUNK: u64 = 50_000;

/// Fills an empty folder with a large installation on SQLite.
#[derive(Parser)]
struct Arguments {
    folder: PathBuf,
    #[arg(default_value_t = 1_000_000)]
    invitations: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let Arguments { folder, invitations: count } = Arguments::parse();
    let folder = folder.as_path();
    std::fs::create_dir_all(folder).unwrap();
    let url = format!("sqlite:{}", folder.join("vestibule.db").display());
    make_organizations(folder, &url, count.div_ceil(100).clamp(1, ORGANIZATIONS)).await;
    let options = SqliteConnectOptions::new().filename(folder.join("vestibule.db"));
    let options = options.journal_mode(SqliteJournalMode::Off).synchronous(SqliteSynchronous::Off);
    // with the little that SQLite keeps in memory by itself, each row waits for pages of its indexes
    let options = options.pragma("cache_size", "-262144");
    let mut connection = options.disable_statement_logging().connect().await.unwrap();
    let trigger: String = sqlx::query_scalar("select sql from sqlite_master where name = 'events_head'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    sqlx::raw_sql("drop trigger events_head").execute(&mut connection).await.unwrap();
    fill(&mut connection, count).await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(trigger)).execute(&mut connection).await.unwrap();
    sqlx::raw_sql("analyze").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Through the program itself; Ada owns them all.
async fn make_organizations(folder: &Path, url: &str, count: u64) {
    let key: [u8; 32] = rand::random();
    let mut file = vestibule_store::private::make_file(&folder.join("secret.key")).unwrap();
    file.write_all(STANDARD.encode(key).as_bytes()).unwrap();
    let store = Store::open(url).await.unwrap();
    let vestibule =
        Vestibule::new(store, Arc::new(SystemClock), SigningKeys::new(key, vec![]), Settings::default(), None);
    for n in 0..count {
        let password = if n == 0 { PASSWORD.to_owned() } else { String::new() };
        let (name, email) = ("Ada Byrne".to_owned(), "ada@example.com".to_owned());
        let new = SetUp { organization: format!("Organization {n}"), slug: format!("o{n}"), name, email, password };
        vestibule.organizations().create(new).await.unwrap();
    }
    vestibule.close().await;
}

/// An organization that is filled, and the end of its chain.
struct Organization {
    id: OrganizationId,
    owner: Actor,
    owner_id: UserId,
    member_role: Uuid,
    number: u64,
    hash: EventHash,
}

async fn organizations(connection: &mut SqliteConnection) -> Vec<Organization> {
    const SQL: &str = "select o.id, o.event_count, o.event_hash, r.id, m.user_id from organizations o
        join roles r on r.organization_id = o.id and r.key = 'member' join members m on m.organization_id = o.id order by o.id";
    let rows: Vec<(Uuid, i64, Vec<u8>, Uuid, Uuid)> = sqlx::query_as(SQL).fetch_all(connection).await.unwrap();
    let organization = |(id, number, hash, role, owner): (Uuid, i64, Vec<u8>, Uuid, Uuid)| Organization {
        id: id.into(),
        owner: Actor::Member { id: owner.into(), name: Name::parse("name", "Ada Byrne").unwrap() },
        owner_id: owner.into(),
        member_role: role,
        number: number.unsigned_abs(),
        hash: EventHash::of_bytes(&hash).unwrap(),
    };
    rows.into_iter().map(organization).collect()
}

/// A fifth of all in the first organization, the others in turn.
async fn fill(connection: &mut SqliteConnection, count: u64) {
    let mut organizations = organizations(connection).await;
    let hash: String =
        sqlx::query_scalar("select password_hash from users limit 1").fetch_one(&mut *connection).await.unwrap();
    let (begun, others) = (SystemClock.now() - Duration::days(40), organizations.len() as u64 - 1);
    let step = Duration::days(30) / i32::try_from(count).unwrap();
    sqlx::raw_sql("begin").execute(&mut *connection).await.unwrap();
    for n in 0..count {
        let at = begun + step * i32::try_from(n).unwrap();
        let which = if n % 5 == 0 || others == 0 { 0 } else { 1 + (n / 4) % others };
        let organization = &mut organizations[usize::try_from(which).unwrap()];
        organization.invite(connection, n, whole_microseconds(at), &hash).await;
        if n % CHUNK == CHUNK - 1 {
            sqlx::raw_sql("commit; begin").execute(&mut *connection).await.unwrap();
            eprintln!("{} of {count} invitations", n + 1);
        }
    }
    for organization in organizations {
        const SQL: &str =
            "update organizations set event_count = $2, event_hash = $3, sealed_number = 0, seal = null where id = $1";
        let (id, number) = (organization.id.uuid(), organization.number.cast_signed());
        let query = sqlx::query(SQL).bind(id).bind(number).bind(organization.hash.as_bytes().to_vec());
        query.execute(&mut *connection).await.unwrap();
    }
    sqlx::raw_sql("commit").execute(&mut *connection).await.unwrap();
}

/// The moment as SQLite stores it.
fn micros(at: Instant) -> i64 {
    at.timestamp_micros()
}

fn whole_microseconds(at: Instant) -> Instant {
    Instant::from_timestamp_micros(at.timestamp_micros()).unwrap()
}

impl Organization {
    async fn invite(&mut self, connection: &mut SqliteConnection, n: u64, at: Instant, password_hash: &str) {
        const INVITATION: &str =
            "insert into invitations (id, organization_id, email, email_typed, name, search, metadata, inviter_id,
            generation, status, created_at, issued_at, expires_at, closed_at, closed_by, member_id, mail_state)
            values ($1, $2, $3, $3, null, $4, '{}', $5, 1, $6, $7, $7, $8, $9, $10, $11, 'sent')";
        const ROLE: &str = "insert into invitation_roles (invitation_id, position, role_id) values ($1, 0, $2)";
        const MAIL: &str = "insert into mails (id, organization_id, invitation_id, letter, recipient, state, attempts, tried_since, due_at,
            response, created_at, sent_at, lane, urgency) values ($1, $2, $3, $4, $5, 'sent', 1, $6, $6, $7, $6, $8, $2, 1)";
        let (id, email) = (InvitationId::new(at), format!("person{n}@people.example"));
        let (sent_at, closed_at) = (at + Duration::seconds(1), at + Duration::days(1));
        let response = "250 2.0.0 Ok: queued".to_owned();
        let created = Fact::InvitationCreated { email: email.clone(), roles: vec!["Member".to_owned()] };
        let owner = self.owner.clone();
        self.record(connection, at, &owner, (Some(id), None), &created).await;
        let sent = Fact::InvitationSent { response: response.clone() };
        self.record(connection, sent_at, &Actor::System, (Some(id), None), &sent).await;
        let (status, closed_by, member_id) = match n % 4 {
            0 => ("pending", None, None),
            1 => {
                let member_id = self.join(connection, n, id, &email, closed_at, password_hash).await;
                ("accepted", None, Some(member_id))
            }
            2 => {
                self.record(connection, closed_at, &owner, (Some(id), None), &Fact::InvitationRevoked {}).await;
                ("revoked", Some(owner), None)
            }
            _ => {
                self.record(connection, closed_at, &Actor::System, (Some(id), None), &Fact::InvitationExpired {}).await;
                ("expired", None, None)
            }
        };
        let expires_at = if status == "expired" { closed_at } else { at + Duration::days(365) };
        let query = sqlx::query(INVITATION).bind(id.uuid()).bind(self.id.uuid()).bind(&email).bind(folded(&email));
        let query = query.bind(self.owner_id.uuid()).bind(status).bind(micros(at)).bind(micros(expires_at));
        let query = query.bind((status != "pending").then(|| micros(closed_at))).bind(closed_by.map(Json));
        query.bind(member_id.map(MemberId::uuid)).execute(&mut *connection).await.unwrap();
        sqlx::query(ROLE).bind(id.uuid()).bind(self.member_role).execute(&mut *connection).await.unwrap();
        let letter = Json(Letter::Invitation { invitation_id: id, generation: 1 });
        let query = sqlx::query(MAIL).bind(MailId::new(at).uuid()).bind(self.id.uuid()).bind(id.uuid()).bind(letter);
        query.bind(&email).bind(micros(at)).bind(response).bind(micros(sent_at)).execute(connection).await.unwrap();
    }

    async fn join(
        &mut self,
        connection: &mut SqliteConnection,
        n: u64,
        invitation_id: InvitationId,
        email: &str,
        at: Instant,
        password_hash: &str,
    ) -> MemberId {
        const USER: &str =
            "insert into users (id, email, email_typed, name, search, password_hash, is_email_verified, created_at)
            values ($1, $2, $2, $3, $6, $4, 1, $5)";
        const MEMBER: &str = "insert into members (id, organization_id, user_id, metadata, invitation_id, joined_at)
            values ($1, $2, $3, '{}', $4, $5)";
        const ROLE: &str = "insert into member_roles (member_id, position, role_id) values ($1, 0, $2)";
        let (user_id, member_id, name) = (UserId::new(at), MemberId::new(at), format!("Person {n}"));
        let query = sqlx::query(USER).bind(user_id.uuid()).bind(email).bind(&name).bind(password_hash);
        let query = query.bind(micros(at)).bind(folded(&format!("{email} {name}")));
        query.execute(&mut *connection).await.unwrap();
        let query = sqlx::query(MEMBER).bind(member_id.uuid()).bind(self.id.uuid()).bind(user_id.uuid());
        query.bind(invitation_id.uuid()).bind(micros(at)).execute(&mut *connection).await.unwrap();
        sqlx::query(ROLE).bind(member_id.uuid()).bind(self.member_role).execute(&mut *connection).await.unwrap();
        let (person, subject) = (
            Actor::Member { id: user_id, name: Name::parse("name", &name).unwrap() },
            (Some(invitation_id), Some(member_id)),
        );
        self.record(connection, at, &person, subject, &Fact::InvitationAccepted { name: name.clone() }).await;
        let added = Fact::MemberAdded { name, roles: vec!["Member".to_owned()] };
        self.record(connection, at, &person, subject, &added).await;
        member_id
    }

    async fn record(
        &mut self,
        connection: &mut SqliteConnection,
        at: Instant,
        actor: &Actor,
        subject: (Option<InvitationId>, Option<MemberId>),
        fact: &Fact,
    ) {
        const SQL: &str = "insert into events (id, organization_id, number, at, actor, actor_id, invitation_id, member_id, action, fact, search, hash, salt)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
        let link = ChainLink {
            id: EventId::new(at),
            organization_id: self.id,
            number: self.number + 1,
            at,
            actor: serde_json::to_string(actor).unwrap(),
            invitation_id: subject.0,
            member_id: subject.1,
            action: fact.action().to_owned(),
            fact: serde_json::to_string(fact).unwrap(),
            salt: Some(rand::random::<[u8; 16]>().to_vec()),
        };
        (self.number, self.hash) = (link.number, link.hash(self.hash));
        let query = sqlx::query(SQL).bind(link.id.uuid()).bind(self.id.uuid()).bind(link.number.cast_signed());
        let query = query.bind(micros(at));
        let query = query.bind(&link.actor).bind(actor.key()).bind(subject.0.map(InvitationId::uuid));
        let query = query.bind(subject.1.map(MemberId::uuid)).bind(&link.action).bind(&link.fact).bind(fact.search());
        query.bind(self.hash.as_bytes().to_vec()).bind(&link.salt).execute(connection).await.unwrap();
    }
}
