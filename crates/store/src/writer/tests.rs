//! What was acknowledged is stored and what was refused is not, no matter who shares the commit.

use super::*;
use crate::on;
use sqlx::{
    ConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use std::{future::Future, time::Duration};
use tempfile::TempDir;
use vestibule_domain::OrganizationId;

struct Db(Arc<SqliteStore>, TempDir);

async fn db() -> Db {
    let folder = tempfile::tempdir().unwrap();
    let making = options(folder.path()).create_if_missing(true);
    sqlx::raw_sql("create table t(v integer primary key); create table child(v integer references t deferrable initially deferred)")
        .execute(&mut making.connect().await.unwrap())
        .await
        .unwrap();
    let wait = Duration::from_secs(10);
    let options = DirectOptions::of(making.get_filename(), wait).pragma("foreign_keys", "on");
    Db(Arc::new(SqliteStore::open(options, 1, Commits::Grouped, wait, Seals::default()).unwrap()), folder)
}

fn options(folder: &std::path::Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(folder.join("t.sqlite")).journal_mode(SqliteJournalMode::Wal)
}

async fn insert(tx: &mut OpenTx, v: i64) -> Result<(), Error> {
    on!(tx, |c| sqlx::query("insert into t values ($1)").bind(v).execute(c).await.map(drop))
}

async fn rows(store: &SqliteStore) -> Vec<i64> {
    let read = store.read(async |tx| on!(tx, |c| sqlx::query_scalar("select v from t order by v").fetch_all(c).await));
    let rows: Result<Vec<i64>, Error> = read.await;
    rows.unwrap()
}

/// Runs these in order and in one group: the seat is held until all wait for it.
async fn together<T: Send + 'static, F: Future<Output = Result<T, Error>> + Send + 'static>(
    db: &Db,
    writes: Vec<F>,
) -> Vec<Option<bool>> {
    let (held, mut tasks) = (db.0.seat.clone().lock_owned().await, Vec::new());
    for write in writes {
        tasks.push(tokio::spawn(write));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(held);
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.ok().map(|answer| answer.is_ok()));
    }
    answers
}

type Write = std::pin::Pin<Box<dyn Future<Output = Result<((), Changed), Error>> + Send>>;

