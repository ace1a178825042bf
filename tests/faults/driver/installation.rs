//! An installation of the real program on a database that outlives it, with organizations and their keys.

use super::{Api, IMPOSSIBLE, PostgresServer};
use crate::harness::{
    Program,
    program::{binary, until},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sqlx::{AssertSqlSafe, Connection};
use std::{
    path::Path,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, process::Command};
use vestibule_domain::token::SigningKeys;

pub struct Installation {
    folder: TempDir,
    database_url: String,
    settings: Vec<(String, String)>,
}

#[derive(Clone)]
pub struct Organization {
    pub slug: String,
    pub key: String,
}

impl Installation {
    /// On SQLite.
    pub fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database_url = format!("sqlite:{}", folder.path().join("vestibule.db").display());
        Self::at(folder, database_url)
    }

    /// On SQLite, with all its files in a folder that is there already.
    pub fn on_sqlite_in(folder: &Path) -> Self {
        Self::on(&format!("sqlite:{}", folder.join("vestibule.db").display()))
    }

    /// On this database.
    pub fn on(database_url: &str) -> Self {
        Self::at(tempfile::tempdir().unwrap(), database_url.to_owned())
    }

    pub async fn on_postgres(server: &PostgresServer) -> Self {
        Self::at(tempfile::tempdir().unwrap(), server.database().await)
    }

    fn at(folder: TempDir, database_url: String) -> Self {
        let settings = [
            ("VESTIBULE_INVITATIONS_PER_HOUR", "10000000"),
            ("VESTIBULE_API_REQUESTS_PER_MINUTE", "10000000"),
            ("VESTIBULE_PUBLIC_URL", "http://localhost:3000"),
            ("VESTIBULE_TRUSTED_PROXIES", "127.0.0.0/8"),
            ("VESTIBULE_WEBHOOK_ALLOW_SUBNETS", "127.0.0.0/8"),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { folder, database_url, settings }
    }

    /// With another setting.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The folder with the key, and with the database if that is a file.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    fn environment(&self) -> Vec<(&str, &str)> {
        let ours = [
            ("VESTIBULE_DATABASE_URL", self.database_url.as_str()),
            ("VESTIBULE_DATA_DIR", self.folder.path().to_str().unwrap()),
        ];
        ours.into_iter().chain(self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()))).collect()
    }

    /// Starts a process of it; several may run beside one another on PostgreSQL.
    pub fn start(&self) -> Program {
        Program::start(&self.environment())
    }

    /// On a port of the loopback that it keeps when it is started again.
    pub fn start_at(&self, port: u16) -> Program {
        let address = format!("127.0.0.1:{port}");
        Program::start(&[&self.environment()[..], &[("VESTIBULE_LISTEN", address.as_str())]].concat())
    }

    /// After what a shell does first, like `ulimit -f 100`.
    pub fn start_after(&self, first: &str) -> Program {
        Program::start_after(first, &self.environment())
    }

    /// Starts one and returns it with its address when it is ready, and how long that took.
    pub async fn start_ready(&self) -> (Program, String, Duration) {
        let begun = Instant::now();
        let program = self.start();
        let address = program.address().await;
        until("readiness", async || is_ready(&address).await).await;
        (program, address, begun.elapsed())
    }

    /// Runs an operator's command to its end. Returns whether it went well, and what it said on both outputs.
    pub async fn command(&self, arguments: &[&str], input: &str) -> (bool, String, String) {
        let mut command = Command::new(binary());
        command.args(arguments).envs(self.environment());
        let piped = std::process::Stdio::piped;
        let mut child = command.stdin(piped()).stdout(piped()).stderr(piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
        let output = child.wait_with_output().await.unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    }

    /// Begins an operator's command, which may be killed.
    pub fn begin(&self, arguments: &[&str]) -> tokio::process::Child {
        let mut command = Command::new(binary());
        let null = std::process::Stdio::null;
        command.args(arguments).envs(self.environment()).stdin(null()).stdout(null()).stderr(null());
        command.kill_on_drop(true).spawn().unwrap()
    }

    /// From now on it has the key of this one.
    pub fn has_key_of(&self, other: &Self) {
        std::fs::copy(other.folder().join("secret.key"), self.folder().join("secret.key")).unwrap();
    }

    /// An organization with an owner, `ada@SLUG.example`, and a key that may do everything.
    pub async fn organization(&self, slug: &str) -> Organization {
        let owner = format!("ada@{slug}.example");
        let create = [
            "organization",
            "create",
            "--name",
            slug,
            "--slug",
            slug,
            "--owner-name",
            "Ada Byrne",
            "--owner-email",
            &owner,
            "--owner-password-stdin",
        ];
        let (done, _, said) = self.command(&create, crate::harness::PASSWORD).await;
        assert!(done, "{said}");
        let (done, key, said) = self.command(&["key", "create", "--organization", slug], "").await;
        assert!(done, "{said}");
        Organization { slug: slug.to_owned(), key: key.trim().to_owned() }
    }

    /// What `vestibule check` says, which must be that all is well, and that nothing is there that can't be.
    pub async fn check(&self) {
        let (done, out, err) = self.command(&["check"], "").await;
        assert!(done, "{out}\n{err}");
        for (what, sql) in IMPOSSIBLE {
            assert_eq!(self.count(sql).await, 0, "{what}");
        }
    }

    /// What the database answers, asked behind the program's back.
    pub async fn count(&self, sql: &str) -> usize {
        let (url, sql) = (self.database_url(), AssertSqlSafe(sql.to_owned()));
        let count: i64 = if url.starts_with("sqlite:") {
            let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
        } else {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
        };
        usize::try_from(count).unwrap()
    }

    /// Does this to the database, behind the program's back.
    pub async fn execute(&self, sql: &str) {
        let (url, sql) = (self.database_url(), AssertSqlSafe(sql.to_owned()));
        if url.starts_with("sqlite:") {
            let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            // or it would be closed, and its log folded in, some time later
            connection.close().await.unwrap();
        } else {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        }
    }

    /// Its secret key, with which links are made.
    pub fn keys(&self) -> SigningKeys {
        let text = std::fs::read_to_string(self.folder().join("secret.key")).unwrap();
        SigningKeys::new(STANDARD.decode(text.trim()).unwrap().try_into().unwrap(), vec![])
    }
}

impl Organization {
    pub fn api(&self, address: &str) -> Api {
        Api::new(address, &self.slug, &self.key)
    }
}

pub async fn is_ready(address: &str) -> bool {
    readiness(address).await == Some(200)
}

/// What `/readyz` answers now, within two seconds.
pub async fn readiness(address: &str) -> Option<u16> {
    let request = reqwest::Client::new().get(format!("http://{address}/readyz")).timeout(Duration::from_secs(2));
    request.send().await.ok().map(|response| response.status().as_u16())
}
