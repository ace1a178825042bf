//! An installation of a test's own: its database, a clock that stands still, mail that is kept, and HTTP on a free
//! port.

use super::end::End;
use chrono::{Duration, TimeZone, Utc};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use uuid::Uuid;
use vestibule::server;
use vestibule_core::mail::{Mailer, Memory};
use vestibule_core::service::{Settings, Vestibule};
use vestibule_core::worker::{self, RoundProgress};
use vestibule_domain::{Clock, ManualClock, SystemClock, token::SigningKeys};
use vestibule_store::{Commits, PoolLimits, Store};
use vestibule_web::connections;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// What differs from the ordinary installation.
pub struct Setup {
    pub database: Database,
    /// Where its database is, if it is none of its own.
    pub database_url: Option<String>,
    /// `None`: memory; `Some(None)`: no mail server.
    pub mailer: Option<Option<Mailer>>,
    pub settings: Box<dyn FnOnce(&mut Settings) + Send>,
    /// How long it waits for its database.
    pub limits: PoolLimits,
    /// Where its clock stands: some day, or now for those who share the database with the real program.
    pub starts_now: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            database: Database::Sqlite,
            database_url: None,
            mailer: None,
            settings: Box::new(|_| {}),
            limits: PoolLimits::default(),
            starts_now: false,
        }
    }
}

pub struct TestApp {
    pub vestibule: Arc<Vestibule>,
    pub clock: Arc<ManualClock>,
    pub mail: Memory,
    pub signing_keys: SigningKeys,
    /// Where its HTTP is: `http://127.0.0.1:port`.
    pub url: String,
    pub database_url: String,
    pub(super) http: reqwest::Client,
    folder: Arc<TempDir>,
    end: End,
}

impl TestApp {
    /// On SQLite.
    pub async fn new() -> Self {
        Self::on(Database::Sqlite).await
    }

    pub async fn on(database: Database) -> Self {
        Self::with(Setup { database, ..Setup::default() }).await
    }

    pub async fn with(setup: Setup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database_url = match &setup.database_url {
            Some(url) => url.clone(),
            None => database_in(&folder, setup.database).await,
        };
        Self::open(setup, database_url, folder).await
    }

    /// Another instance beside this one, on the same database, with the same key, clock and limits.
    pub async fn sibling(&self) -> Self {
        let (an_hour, a_minute) = {
            let settings = self.vestibule.settings();
            (settings.invitations_per_hour, settings.api_requests_per_minute)
        };
        let settings = Box::new(move |settings: &mut Settings| {
            (settings.invitations_per_hour, settings.api_requests_per_minute) = (an_hour, a_minute);
        });
        let setup = Setup { settings, ..Setup::default() };
        let app = Self::open(setup, self.database_url.clone(), tempfile::tempdir().unwrap()).await;
        Self {
            clock: Arc::clone(&self.clock),
            vestibule: app.reopened(&self.clock, &self.mail).await,
            mail: self.mail.clone(),
            ..app
        }
    }

    /// The same installation after a restart, with a mail server or without: the database, the key and the clock are
    /// the same, and so is the mail that is kept.
    pub async fn restarted(&self, has_mail_server: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings { public_url: url.clone(), ..self.vestibule.settings().clone() };
        let mailer = has_mail_server.then(|| Mailer::Memory(self.mail.clone()));
        let store = Store::open(&self.database_url).await.unwrap();
        let vestibule =
            Arc::new(Vestibule::new(store, self.clock.clone(), self.signing_keys.clone(), settings, mailer));
        tokio::spawn(connections::serve(listener, server::router(&vestibule), std::future::pending()));
        Self {
            vestibule,
            clock: Arc::clone(&self.clock),
            mail: self.mail.clone(),
            signing_keys: self.signing_keys.clone(),
            url,
            database_url: self.database_url.clone(),
            http: super::client::http(),
            folder: Arc::new(tempfile::tempdir().unwrap()),
            end: self.end.clone(),
        }
    }

    async fn reopened(&self, clock: &Arc<ManualClock>, mail: &Memory) -> Arc<Vestibule> {
        let store = Store::open(&self.database_url).await.unwrap();
        let settings = self.vestibule.settings().clone();
        Arc::new(Vestibule::new(
            store,
            clock.clone(),
            self.signing_keys.clone(),
            settings,
            Some(Mailer::Memory(mail.clone())),
        ))
    }

    async fn open(setup: Setup, database_url: String, folder: TempDir) -> Self {
        super::log::keep_asking();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let some_day = Utc.with_ymd_and_hms(2026, 11, 22, 9, 0, 0).unwrap();
        let clock = Arc::new(ManualClock::new(if setup.starts_now { SystemClock.now() } else { some_day }));
        let (mail, signing_keys) = (Memory::default(), SigningKeys::new([7; 32], vec![]));
        let mut settings = Settings { public_url: url.clone(), ..Settings::default() };
        // webhooks of tests go to this machine
        settings.webhook_allow_subnets = vec!["127.0.0.0/8".parse().unwrap()];
        (setup.settings)(&mut settings);
        let store = Store::open_with(&database_url, Commits::Grouped, setup.limits).await.unwrap();
        let mailer = setup.mailer.unwrap_or_else(|| Some(Mailer::Memory(mail.clone())));
        let vestibule = Arc::new(Vestibule::new(store, clock.clone(), signing_keys.clone(), settings, mailer));
        tokio::spawn(connections::serve(listener, server::router(&vestibule), std::future::pending()));
        let folder = Arc::new(folder);
        let end = End::new(&database_url, &signing_keys, &clock, &folder);
        Self { vestibule, clock, mail, signing_keys, url, database_url, http: super::client::http(), folder, end }
    }