fn keeps(store: &Arc<SqliteStore>, v: i64) -> Write {
    let store = store.clone();
    Box::pin(async move { store.write(async |tx| insert(tx, v).await).await })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_write_takes_only_itself_back() {
    let db = db().await;
    let store = db.0.clone();
    let refused: Write = Box::pin(async move {
        store
            .write(async |tx| {
                insert(tx, 2).await?;
                Err(Error::RowNotFound)
            })
            .await
    });
    assert_eq!(
        together(&db, vec![keeps(&db.0, 1), refused, keeps(&db.0, 3)]).await,
        [Some(true), Some(false), Some(true)]
    );
    assert_eq!(rows(&db.0).await, [1, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_commit_is_told_to_everyone_in_the_group_and_the_next_group_works() {
    let db = db().await;
    let store = db.0.clone();
    let orphan: Write = Box::pin(async move {
        store
            .write(async |tx| on!(tx, |c| sqlx::query("insert into child values (99)").execute(c).await.map(drop)))
            .await
    });
    assert_eq!(together(&db, vec![keeps(&db.0, 1), orphan, keeps(&db.0, 3)]).await, [Some(false); 3]);
    assert_eq!(together(&db, vec![keeps(&db.0, 4)]).await, [Some(true)]);
    assert_eq!(rows(&db.0).await, [4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_takes_only_itself_back() {
    let db = db().await;
    let store = db.0.clone();
    let panics: Write = Box::pin(async move {
        store
            .write(async |tx| {
                insert(tx, 2).await?;
                panic!("in the middle of a turn")
            })
            .await
    });
    assert_eq!(together(&db, vec![keeps(&db.0, 1), panics, keeps(&db.0, 3)]).await, [Some(true), None, Some(true)]);
    assert_eq!(rows(&db.0).await, [1, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_hangs_up_in_its_turn_leaves_nothing_behind() {
    let db = db().await;
    let store = db.0.clone();
    let hung: Write = Box::pin(async move {
        let write = store.write(async |tx| {
            insert(tx, 2).await?;
            std::future::pending::<Result<(), Error>>().await
        });
        let _ = tokio::time::timeout(Duration::from_millis(150), write).await;
        Ok(((), Changed::default()))
    });
    assert_eq!(together(&db, vec![keeps(&db.0, 1), hung, keeps(&db.0, 3)]).await, [Some(true); 3]);
    assert_eq!(rows(&db.0).await, [1, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lone_caller_that_hangs_up_leaves_no_transaction_open() {
    let db = db().await;
    let write = db.0.write(async |tx| {
        insert(tx, 1).await?;
        std::future::pending::<Result<(), Error>>().await
    });
    assert!(tokio::time::timeout(Duration::from_millis(50), write).await.is_err());
    let other = DirectOptions::of(db.0.file(), Duration::from_millis(200));
    insert(&mut OpenTx::new(connect(&other).unwrap(), None, Seals::default()), 2).await.unwrap();
    assert_eq!(rows(&db.0).await, [2]);
}

async fn count(tx: &mut Snapshot) -> Result<i64, Error> {
    on!(tx, |c| sqlx::query_scalar("select count(*) from t").fetch_one(c).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_while_another_process_writes_is_in_nobodys_way_afterwards() {
    let db = db().await;
    let mut other = options(db.1.path()).connect().await.unwrap();
    sqlx::query("begin immediate").execute(&mut other).await.unwrap();
    for v in 0..3 {
        let write = db.0.write(async |tx| insert(tx, v).await);
        assert!(tokio::time::timeout(Duration::from_millis(50), write).await.is_err());
    }
    let store = db.0.clone();
    let waits = tokio::spawn(async move { store.write(async |tx| insert(tx, 7).await).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    sqlx::query("rollback").execute(&mut other).await.unwrap();
    waits.await.unwrap().unwrap();
    assert_eq!(rows(&db.0).await, [7]);
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_others_here_and_that_for_another_process_are_one() {
    let (db, begun) = (db().await, Instant::now());
    let mut other = options(db.1.path()).connect().await.unwrap();
    sqlx::raw_sql("begin immediate").execute(&mut other).await.unwrap();
    let writes = [1, 2, 3].map(|v| {
        let write = keeps(&db.0, v);
        tokio::spawn(async move {
            sleep(Duration::from_secs(3 * v.unsigned_abs())).await;
            let is_kept = write.await.is_ok();
            (is_kept, begun.elapsed().as_secs())
        })
    });
    let mut ended = Vec::new();
    for write in writes {
        ended.push(write.await.unwrap());
    }
    assert_eq!(ended, [(false, 13), (false, 16), (false, 19)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_of_one_moment() {
    let db = db().await;
    let counts = db.0.read(async |tx| {
        let before = count(tx).await?;
        db.0.write(async |tx| insert(tx, 1).await).await?;
        Ok::<_, Error>((before, count(tx).await?))
    });
    assert_eq!(counts.await.unwrap(), (0, 0));
    assert_eq!(db.0.read(async |tx| count(tx).await).await.unwrap(), 1, "the next one sees it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_is_dropped_in_the_middle_leaves_no_old_moment_to_the_next() {
    let db = db().await;
    for v in 0..3 {
        let read = db.0.read(async |tx| {
            count(tx).await?;
            std::future::pending::<Result<(), Error>>().await
        });
        assert!(tokio::time::timeout(Duration::from_millis(50), read).await.is_err());
        db.0.write(async |tx| insert(tx, v).await).await.unwrap();
        assert_eq!(db.0.read(async |tx| count(tx).await).await.unwrap(), v + 1);
    }
    // nobody reads any longer, so that the log can be emptied
    let other = options(db.1.path()).connect().await.unwrap();
    let checkpoint = async |mut other: sqlx::SqliteConnection| {
        sqlx::query_as("pragma wal_checkpoint(truncate)").fetch_one(&mut other).await
    };
    let (is_busy, left, _): (i64, i64, i64) = checkpoint(other).await.unwrap();
    assert_eq!((is_busy, left), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_fails_or_panics_leaves_no_old_moment_to_the_next() {
    let db = db().await;
    let failed = db.0.read(async |tx| {
        count(tx).await?;
        Err::<(), _>(Error::RowNotFound)
    });
    assert!(failed.await.is_err());
    let store = db.0.clone();
    let panics = tokio::spawn(async move {
        store
            .read(async |tx| {
                count(tx).await?;
                panic!("in the middle of a read");
                #[expect(unreachable_code, reason = "says of which type it would be")]
                Ok::<(), Error>(())
            })
            .await
    });
    assert!(panics.await.is_err());
    db.0.write(async |tx| insert(tx, 1).await).await.unwrap();
    assert_eq!(rows(&db.0).await, [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_is_there_and_what_was_refused_is_not() {
    let db = db().await;
    let mut tasks = Vec::new();
    for v in 0..2000_i64 {
        let store = db.0.clone();
        let task = tokio::spawn(async move {
            store
                .write(async |tx| {
                    insert(tx, v).await?;
                    if v % 7 == 0 { Err(Error::RowNotFound) } else { Ok(()) }
                })
                .await
        });
        if v % 5 == 0 {
            let abort = task.abort_handle();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_micros(v as u64 * 37 % 20_000)).await;
                abort.abort();
            });
        }
        tasks.push((v, task));
    }
    let mut answers = Vec::new();
    for (v, task) in tasks {
        answers.push((v, task.await.ok().map(|answer| answer.is_ok())));
    }
    let there: std::collections::HashSet<i64> = rows(&db.0).await.into_iter().collect();
    for (v, answer) in answers {
        match answer {
            Some(kept) => assert_eq!(there.contains(&v), kept, "{v}"),
            None => assert!(v % 5 == 0, "{v} was not answered"), // hung up before or after its commit
        }
        assert!(v % 7 != 0 || !there.contains(&v), "{v} was refused and is there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_turn_has_changed_is_told_by_itself() {
    let (db, id) = (db().await, OrganizationId::new(vestibule_domain::Instant::default()));
    let tell = async |tx: &mut OpenTx, number| -> Result<(), Error> {
        tx.changed.event(id, number);
        Ok(())
    };
    let hangs = db.0.write(async |tx| {
        tell(tx, 1).await?;
        std::future::pending::<Result<(), Error>>().await
    });
    let _ = tokio::time::timeout(Duration::from_millis(50), hangs).await;
    let refused = db.0.write(async |tx| {
        tell(tx, 2).await?;
        Err::<(), Error>(Error::RowNotFound)
    });
    assert!(refused.await.is_err());
    let ((), nothing) = db.0.write(async |tx| insert(tx, 1).await).await.unwrap();
    assert!(nothing.is_empty(), "{nothing:?}");
    let ((), changed) = db.0.write(async |tx| tell(tx, 3).await).await.unwrap();
    assert!(!changed.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_in_a_loop_lets_others_of_the_same_task_go_on() {
    let (db, is_written) = (db().await, std::cell::Cell::new(false));
    let write = async {
        db.0.write(async |tx| insert(tx, 1).await).await.unwrap();
        is_written.set(true);
    };
    let reads = async {
        while !is_written.get() {
            rows(&db.0).await;
        }
    };
    let both = async { tokio::join!(reads, write) };
    assert!(tokio::time::timeout(Duration::from_secs(20), both).await.is_ok());
}

/// Writes forty megabytes, a commit for each 200 kilobytes, and returns the size of the log then.
async fn write_much(db: &Db) -> u64 {
    for _ in 0..200 {
        let insert = async |tx: &mut OpenTx| -> Result<(), Error> {
            on!(tx, |c| sqlx::query("insert into large values (zeroblob(200000))").execute(c).await.map(drop))
        };
        db.0.write(insert).await.unwrap();
    }
    std::fs::metadata(format!("{}-wal", db.0.file().display())).unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_begins_again_while_somebody_always_writes() {
    const LIMIT: u64 = 20_000_000;
    let db = db().await;
    let table = async |tx: &mut OpenTx| -> Result<(), Error> {
        on!(tx, |c| sqlx::query("create table large (bytes blob)").execute(c).await.map(drop))
    };
    db.0.write(table).await.unwrap();
    let log = write_much(&db).await;
    assert!(log < LIMIT, "{log} bytes");
    let (begun, mut has_begun) = watch::channel(false);
    let (end, mut ends) = watch::channel(false);
    let store = db.0.clone();
    let reads = tokio::spawn(async move {
        let rows = async |tx: &mut Snapshot| -> Result<i64, Error> {
            on!(tx, |c| sqlx::query_scalar("select count(*) from large").fetch_one(c).await)
        };
        let read = store.read(async |tx| {
            let before = rows(tx).await?;
            begun.send_replace(true);
            _ = ends.wait_for(|ends| *ends).await;
            Ok::<_, Error>((before, rows(tx).await?))
        });
        read.await.unwrap()
    });
    has_begun.wait_for(|begun| *begun).await.unwrap();
    let log = write_much(&db).await;
    assert!(log > LIMIT, "{log} bytes: what somebody reads was overwritten");
    end.send_replace(true);
    let (before, after) = reads.await.unwrap();
    assert_eq!((before, after), (200, 200));
    // the next turn begins the log again, in the same file
    write_much(&db).await;
    let again = write_much(&db).await;
    assert!(again < log + LIMIT, "{log} and {again} bytes");
    assert!(db.0.close().await.unwrap(), "somebody has the file open");
}
