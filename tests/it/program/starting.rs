//! Starting wrong: refused in one line that says what to do, with a status of its own, and every file as it was.

use super::set_up;
use crate::harness::{Database, PASSWORD, Program, app::database_in};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::process::Command;

/// A data folder, and what it is started with.
struct Place {
    folder: TempDir,
    url: String,
}

impl Place {
    fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), url: String::new() }
    }

    /// Used once, and stopped in order.
    async fn used() -> Self {
        let place = Self::empty();
        let mut program = place.start();
        set_up(&program, PASSWORD).await;
        program.terminate().await;
        assert!(program.ended().await.success(), "{}", program.output().1);
        place
    }

    /// Used once, and killed.
    async fn killed() -> Self {
        let place = Self::empty();
        let mut program = place.start();
        set_up(&program, PASSWORD).await;
        program.kill().await;
        place
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        let data = self.folder.path().display().to_string();
        vec![("VESTIBULE_DATA_DIR", data), ("VESTIBULE_DATABASE_URL", self.url.clone())]
    }

    fn start(&self) -> Program {
        let settings = self.settings();
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Program::start(&settings)
    }

    /// Starts, and is gone again when this returns.
    async fn starts(&self) {
        let mut program = self.start();
        program.address().await;
        program.kill().await;
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a verb to its end: its status, what it says, and what it complains of.
    async fn run(&self, verb: &[&str]) -> (Option<i32>, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.args(verb).envs(self.settings()).env("VESTIBULE_LISTEN", "127.0.0.1:0").kill_on_drop(true);
        let ended = tokio::time::timeout(std::time::Duration::from_secs(30), command.output()).await;
        let output = ended.expect("it has ended").unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    /// Starting is refused with this status in one line that holds the words, and nothing in the folder has changed.
    async fn refuses(&self, code: i32, words: &[&str]) {
        let before = files(self.folder.path());
        let (status, said, line) = self.run(&["serve"]).await;
        assert_eq!((status, said.as_str(), line.lines().count()), (Some(code), "", 1), "{line}");
        for words in words {
            assert!(line.contains(words), "no {words:?} in {line}");
        }
        assert!(files(self.folder.path()) == before, "the files are as they were");
    }
}

/// Each file by name, with its mode and what is in it.
fn files(folder: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        (path.file_name().unwrap().to_string_lossy().into_owned(), (mode, fs::read(&path).unwrap_or_default()))
    };
    entries.map(read).collect()
}

