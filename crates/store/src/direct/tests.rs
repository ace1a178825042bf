//! Both drivers open the same files, so that each must read what the other has written, and say the same of errors.

use super::*;
use chrono::{DateTime, SubsecRound, Utc};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Error, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
    types::Json,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tempfile::TempDir;
use uuid::Uuid;

type Row = (Uuid, i64, String, Option<String>, i64, bool, Json<Vec<u8>>, Vec<u8>);

async fn both() -> (DirectConnection, SqliteConnection, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file?#%.sqlite");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let theirs = options.journal_mode(SqliteJournalMode::Wal).foreign_keys(true).connect().await.unwrap();
    let ours = DirectOptions::of(&file, Duration::from_secs(5)).pragma("foreign_keys", "on").open().unwrap();
    (ours, theirs, folder)
}

fn row() -> Row {
    let text = "Zoë \u{1F980}\u{0} %_'".to_owned();
    (Uuid::from_u128(7), 1_790_000_000_123_456, text, None, i64::MIN, true, Json(vec![1, 2]), vec![0, 255])
}

/// Stores the row, and returns what it is then.
macro_rules! store {
    ($connection:expr, $row:expr) => {{
        let row: Row = $row;
        let sql = "insert into t values ($1, $2, $3, $4, $5, $6, $7, $8)";
        let query = sqlx::query(sql).bind(row.0).bind(row.1).bind(row.2).bind(row.3);
        let result = query.bind(row.4).bind(row.5).bind(row.6).bind(row.7).execute(&mut $connection).await.unwrap();
        assert_eq!(result.rows_affected(), 1);
    }};
}

/// Returns all rows, as both drivers read them.
macro_rules! stored {
    ($connection:expr) => {{
        let rows: Vec<Row> = sqlx::query_as("select * from t order by at").fetch_all(&mut $connection).await.unwrap();
        rows
    }};
}

const TABLE: &str = "create table t (id blob unique, at integer, name text not null, note text, number integer,
    is_on integer, list text, bytes blob) strict";

#[tokio::test]
async fn each_driver_reads_what_the_other_has_written() {
    let (mut ours, mut theirs, _folder) = both().await;
    sqlx::query(TABLE).execute(&mut ours).await.unwrap();
    let row = row();
    store!(ours, row.clone());
    let sql = "select hex(id) || at || hex(name) || typeof(note) || number || is_on || list || hex(bytes) from t";
    let by_us: String = sqlx::query_scalar(sql).fetch_one(&mut theirs).await.unwrap();
    assert_eq!((stored!(ours), stored!(theirs)), (vec![row.clone()], vec![row.clone()]));
    sqlx::query("delete from t").execute(&mut ours).await.unwrap();
    store!(theirs, row.clone());
    let by_them: String = sqlx::query_scalar(sql).fetch_one(&mut ours).await.unwrap();
    assert_eq!((by_us, stored!(ours)), (by_them, vec![row]));
}

#[tokio::test]
async fn moments_are_whole_microseconds_since_1970() {
    let (mut ours, _theirs, _folder) = both().await;
    sqlx::query("create table m (at integer not null) strict").execute(&mut ours).await.unwrap();
    for (seconds, nanos, micros) in
        [(1_790_000_000, 123_456_789, 1_790_000_000_123_456), (-1, 0, -1_000_000), (0, 0, 0)]
    {
        let moment = DateTime::from_timestamp(seconds, nanos).unwrap();
        let sql = "insert into m values ($1) returning at";
        let stored: (i64,) = sqlx::query_as(sql).bind(moment).fetch_one(&mut ours).await.unwrap();
        assert_eq!(stored.0, micros);
        let sql = "select at from m where at = $1";
        let read: DateTime<Utc> = sqlx::query_scalar(sql).bind(moment).fetch_one(&mut ours).await.unwrap();
        assert_eq!(read, moment.trunc_subsecs(6));
    }
    let sql = "select 9223372036854775807";
    assert!(sqlx::query_scalar::<_, DateTime<Utc>>(sql).fetch_one(&mut ours).await.is_err(), "no calendar goes so far");
}

#[tokio::test]
async fn parameters_go_by_their_numbers() {
    let (mut ours, _theirs, _folder) = both().await;
    let query = sqlx::query_as("select $2 || $1 || $2, $3").bind("a").bind("b").bind(None::<i64>);
    let found: (String, Option<i64>) = query.fetch_one(&mut ours).await.unwrap();
    assert_eq!(found, ("bab".to_owned(), None));
    let missing = sqlx::query("select $1, $2").bind(1_i64).execute(&mut ours).await;
    assert!(missing.is_err());
    assert!(sqlx::query("select 1; select 2").execute(&mut ours).await.is_err(), "the second would not run");
}

