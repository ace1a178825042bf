//! Starting wrong, starting several at once, and starting after a kill in the middle of a change of the tables: it
//! lives and has all that was acknowledged, or it is refused in one line and every file is as it was.

use crate::driver::{Figures, Installation, Load, PostgresServer, randomness, readiness, rounds};
use crate::harness::{
    Program,
    program::{binary, until},
};
use rand::{Rng, RngExt};
use sha2::{Digest, Sha256};
use sqlx::Connection;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::process::Command;

/// A schema of long ago, with tables to change and rows to keep.
const OLD: i64 = 5;
const PAGE: usize = 4_096;
/// What a start may take that is refused.
const SOON: Duration = Duration::from_secs(15);

/// The digest of each file of a folder.
fn digests(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    files.map(|path| (path.clone(), Sha256::digest(fs::read(&path).unwrap()).to_vec())).collect()
}

/// Runs `serve` where it is refused. Returns its status and what it says; none if it lives.
async fn start(folder: &Path, url: &str) -> Option<(i32, String)> {
    let mut command = Command::new(binary());
    command.arg("serve").env("VESTIBULE_DATA_DIR", folder).env("VESTIBULE_DATABASE_URL", url);
    command.env("VESTIBULE_LISTEN", "127.0.0.1:0").kill_on_drop(true);
    let ended = tokio::time::timeout(SOON, command.output()).await.ok()?.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    assert_eq!(text(ended.stdout), "", "nothing was served");
    Some((ended.status.code().unwrap(), text(ended.stderr)))
}