fn write_at(path: &Path, at: u64, bytes: &[u8]) {
    std::os::unix::fs::FileExt::write_all_at(&fs::OpenOptions::new().write(true).open(path).unwrap(), bytes, at)
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_key_is_refused_until_it_is_adopted() {
    for place in [Place::used().await, Place::killed().await] {
        let right = fs::read(place.path("secret.key")).unwrap();
        fs::write(place.path("secret.key"), STANDARD.encode([9; 32])).unwrap();
        place.refuses(74, &["secret.key", "another secret key", "vestibule.db", "vestibule adopt-key"]).await;
        let (status, _, line) = place.run(&["key", "create"]).await;
        assert_eq!(status, Some(74), "{line}");
        let (status, _, line) = place.run(&["adopt-key"]).await;
        assert_eq!(status, Some(0), "{line}");
        place.starts().await;
        let (status, said, line) = place.run(&["check"]).await;
        assert_eq!(status, Some(0), "{said}{line}");
        fs::write(place.path("secret.key"), right).unwrap();
        assert_eq!(place.run(&["serve"]).await.0, Some(74), "now that is another one");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_named_as_a_previous_one_is_known() {
    let place = Place::used().await;
    fs::rename(place.path("secret.key"), place.path("old.key")).unwrap();
    fs::write(place.path("secret.key"), STANDARD.encode([9; 32])).unwrap();
    let (data, old) = (place.folder.path().display().to_string(), place.path("old.key").display().to_string());
    let mut program = Program::start(&[("VESTIBULE_DATA_DIR", &data), ("VESTIBULE_PREVIOUS_SECRET_KEY_FILES", &old)]);
    program.address().await;
    program.kill().await;
    place.starts().await;
    let (status, said, _) = place.run(&["check"]).await;
    assert_eq!(status, Some(0), "the chains are sealed with the new key: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_cannot_be_read_is_refused() {
    let place = Place::used().await;
    let key = place.path("secret.key");
    let right = fs::read(&key).unwrap();
    for wrong in ["", "not base64", "c2hvcnQ="] {
        fs::write(&key, wrong).unwrap();
        place.refuses(74, &["secret.key", "32 bytes in base64"]).await;
    }
    fs::write(&key, &right).unwrap();
    fs::set_permissions(&key, Permissions::from_mode(0o000)).unwrap();
    place.refuses(74, &["secret.key", "can't be read"]).await;
    fs::remove_file(&key).unwrap();
    place.refuses(74, &["secret.key", "is missing"]).await;
    fs::create_dir(&key).unwrap();
    place.refuses(74, &["secret.key", "can't be read"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_lost_is_not_made_anew_unless_asked() {
    let place = Place::used().await;
    let database = place.path("vestibule.db");
    fs::write(&database, "").unwrap();
    place.refuses(74, &["vestibule.db", "the database is missing", "vestibule restore", "vestibule migrate"]).await;
    fs::remove_file(&database).unwrap();
    place.refuses(74, &["vestibule.db", "the database is missing"]).await;
    assert_eq!(place.run(&["key", "create"]).await.0, Some(74));
    assert!(!database.exists());
    assert_eq!(place.run(&["migrate"]).await.0, Some(0));
    let program = place.start();
    set_up(&program, PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_database_is_refused_and_left_as_it_is() {
    for place in [Place::used().await, Place::killed().await] {
        let database = place.path("vestibule.db");
        let sound = fs::read(&database).unwrap();
        let middle = (sound.len() / 4096 / 2) as u64 * 4096;
        write_at(&database, 0, &[0xa5; 64]);
        place.refuses(74, &["vestibule.db", "header", "vestibule restore"]).await;
        fs::write(&database, &sound).unwrap();
        if !place.path("vestibule.db-wal").exists() {
            write_at(&database, middle, &[0xa5; 4096]);
            place.refuses(74, &["vestibule.db", "damaged", "vestibule restore"]).await;
            fs::write(&database, &sound[..sound.len() - 4096 * 5]).unwrap();
            place.refuses(74, &["vestibule.db", "cut off", "vestibule restore"]).await;
            fs::write(&database, &sound[..50]).unwrap();
            place.refuses(74, &["vestibule.db", "header"]).await;
        }
        fs::write(&database, &sound).unwrap();
        place.starts().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_of_another_database_is_refused() {
    let (one, other) = (Place::used().await, Place::killed().await);
    fs::copy(other.path("vestibule.db-wal"), one.path("vestibule.db-wal")).unwrap();
    one.refuses(74, &["vestibule"]).await;
}

/// As when only some of the pages come from the log of another database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_another_database_are_refused() {
    for strange in [
        "update events set organization_id = randomblob(16)",
        "update members set user_id = randomblob(16)",
        "update roles set organization_id = randomblob(16) where key = 'member'",
        "update sessions set user_id = randomblob(16)",
    ] {
        let place = Place::used().await;
        let url = format!("sqlite:{}", place.path("vestibule.db").display());
        let options: sqlx::sqlite::SqliteConnectOptions = url.parse().unwrap();
        let pool = sqlx::SqlitePool::connect_with(options.foreign_keys(false)).await.unwrap();
        let done = sqlx::query(sqlx::AssertSqlSafe(strange)).execute(&pool).await.unwrap();
        assert!(done.rows_affected() > 0);
        pool.close().await;
        place.refuses(74, &["vestibule.db", "belong together", "vestibule restore"]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_or_written_is_refused() {
    let place = Place::used().await;
    let database = place.path("vestibule.db");
    for (mode, words) in [(0o444, "read-only"), (0o000, "can't be read")] {
        fs::set_permissions(&database, Permissions::from_mode(mode)).unwrap();
        place.refuses(74, &["vestibule.db", words, "chmod"]).await;
    }
    fs::set_permissions(&database, Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(place.folder.path(), Permissions::from_mode(0o555)).unwrap();
    place.refuses(74, &["vestibule.db", "folder is read-only"]).await;
    fs::set_permissions(place.folder.path(), Permissions::from_mode(0o700)).unwrap();
    fs::remove_file(&database).unwrap();
    fs::create_dir(&database).unwrap();
    place.refuses(74, &["vestibule.db", "is not a file"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_is_refused_and_the_operators_commands_are_not() {
    let place = Place::empty();
    let program = place.start();
    let ada = set_up(&program, PASSWORD).await;
    let (status, said, line) = place.run(&["serve"]).await;
    assert_eq!((status, said.as_str(), line.lines().count()), (Some(73), "", 1), "{line}");
    let pid = fs::read_to_string(place.path("vestibule.db.lock")).unwrap();
    let pid = pid.trim().rsplit(' ').next().unwrap().to_owned();
    assert!(line.contains(&format!("database in use by pid {pid}")), "{line}");
    for verb in [
        &["key", "create"][..],
        &["role", "list", "--organization", "saltmarsh"],
        &["organization", "show", "saltmarsh"],
        &["user", "password-link", "ada@saltmarsh.example"],
        &["migrate"],
        &["check"],
    ] {
        let (status, said, line) = place.run(verb).await;
        assert_eq!(status, Some(0), "{verb:?}: {said}{line}");
    }
    assert_eq!(ada.get("/o/saltmarsh/invitations").await.status, 200, "it goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_schema_is_refused_with_both_versions() {
    const SQL: &str = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        values (9999, 'to come', true, $1, 0)";
    let sqlite = Place::used().await;
    let url = format!("sqlite:{}", sqlite.path("vestibule.db").display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::query(SQL).bind(&[0_u8; 48][..]).execute(&pool).await.unwrap();
    pool.close().await;
    sqlite.refuses(75, &["vestibule.db", "schema 9999", "schemas up to", env!("CARGO_PKG_VERSION")]).await;
    for verb in [&["check"][..], &["key", "create"], &["migrate"]] {
        assert_eq!(sqlite.run(verb).await.0, Some(75), "{verb:?}");
    }
    let mut postgres = Place::empty();
    postgres.url = database_in(&postgres.folder, Database::Postgres).await;
    postgres.start().address().await;
    let pool = sqlx::PgPool::connect(&postgres.url).await.unwrap();
    sqlx::query(SQL).bind(&[0_u8; 48][..]).execute(&pool).await.unwrap();
    postgres.refuses(75, &["PostgreSQL at", "schema 9999", "schemas up to"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_or_lets_nobody_in_is_named_without_its_password() {
    let mut place = Place::empty();
    for (url, words) in [
        ("postgres://vestibule:hunter2@127.0.0.1:1/vestibule".to_owned(), "PostgreSQL at 127.0.0.1:1"),
        (std::env::var("TEST_POSTGRES_URL").unwrap() + "_that_is_not_there", "does not exist"),
    ] {
        place.url = url;
        let (status, said, line) = place.run(&["serve"]).await;
        assert_eq!((status, said.as_str(), line.lines().count()), (Some(69), "", 1), "{line}");
        assert!(line.contains(words) && !line.contains("hunter2"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_four_on_one_empty_folder_one_lives_and_the_key_is_whole() {
    let place = Place::empty();
    let mut programs: Vec<Program> = (0..4).map(|_| place.start()).collect();
    let mut refused = 0;
    let mut living = Vec::new();
    for mut program in programs.drain(..) {
        let ended = tokio::time::timeout(std::time::Duration::from_secs(8), program.ended()).await;
        match ended {
            Ok(status) => {
                assert_eq!(status.code(), Some(73), "{}", program.output().1);
                refused += 1;
            }
            Err(_) => living.push(program),
        }
    }
    assert_eq!((refused, living.len()), (3, 1));
    let key = fs::read_to_string(place.path("secret.key")).unwrap();
    assert_eq!(STANDARD.decode(key.trim()).unwrap().len(), 32);
    set_up(&living[0], PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_on_one_empty_server_with_one_folder_all_live() {
    let mut place = Place::empty();
    place.url = database_in(&place.folder, Database::Postgres).await;
    let programs: Vec<Program> = (0..4).map(|_| place.start()).collect();
    for program in &programs {
        assert_eq!(program.client().await.get("/readyz").await.status, 200, "{}", program.output().1);
    }
    let names: Vec<String> = files(place.folder.path()).into_keys().collect();
    assert_eq!(names, ["secret.key"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_stop_the_file_alone_is_whole() {
    let place = Place::used().await;
    let names: Vec<String> = files(place.folder.path()).into_keys().collect();
    assert_eq!(names, ["secret.key", "vestibule.db", "vestibule.db.lock"]);
    let (status, said, _) = place
        .run(&[
            "organization",
            "create",
            "--name",
            "Fen Press",
            "--owner-name",
            "Ada",
            "--owner-email",
            "ada@saltmarsh.example",
        ])
        .await;
    assert_eq!(status, Some(0), "{said}");
    let names: Vec<String> = files(place.folder.path()).into_keys().collect();
    assert_eq!(names, ["secret.key", "vestibule.db", "vestibule.db.lock"], "after a command, too");
    let copy = Place::empty();
    for name in ["secret.key", "vestibule.db"] {
        fs::copy(place.path(name), copy.path(name)).unwrap();
    }
    let (status, said, line) = copy.run(&["check"]).await;
    assert_eq!((status, said.as_str()), (Some(0), "ok: 2 events of 2 organizations\n"), "{line}");
    let names: Vec<String> = files(copy.folder.path()).into_keys().collect();
    assert_eq!(names, ["secret.key", "vestibule.db"], "to check is to read");
    copy.start().address().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_that_are_half_way_are_brought_on_and_never_by_a_check() {
    let place = Place::empty();
    let url = format!("sqlite:{}?mode=rwc", place.path("vestibule.db").display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::migrate!("crates/store/migrations/sqlite").run_to(5, &pool).await.unwrap();
    pool.close().await;
    let before = files(place.folder.path());
    let (status, said, line) = place.run(&["check"]).await;
    assert_eq!((status, said.as_str()), (Some(75), ""), "{line}");
    assert!(line.contains("has schema 5") && line.contains("vestibule migrate"), "{line}");
    assert!(files(place.folder.path()) == before);
    let program = place.start();
    set_up(&program, PASSWORD).await;
}