#[tokio::test]
async fn both_drivers_say_the_same_of_an_error() {
    let (mut ours, mut theirs, _folder) = both().await;
    sqlx::raw_sql(TABLE).execute(&mut theirs).await.unwrap();
    sqlx::query("create table child (id blob references t (id), n integer check (n > 0))")
        .execute(&mut ours)
        .await
        .unwrap();
    store!(ours, row());
    let broken = [
        "insert into t (id, name) select id, name from t",
        "insert into t (id) values (x'01')",
        "insert into child values (x'02', 1)",
        "insert into child values (null, 0)",
        "select nothing",
        "select * from nowhere",
        "insert into t (name, number) values ('a', 'b')",
    ];
    for sql in broken {
        let [a, b] = [
            sqlx::query(sql).execute(&mut ours).await.map(drop),
            sqlx::query(sql).execute(&mut theirs).await.map(drop),
        ]
        .map(|failed| match failed {
            Err(Error::Database(error)) => {
                (error.code().unwrap().into_owned(), error.message().to_owned(), format!("{:?}", error.kind()))
            }
            other => panic!("{sql}: {other:?}"),
        });
        assert_eq!((a.0, a.2), (b.0, b.2), "{sql}");
        assert!(a.1.contains(&b.1), "{sql}: {} / {}", a.1, b.1);
    }
}

#[tokio::test]
async fn what_changes_rows_is_run_to_its_end_and_columns_have_their_names() {
    let (mut ours, _theirs, _folder) = both().await;
    sqlx::query("create table n (v integer)").execute(&mut ours).await.unwrap();
    let sql = "insert into n values (1), (2), (3) returning v as value";
    let first = sqlx::query(sql).persistent(false).fetch_optional(&mut ours).await.unwrap().unwrap();
    let value: i64 = sqlx::Row::try_get(&first, "value").unwrap();
    assert_eq!(value, 1);
    assert!(sqlx::Row::try_get::<i64, _>(&first, "v").is_err());
    assert!(sqlx::Row::try_get::<String, _>(&first, "value").is_err(), "it is no text");
    let count: i64 = sqlx::query_scalar("select count(*) from n").fetch_one(&mut ours).await.unwrap();
    assert_eq!(count, 3);
    // a table that changes is read as it is now, by a statement that was prepared before
    for added in ["a", "b"] {
        let all = sqlx::query("select * from n").fetch_all(&mut ours).await.unwrap();
        assert_eq!(all.len(), 3);
        sqlx::query(AssertSqlSafe(format!("alter table n add column {added} text"))).execute(&mut ours).await.unwrap();
    }
    let row = sqlx::query("select * from n").fetch_one(&mut ours).await.unwrap();
    assert_eq!(sqlx::Row::try_get::<Option<String>, _>(&row, "b").unwrap(), None);
}

#[tokio::test]
async fn a_still_file_is_read_without_a_log_beside_it() {
    let (mut ours, theirs, folder) = both().await;
    sqlx::query("create table n (v integer)").execute(&mut ours).await.unwrap();
    sqlx::Connection::close(ours).await.unwrap();
    sqlx::Connection::close(theirs).await.unwrap();
    let file = folder.path().join("a file?#%.sqlite");
    let mut still = DirectOptions::of(&file, Duration::ZERO).read_only().still(true).open().unwrap();
    let count: i64 = sqlx::query_scalar("select count(*) from n").fetch_one(&mut still).await.unwrap();
    assert_eq!(count, 0);
    assert!(sqlx::query("insert into n values (1)").execute(&mut still).await.is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is made beside it");
    let missing = DirectOptions::of(&folder.path().join("none"), Duration::ZERO).open();
    assert!(matches!(missing, Err(Error::Database(error)) if error.code().as_deref() == Some("14")));
}

/// Runs `slow` on a runtime with one thread, and returns whether another task ran meanwhile.
fn leaves_the_thread<F>(slow: impl FnOnce(DirectConnection) -> F + Send + 'static) -> bool
where
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.sqlite");
    std::fs::File::create(&file).unwrap();
    let connection = DirectOptions::of(&file, Duration::ZERO).open().unwrap();
    let ran = Arc::new(AtomicBool::new(false));
    let other = Arc::clone(&ran);
    runtime.block_on(async move {
        let slow = tokio::spawn(async move {
            tokio::spawn(async move { other.store(true, Ordering::SeqCst) });
            slow(connection).await;
            ran.load(Ordering::SeqCst)
        });
        slow.await.unwrap()
    })
}

const COUNT: &str =
    "with recursive n (v) as (select 1 union all select v + 1 from n where v < $1) select count(*) from n";

/// More than any test takes.
const HOUR: Duration = Duration::from_secs(3_600);

#[test]
fn what_takes_long_leaves_the_thread_to_others() {
    assert!(leaves_the_thread(async |mut connection: DirectConnection| {
        connection.taken(HOUR);
        let count: i64 = sqlx::query_scalar(COUNT).bind(2_000_000_i64).fetch_one(&mut connection).await.unwrap();
        assert_eq!(count, 2_000_000, "it was interrupted, and run again");
    }));
    assert!(leaves_the_thread(async |mut connection: DirectConnection| {
        connection.taken(Duration::from_millis(1));
        // each is quick, and all of them take half a second
        let since = Instant::now();
        while since.elapsed() < Duration::from_millis(500) {
            let count: i64 = sqlx::query_scalar(COUNT).bind(100_i64).fetch_one(&mut connection).await.unwrap();
            assert_eq!(count, 100);
        }
    }));
}

#[test]
fn a_quick_statement_stays_in_its_thread_however_often_it_has_run() {
    assert!(!leaves_the_thread(async |mut connection: DirectConnection| {
        connection.taken(HOUR);
        for _ in 0..2_000 {
            let count: i64 = sqlx::query_scalar(COUNT).bind(100_i64).fetch_one(&mut connection).await.unwrap();
            assert_eq!(count, 100);
        }
    }));
}