/// It is refused with this status, in one line with these words, and every file is as it was.
async fn is_refused(folder: &Path, url: &str, code: i32, words: &str) -> Duration {
    let (before, begun) = (digests(folder), Instant::now());
    let (status, line) = start(folder, url).await.unwrap_or_else(|| panic!("it lives, instead of {words}"));
    assert_eq!((status, line.lines().count()), (code, 1), "{line}");
    assert!(line.contains(words), "no {words:?} in {line}");
    assert!(digests(folder) == before, "a file was changed: {line}");
    begun.elapsed()
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_file() && !["stdout", "stderr", "ledger"].contains(&&*name) {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

/// A folder that was used, and the ids that were acknowledged there.
async fn used(installation: &Installation, is_killed: bool) -> Vec<String> {
    let organization = installation.organization("acme").await;
    let (mut program, address, _) = installation.start_ready().await;
    let load = Load::start(&organization.api(&address), 4);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let ids = load.stop().await.iter().filter_map(crate::driver::Told::id).collect();
    if is_killed {
        program.kill().await;
    } else {
        program.terminate().await;
        assert!(program.ended().await.success());
    }
    ids
}

/// All of these ids are in the file.
async fn count_lost(url: &str, ids: &[String]) -> usize {
    let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
    let sql = "select lower(hex(id)) from invitations";
    let kept: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap();
    ids.iter().filter(|id| !kept.contains(&id.replace('-', ""))).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_overwritten_is_found_or_does_no_harm() {
    let mut random = randomness();
    let (mut figures, mut refused) = (Figures::new("a page is overwritten, then started (X27)", "SQLite"), 0);
    for is_killed in [false, true] {
        let installation = Installation::on_sqlite();
        let ids = used(&installation, is_killed).await;
        figures.acknowledged += ids.len();
        assert_eq!(installation.folder().join("vestibule.db-wal").exists(), is_killed);
        for _ in 0..rounds(5, 100) {
            let place = tempfile::tempdir().unwrap();
            copy(installation.folder(), place.path());
            let database = place.path().join("vestibule.db");
            let mut bytes = fs::read(&database).unwrap();
            let page = random.random_range(0..bytes.len() / PAGE) * PAGE;
            random.fill_bytes(&mut bytes[page..page + PAGE]);
            fs::write(&database, bytes).unwrap();
            // what lay there is in the log as well, or nothing did
            match refuses_or_loses(place.path(), &ids, &format!("page {}", page / PAGE)).await {
                None => refused += 1,
                Some(lost) => figures.lost += lost,
            }
            figures.rounds += 1;
        }
    }
    println!("{refused} of {} were refused, the others started and had everything", figures.rounds);
    assert!(refused > 0, "{figures:?}");
    figures.check();
}

/// The log of another database beside this one, from any moment of its life.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_another_database_is_found_or_does_no_harm() {
    let mut random = randomness();
    let (mut figures, mut refused) = (Figures::new("the log of another database (X27)", "SQLite"), 0);
    let (installation, other) = (Installation::on_sqlite(), Installation::on_sqlite());
    let ids = used(&installation, false).await;
    figures.acknowledged = ids.len();
    let organization = other.organization("acme").await;
    for _ in 0..rounds(4, 40) {
        let (mut program, address, _) = other.start_ready().await;
        let load = Load::start(&organization.api(&address), 4);
        tokio::time::sleep(Duration::from_millis(random.random_range(50..1_500))).await;
        program.kill().await;
        load.stop().await;
        let place = tempfile::tempdir().unwrap();
        copy(installation.folder(), place.path());
        fs::copy(other.folder().join("vestibule.db-wal"), place.path().join("vestibule.db-wal")).unwrap();
        match refuses_or_loses(place.path(), &ids, "another log").await {
            None => refused += 1,
            Some(lost) => figures.lost += lost,
        }
        figures.rounds += 1;
    }
    println!("{refused} of {} were refused, the others started and had everything", figures.rounds);
    figures.check();
}

/// Starts from this folder. Either it refuses in one line and leaves the files alone, and this is none; or it serves,
/// is sound afterwards, and this is how many of `ids` it has lost.
async fn refuses_or_loses(folder: &Path, ids: &[String], what: &str) -> Option<usize> {
    let url = format!("sqlite:{}", folder.join("vestibule.db").display());
    let before = digests(folder);
    match start_or_end(folder, &url).await {
        Err((status, line)) => {
            assert_eq!((status, line.lines().count()), (74, 1), "{what}: {line}");
            assert!(digests(folder) == before, "{what}: a file was changed");
            None
        }
        Ok(mut program) => {
            program.terminate().await;
            assert!(program.ended().await.success());
            let lost = count_lost(&url, ids).await;
            is_sound(folder, &url).await;
            Some(lost)
        }
    }
}

/// Starts it until it serves. Returns its status and its line if it ends instead.
async fn start_or_end(folder: &Path, url: &str) -> Result<Program, (i32, String)> {
    let data = folder.display().to_string();
    let mut program = Program::start(&[("VESTIBULE_DATA_DIR", &data), ("VESTIBULE_DATABASE_URL", url)]);
    loop {
        if let Some(code) = end(&mut program).await {
            return Err((code, program.output().1));
        }
        if program.output().0.contains("listening on ") {
            return Ok(program);
        }
    }
}

/// The status with which it has ended; none if it still runs.
async fn end(program: &mut Program) -> Option<i32> {
    let ended = tokio::time::timeout(Duration::from_millis(20), program.ended()).await;
    ended.ok().map(|status| status.code().unwrap())
}

async fn is_sound(folder: &Path, url: &str) {
    let mut command = Command::new(binary());
    command.arg("check").env("VESTIBULE_DATA_DIR", folder).env("VESTIBULE_DATABASE_URL", url);
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_in_one_line_and_nothing_is_touched() {
    let installation = Installation::on_sqlite();
    used(&installation, false).await;
    let mut figures = Figures::new("started wrong (X25, X27, X31, X50)", "SQLite");
    let (database, key) = ("vestibule.db", "secret.key");
    let sound = fs::read(installation.folder().join(database)).unwrap();
    type Harm<'a> = Box<dyn Fn(&Path) + 'a>;
    let write = |name: &'static str, bytes: Vec<u8>| -> Harm<'_> {
        Box::new(move |folder| fs::write(folder.join(name), &bytes).unwrap())
    };
    let garbage = [&[0xa5; 100][..], &sound[100..]].concat();
    let cases: Vec<(i32, &str, Harm<'_>)> = vec![
        (74, "header", write(database, garbage)),
        (74, "cut off", write(database, sound[..sound.len() - 3 * PAGE].to_vec())),
        (74, "header", write(database, sound[..60].to_vec())),
        (74, "the database is missing", write(database, vec![])),
        (74, "another secret key", write(key, b"CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=".to_vec())),
        (74, "32 bytes in base64", write(key, b"nothing".to_vec())),
        (74, "is missing", Box::new(|folder| fs::remove_file(folder.join(key)).unwrap())),
        (
            74,
            "is not a file",
            Box::new(|folder| {
                fs::remove_file(folder.join(database)).unwrap();
                fs::create_dir(folder.join(database)).unwrap();
            }),
        ),
        (74, "can't be read", Box::new(|folder| forbid(&folder.join(database), 0o000))),
        (74, "read-only", Box::new(|folder| forbid(&folder.join(database), 0o444))),
    ];
    for (code, words, harm) in cases {
        let place = tempfile::tempdir().unwrap();
        copy(installation.folder(), place.path());
        harm(place.path());
        let url = format!("sqlite:{}", place.path().join(database).display());
        figures.longest = figures.longest.max(is_refused(place.path(), &url, code, words).await);
        figures.rounds += 1;
    }
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9999, 'to come', true, x'00', 0)";
    let (mut program, address, _) = installation.start_ready().await;
    for _ in 0..4 {
        let (status, line) = start(installation.folder(), installation.database_url()).await.expect("it is refused");
        assert!(status == 73 && line.contains("in use by pid") && line.lines().count() == 1, "{status} {line}");
        assert_eq!(readiness(&address).await, Some(200), "the first goes on");
        figures.rounds += 1;
    }
    program.kill().await;
    installation.execute(newer).await;
    is_refused(installation.folder(), installation.database_url(), 75, "schema 9999").await;
    figures.rounds += 1;
    figures.check();
}

fn forbid(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lets_nobody_in_is_named_in_one_line() {
    let server = PostgresServer::start().await;
    let mut figures = Figures::new("started wrong (X31, X50)", "PostgreSQL");
    let url = server.database().await;
    server.execute("postgres", "create role guest login password 'right'").await;
    server.ask_for_passwords_of("guest").await;
    server.execute("postgres", "create role visitor login").await;
    let guest = url.replace("postgres@", "guest:wrong@");
    let visitor = url.replace("postgres@", "visitor@");
    let cases = [
        (69, guest, "password authentication failed"),
        (69, visitor.clone(), "the user visitor may not create tables in the schema public"),
        (69, format!("{url}_that_is_not_there"), "does not exist"),
        (69, "postgres://postgres:hunter2@127.0.0.1:1/vestibule".to_owned(), "127.0.0.1:1"),
    ];
    for (code, url, words) in cases {
        let place = tempfile::tempdir().unwrap();
        let took = is_refused(place.path(), &url, code, words).await;
        figures.longest = figures.longest.max(took);
        figures.rounds += 1;
    }
    let installation = Installation::on(&url);
    drop(installation.start_ready().await);
    is_refused(installation.folder(), &visitor, 69, "the user visitor may not read and write the table").await;
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9999, 'to come', true, '\\x00', 0)";
    installation.execute(newer).await;
    is_refused(installation.folder(), &url, 75, "schema 9999").await;
    figures.rounds += 1;
    figures.check();
}

/// Brings an empty database to the schema of long ago.
async fn make_old(url: &str) {
    if url.starts_with("sqlite:") {
        let mut connection = sqlx::SqliteConnection::connect(&format!("{url}?mode=rwc")).await.unwrap();
        sqlx::migrate!("crates/store/migrations/sqlite").run_to(OLD, &mut connection).await.unwrap();
        connection.close().await.unwrap();
    } else {
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        sqlx::migrate!("crates/store/migrations/postgres").run_to(OLD, &mut connection).await.unwrap();
    }
}

/// The tables as they are written down, each column and index; the same for all that are up to date.
async fn schema(url: &str) -> Vec<String> {
    if url.starts_with("sqlite:") {
        let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
        let sql = "select coalesce(sql, name) from sqlite_master where name not like 'sqlite_%' order by type, name";
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
    } else {
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        let sql = "select table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable
            from information_schema.columns where table_schema = 'public'
            union all select indexdef from pg_indexes where schemaname = 'public' order by 1";
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn four_at_once_on_one_server_all_live_on_an_empty_and_on_an_old_schema() {
    let server = PostgresServer::start().await;
    let mut figures = Figures::new("four started at once, empty and old schema (X24)", "PostgreSQL");
    for _ in 0..rounds(1, 20) {
        for is_old in [false, true] {
            let installation = Installation::on_postgres(&server).await;
            if is_old {
                make_old(installation.database_url()).await;
            }
            let begun = Instant::now();
            let programs: Vec<Program> = (0..4).map(|_| installation.start()).collect();
            for program in &programs {
                let address = program.address().await;
                until("readiness", async || readiness(&address).await == Some(200)).await;
            }
            figures.longest = figures.longest.max(begun.elapsed());
            let organization = installation.organization("acme").await;
            for program in &programs {
                let told = crate::driver::invite(&organization.api(&program.address().await)).await;
                assert!(told.is_success(), "{told:?}");
                figures.count(&told);
            }
            drop(programs);
            installation.check().await;
            figures.rounds += 1;
        }
    }
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_four_at_once_on_one_file_one_lives_and_the_others_are_told() {
    let mut figures = Figures::new("four started at once, empty and old schema (X24)", "SQLite");
    for _ in 0..rounds(1, 20) {
        for is_old in [false, true] {
            let installation = Installation::on_sqlite();
            if is_old {
                make_old(installation.database_url()).await;
            }
            let begun = Instant::now();
            let mut programs: Vec<Program> = (0..4).map(|_| installation.start()).collect();
            let mut ended = Vec::new();
            until("three ends", async || {
                for mut program in std::mem::take(&mut programs) {
                    match end(&mut program).await {
                        Some(code) => ended.push((code, program.output().1)),
                        None => programs.push(program),
                    }
                }
                programs.len() <= 1
            })
            .await;
            assert!(ended.iter().all(|(code, line)| *code == 73 && line.lines().count() == 1), "{ended:?}");
            let address = programs[0].address().await;
            until("readiness", async || readiness(&address).await == Some(200)).await;
            figures.longest = figures.longest.max(begun.elapsed());
            let organization = installation.organization("acme").await;
            figures.count(&crate::driver::invite(&organization.api(&address)).await);
            drop(programs);
            installation.check().await;
            figures.rounds += 1;
        }
    }
    figures.check();
}

/// Killed at a random moment from the start on, again and again; then it starts, and the tables are those of any other.
async fn killed_in_migration(fresh: Installation, olds: Vec<Installation>, database: &str) {
    let mut random = randomness();
    let mut figures = Figures::new("kill -9 while the tables are brought up to date (X30)", database);
    let (program, _, took) = fresh.start_ready().await;
    drop(program);
    let wanted = schema(fresh.database_url()).await;
    for installation in olds {
        make_old(installation.database_url()).await;
        for _ in 0..3 {
            let mut program = installation.start();
            tokio::time::sleep(took.mul_f64(random.random_range(0.0..1.2))).await;
            program.kill().await;
        }
        let (program, address, ready) = installation.start_ready().await;
        figures.longest = figures.longest.max(ready);
        let organization = installation.organization("acme").await;
        figures.count(&crate::driver::invite(&organization.api(&address)).await);
        drop(program);
        assert_eq!(schema(installation.database_url()).await, wanted);
        installation.check().await;
        figures.rounds += 1;
    }
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_while_the_tables_change_is_made_good_by_the_next_start_on_sqlite() {
    let olds = (0..rounds(4, 60)).map(|_| Installation::on_sqlite()).collect();
    killed_in_migration(Installation::on_sqlite(), olds, "SQLite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_while_the_tables_change_is_made_good_by_the_next_start_on_postgres() {
    let server = PostgresServer::start().await;
    let mut olds = Vec::new();
    for _ in 0..rounds(4, 60) {
        olds.push(Installation::on_postgres(&server).await);
    }
    killed_in_migration(Installation::on_postgres(&server).await, olds, "PostgreSQL").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_stop_under_load_the_file_alone_has_all_that_was_acknowledged() {
    let mut figures = Figures::new("stopped under load, the file alone copied", "SQLite");
    let installation = Installation::on_sqlite();
    let organization = installation.organization("acme").await;
    let mut ids = Vec::new();
    for _ in 0..rounds(3, 30) {
        let (mut program, address, _) = installation.start_ready().await;
        let load = Load::start(&organization.api(&address), 8);
        tokio::time::sleep(Duration::from_millis(500)).await;
        program.terminate().await;
        assert!(program.ended().await.success(), "{}", program.output().1);
        for told in load.stop().await {
            figures.count(&told);
            ids.extend(told.id());
        }
        assert!(!installation.folder().join("vestibule.db-wal").exists(), "the log is folded in");
        let copied: TempDir = tempfile::tempdir().unwrap();
        for name in ["vestibule.db", "secret.key"] {
            fs::copy(installation.folder().join(name), copied.path().join(name)).unwrap();
        }
        let copy = Installation::on_sqlite_in(copied.path());
        figures.lost += count_lost(copy.database_url(), &ids).await;
        is_sound(copied.path(), copy.database_url()).await;
        figures.rounds += 1;
    }
    figures.check();
}
