//! Backups, what a restore does to them, and moving between the databases: with the program's own commands.

mod held;
mod id_lists;
mod make;
mod migrate;
mod restore;
mod upgrade;

use crate::harness::{Acme, Database, Setup, TestApp, app::database_in};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::process::Command;
use vestibule_domain::{InvitationEdit, InvitationId};
use vestibule_store::Store;

/// An operator at work: a data folder with the key of the tests, and the database that the settings name.
pub struct Desk {
    pub folder: TempDir,
    pub url: String,
}

/// How a command has ended, and what it said.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub said: String,
    pub complained: String,
}

impl Desk {
    /// Where nothing is but a key.
    pub async fn empty(database: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match database {
            Database::Sqlite => format!("sqlite:{}", folder.path().join("vestibule.db").display()),
            Database::Postgres => database_in(&folder, database).await,
        };
        Self::at(folder, url)
    }

    /// At an installation that runs.
    pub fn of(app: &TestApp) -> Self {
        Self::at(tempfile::tempdir().unwrap(), app.database_url.clone())
    }

    fn at(folder: TempDir, url: String) -> Self {
        let desk = Self { folder, url };
        desk.has_key([7; 32]);
        desk
    }

    pub fn has_key(&self, key: [u8; 32]) {
        fs::write(self.path("secret.key"), STANDARD.encode(key)).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.args(arguments).env("VESTIBULE_DATABASE_URL", &self.url).env("VESTIBULE_DATA_DIR", self.folder.path());
        command.env("VESTIBULE_LISTEN", "127.0.0.1:0").current_dir(self.folder.path()).kill_on_drop(true);
        command
    }

    pub async fn run(&self, arguments: &[&str]) -> Ended {
        let ended = tokio::time::timeout(std::time::Duration::from_secs(60), self.command(arguments).output()).await;
        let output = ended.expect("it has ended").unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code(), said: text(output.stdout), complained: text(output.stderr) }
    }

    /// Makes a backup of this name; its path.
    pub async fn backs_up(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        self.run(&["backup", path.to_str().unwrap()]).await.is_well();
        path
    }

    pub async fn restores(&self, backup: &Path) -> Value {
        self.run(&["restore", "--json", backup.to_str().unwrap()]).await.json()
    }

    /// The installation as it is now, with a clock that stands at this moment.
    pub async fn opened(&self) -> TestApp {
        TestApp::with(Setup { database_url: Some(self.url.clone()), starts_now: true, ..Setup::default() }).await
    }

    /// `vestibule check` is content.
    pub async fn checks(&self) {
        self.run(&["check"]).await.is_well();
    }

    /// The command is refused with this status in one line that holds the words, and nothing in the folder has changed.
    pub async fn refuses(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let before = files(self.folder.path());
        let ended = self.run(arguments).await;
        assert_eq!((ended.code, ended.said.as_str()), (Some(code), ""), "{ended:?}");
        assert_eq!(ended.complained.lines().count(), 1, "{ended:?}");
        for words in words {
            assert!(ended.complained.contains(words), "no {words:?} in {}", ended.complained);
        }
        assert_eq!(files(self.folder.path()), before, "the files are as they were");
    }
}

impl Ended {
    pub fn is_well(&self) {
        assert_eq!(self.code, Some(0), "{self:?}");
    }

    pub fn json(&self) -> Value {
        self.is_well();
        serde_json::from_str(&self.said).unwrap()
    }
}

/// Each file by name, with what is in it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap_or_default()))
        .collect()
}

/// Acme with two people, an invitation that was mailed to Grace and is open in her browser, and one whose mail to Alan
/// has not left.
pub async fn lived_in(app: &TestApp) -> Acme {
    app.catch_up();
    let acme = app.organization("Acme").await;
    app.execute("update organizations set reminder_days = 3").await;
    app.joins(&acme, "joan@example.com", "Joan Whitlock", "member").await;
    let id = app.invites(&acme, "grace@example.com").await;
    app.settle().await;
    acts(app, &acme, id).await;
    app.client().get(&format!("/i/{}", app.mailed_token("grace@example.com"))).await;
    app.invites(&acme, "alan@example.com").await;
    acme
}

/// Ada has taken back a resend, and can still take back an edit.
async fn acts(app: &TestApp, acme: &Acme, id: InvitationId) {
    let scope = acme.scope.clone().undoable(app.vestibule.now());
    app.vestibule.invitations().resend(&scope, id).await.unwrap();
    app.vestibule.invitations().undo(&scope, scope.act().unwrap()).await.unwrap();
    let edit = InvitationEdit { message: Some("Welcome".into()), ..InvitationEdit::default() };
    app.vestibule.invitations().edit(&scope, id, &edit).await.unwrap();
}

pub fn count(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or_else(|| panic!("no {pointer} in {value}"))
}

/// What SQLite says of each table: its name and how many rows it has.
pub async fn rows_of(url: &str) -> BTreeMap<String, i64> {
    assert!(Store::file_of(url).is_some());
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(url).await.unwrap();
    let names: Vec<String> = sqlx::query_scalar(
        "select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\' and name not like 'sqlite\\_%' escape '\\'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let mut rows = BTreeMap::new();
    for name in names {
        let sql = sqlx::AssertSqlSafe(format!("select count(*) from \"{name}\""));
        rows.insert(name, sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap());
    }
    rows
}

/// Everything that a database has beside its rows: columns, indexes, constraints, and triggers that act.
pub async fn shape(url: &str) -> BTreeSet<String> {
    const FILE: &str =
        "select type || ' ' || name || ' ' || coalesce(sql, '') from sqlite_master where name not like 'sqlite_stat%'";
    const SERVER: &str = "select format('%s %s %s %s', table_name, column_name, data_type, is_nullable)
            from information_schema.columns where table_schema = current_schema()
        union all select replace(replace(indexdef, current_schema() || '.', ''), 'public.', '') from pg_indexes where schemaname = current_schema()
        union all select format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
            from pg_constraint where connamespace = to_regnamespace(current_schema())
        union all select format('%s %s %s', tgrelid::regclass, tgname, tgenabled) from pg_trigger
            where not tgisinternal and tgrelid in
                (select oid from pg_class where relnamespace = to_regnamespace(current_schema()))";
    let found: Vec<String> = if Store::file_of(url).is_some() {
        let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(url).await.unwrap();
        sqlx::query_scalar(FILE).fetch_all(&mut connection).await.unwrap()
    } else {
        let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(url).await.unwrap();
        sqlx::query_scalar(SERVER).fetch_all(&mut connection).await.unwrap()
    };
    found.into_iter().collect()
}

/// [`shape`] of a new database of the same kind.
pub async fn fresh_shape(url: &str) -> BTreeSet<String> {
    let kind = if Store::file_of(url).is_some() { Database::Sqlite } else { Database::Postgres };
    let desk = Desk::empty(kind).await;
    desk.run(&["migrate"]).await.is_well();
    shape(&desk.url).await
}