    /// The leases of mails are over, as if their time had passed.
    pub async fn lapse_leases(&self) {
        self.execute("update mails set leased_until = created_at where leased_until is not null").await;
    }

    /// What is looked at when the test is over.
    pub fn end(&self) -> End {
        self.end.clone()
    }

    /// Does this to the database, behind the program's back.
    pub async fn execute(&self, sql: &str) {
        self.end.is_by_hand();
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if self.is_sqlite() {
            let mut connection = self.sqlite().await;
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        } else {
            let mut connection = self.postgres().await;
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        }
    }

    /// The moment as SQL writes it.
    pub fn moment(&self, at: vestibule_domain::Instant) -> String {
        match self.is_sqlite() {
            true => at.timestamp_micros().to_string(),
            false => format!("timestamptz '{}'", at.to_rfc3339()),
        }
    }

    /// The number that the database answers.
    pub async fn count(&self, sql: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if self.is_sqlite() {
            sqlx::query_scalar(sql).fetch_one(&mut self.sqlite().await).await.unwrap()
        } else {
            sqlx::query_scalar(sql).fetch_one(&mut connected(&self.database_url).await).await.unwrap()
        }
    }

    /// The text that SQLite answers.
    pub async fn text(&self, sql: &'static str) -> String {
        sqlx::query_scalar(sql).fetch_one(&mut self.sqlite().await).await.unwrap()
    }

    pub fn is_sqlite(&self) -> bool {
        self.database_url.starts_with("sqlite:")
    }

    async fn sqlite(&self) -> sqlx::SqliteConnection {
        <sqlx::SqliteConnection as sqlx::Connection>::connect(&self.database_url).await.unwrap()
    }

    /// A connection of one's own, to what is on PostgreSQL.
    pub async fn postgres(&self) -> sqlx::PgConnection {
        self.end.is_by_hand();
        connected(&self.database_url).await
    }

    /// `count` more users with the name and password of this one: person0@example.com and so on.
    pub async fn multiply(&self, email: &str, count: u32) {
        let pool = sqlx::SqlitePool::connect(&self.database_url).await.unwrap();
        let sql = "with recursive n (n) as (select 0 union all select n + 1 from n where n < $2 - 1)
            insert into users select randomblob(16), 'person' || n || '@example.com', 'person' || n || '@example.com',
            name, password_hash, is_email_verified, created_at, ' person' || n || ' example com ' from users, n where email = $1";
        sqlx::query(sql).bind(email).bind(count).execute(&pool).await.unwrap();
    }

    /// A copy of the SQLite database, as a backup makes it.
    pub async fn copy_database(&self, path: &std::path::Path) {
        let pool = sqlx::SqlitePool::connect(&self.database_url).await.unwrap();
        sqlx::query("vacuum into $1").bind(path.display().to_string()).execute(&pool).await.unwrap();
    }

    /// The folder of this installation's files.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Sets the clock to the real time. What a program with a clock of its own goes on with is made after that.
    pub fn catch_up(&self) {
        self.advance(SystemClock.now() - self.clock.now());
    }

    /// Lets the worker go on until nothing is due.
    pub async fn settle(&self) {
        while worker::tick(&self.vestibule).await.unwrap() == RoundProgress::Some {}
    }
}

async fn connected(url: &str) -> sqlx::PgConnection {
    <sqlx::PgConnection as sqlx::Connection>::connect(url).await.unwrap()
}

/// The address of an empty database.
pub async fn database_in(folder: &TempDir, database: Database) -> String {
    match database {
        Database::Sqlite => format!("sqlite:{}", folder.path().join("test.db").display()),
        Database::Postgres => own_schema().await,
    }
}

/// An empty schema on the server of `TEST_POSTGRES_URL`. Each test has its own.
async fn own_schema() -> String {
    let server = std::env::var("TEST_POSTGRES_URL")
        .expect("these tests need PostgreSQL: run `make test`, or `scripts/with-postgres cargo test`");
    let schema = format!("test_{}", Uuid::from_u128(rand_bits()).simple());
    let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&server).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create schema {schema}"))).execute(&mut connection).await.unwrap();
    let join = if server.contains('?') { '&' } else { '?' };
    format!("{server}{join}options=-c%20search_path%3D{schema}")
}

fn rand_bits() -> u128 {
    use std::hash::{BuildHasher, RandomState};
    let half = || u128::from(RandomState::new().hash_one(std::process::id()));
    half() << 64 | half()
}
