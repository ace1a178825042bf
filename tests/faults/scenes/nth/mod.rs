//! The n-th step of a use case fails, for n = 1, 2, 3 … until it runs clean: each time it is done once or not at all,
//! nobody is told otherwise, and it can be done again.
//!
//! On PostgreSQL a step is a message to the server: the connection is cut before it or after it, it arrives late, or
//! the process is gone at that moment. On SQLite it is a page that finds no room on the disk.

mod flow;

use crate::driver::{Disk, Figures, PostgresServer, rounds};
use crate::harness::{Acme, Setup, Strike, TestApp, Wire};
use flow::{ALL, Flow, Stage};
use futures::future::join_all;
use rand::RngExt;
use sqlx::Connection;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use vestibule_core::service::{Error, Shortage};

/// More steps than any of these takes.
const MANY: u32 = 400;
/// Longer than the server lets a process stand still inside a transaction.
const LATE: Duration = Duration::from_millis(3_500);
/// How long somebody may go on while nothing can be written.
const PATIENCE: Duration = Duration::from_secs(1);
/// What a small disk has when nothing is to fail.
const ROOM: &str = "200m";

/// What fails.
enum Fault {
    Wire(Arc<Wire>, Strike),
    /// The process is gone before the n-th message.
    Gone(Arc<Wire>),
    Disk(Disk),
}

/// How a use case came to its end.
enum End {
    Told(Result<(), Error>),
    /// Whoever waited for it is gone.
    Gone,
}

impl Fault {
    /// The first step that fails, and how many it is to the next. The short form takes some of them, each time others.
    fn steps() -> (u32, u32) {
        let step = u32::try_from(rounds(25, 1)).unwrap();
        (rand::rng().random_range(1..=step), step)
    }

    /// Does it while the n-th step fails. Returns how it ended, and whether a step failed.
    async fn strike(&self, n: u32, app: &TestApp, work: impl Future<Output = Result<(), Error>>) -> (End, bool) {
        match self {
            Self::Wire(wire, strike) => {
                wire.arm(n, *strike);
                let told = work.await;
                (End::Told(told), wire.disarm())
            }
            Self::Gone(wire) => {
                wire.arm(n, Strike::Before);
                let end = tokio::select! {
                    told = work => End::Told(told),
                    () = wire.struck() => End::Gone,
                };
                (end, wire.disarm())
            }
            Self::Disk(disk) => {
                empty_log(app).await;
                disk.resize(&format!("{}k", disk.used() + 4 * u64::from(n - 1)));
                tokio::pin!(work);
                let (told, is_clean) = match tokio::time::timeout(PATIENCE, &mut work).await {
                    Ok(told) => (told, true),
                    Err(_) => {
                        // what is tried until it succeeds
                        disk.resize(ROOM);
                        (work.await, false)
                    }
                };
                disk.resize(ROOM);
                let has_failed = !is_clean || matches!(&told, Err(Error::Busy(_)));
                (End::Told(told), has_failed)
            }
        }
    }
}

/// All that is written from now on takes new room.
async fn empty_log(app: &TestApp) {
    let mut connection = sqlx::SqliteConnection::connect(&app.database_url).await.unwrap();
    let sql = "pragma wal_checkpoint(truncate)";
    let (is_busy, ..): (i64, i64, i64) = sqlx::query_as(sql).fetch_one(&mut connection).await.unwrap();
    assert_eq!(is_busy, 0);
}

/// What may be true after this end: whether it was done.
fn may_be(end: &End, flow: Flow, done: bool) -> bool {
    match end {
        End::Told(Ok(())) => done || flow.is_round(),
        End::Told(Err(Error::Busy(busy))) if busy.what != Shortage::Certainty => !done || flow.is_round(),
        End::Told(Err(Error::Busy(_))) | End::Gone => true,
        End::Told(Err(_)) => false,
    }
}

/// One use case from its first step to its last, for each of these faults.
async fn each_step(app: TestApp, faults: &[Fault], flow: Flow, figures: &mut Figures) {
    let acme = app.organization("Acme").await;
    let mut stage = Stage::new(acme).await;
    for fault in faults {
        let (mut n, step) = Fault::steps();
        while has_failed(&app, fault, flow, &mut stage, n, figures).await {
            n += step;
            assert!(n < MANY, "{flow:?} never runs clean");
        }
    }
    whole(&app, &stage.acme, flow).await;
}

/// Does it while its n-th step fails, and looks at what there is then. Returns whether a step failed.
async fn has_failed(
    app: &TestApp,
    fault: &Fault,
    flow: Flow,
    stage: &mut Stage,
    n: u32,
    figures: &mut Figures,
) -> bool {
    flow.prepare(app, stage).await;
    let before = flow.counts(app, stage).await;
    let begun = Instant::now();
    let (end, has_failed) = fault.strike(n, app, Box::pin(flow.run(app, stage))).await;
    figures.longest = figures.longest.max(begun.elapsed());
    let app = if matches!(end, End::Gone) { &app.restarted(true).await } else { app };
    let what = format!("{flow:?}, step {n}, {}", told(&end));
    if !flow.is_round() {
        let done = is_done(&flow.counts(app, stage).await, &before, &what);
        assert!(may_be(&end, flow, done), "{what}, and it is {}done", if done { "" } else { "not " });
        figures.put_off += usize::from(matches!(end, End::Told(Err(Error::Busy(_)))));
        if !done {
            let again = flow.run(app, stage).await;
            assert!(again.is_ok(), "{what}, and then {again:?}");
        }
    }
    // the leases of who is gone lapse by the clock
    app.lapse_leases().await;
    app.execute("update webhook_deliveries set leased_until = created_at where leased_until is not null").await;
    app.settle().await;
    let done = is_done(&flow.counts(app, stage).await, &before, &what);
    assert!(done || flow.dies_with_the_process() && matches!(end, End::Gone), "{what}, and it is never done");
    flow.check(app, stage, matches!(end, End::Gone), &what);
    figures.acknowledged += 1;
    figures.rounds += 1;
    has_failed
}

fn told(end: &End) -> String {
    match end {
        End::Told(told) => format!("{told:?}"),
        End::Gone => "the process is gone".to_owned(),
    }
}

/// Whether each of these is one more than before, or none is: in between there is nothing.
fn is_done(counts: &[i64], before: &[i64], what: &str) -> bool {
    let more: Vec<i64> = counts.iter().zip(before).map(|(count, before)| count - before).collect();
    let done = more.iter().all(|more| *more == 1);
    assert!(done || more.iter().all(|more| *more == 0), "{what}: some of it is done, and some is not: {more:?}");
    done
}

/// Nothing is there that can't be, and the record verifies.
async fn whole(app: &TestApp, at: &Acme, flow: Flow) {
    for (what, sql) in crate::driver::IMPOSSIBLE {
        assert_eq!(app.count(sql).await, 0, "{flow:?}: {what}");
    }
    assert_eq!(app.vestibule.audit().verify(&at.scope).await.unwrap().flaw, None, "{flow:?}");
}

async fn app_on(database_url: String) -> TestApp {
    let settings = |settings: &mut vestibule_core::service::Settings| settings.invitations_per_hour = 10_000_000;
    TestApp::with(Setup { database_url: Some(database_url), settings: Box::new(settings), ..Setup::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_is_cut_or_the_process_is_gone_at_the_nth_message_on_postgres() {
    let server = PostgresServer::start().await;
    let mut figures = Figures::new("cut before or after the n-th message, or gone there", "PostgreSQL");
    for flow in ALL {
        let (wire, app) = wired(&server).await;
        let cut = |strike| Fault::Wire(Arc::clone(&wire), strike);
        let faults = [cut(Strike::Before), cut(Strike::After), Fault::Gone(Arc::clone(&wire))];
        each_step(app, &faults, flow, &mut figures).await;
    }
    figures.check();
}

/// On a database of its own, over a wire.
async fn wired(server: &PostgresServer) -> (Arc<Wire>, TestApp) {
    let wire = Arc::new(Wire::to(&server.address()).await);
    let url = server.database().await.replace(&server.address(), &wire.address);
    (wire, app_on(url).await)
}

/// All side by side, since they do nothing but wait.
#[tokio::test(flavor = "multi_thread")]
async fn the_nth_message_comes_late_on_postgres() {
    let server = PostgresServer::start_with("max_connections = 400").await;
    let mut figures = Figures::new("the n-th message is 3.5 s late", "PostgreSQL");
    let flows = ALL.into_iter().map(async |flow| {
        let ((wire, app), mut own) = (wired(&server).await, Figures::new("", ""));
        each_step(app, &[Fault::Wire(wire, Strike::Late(LATE))], flow, &mut own).await;
        own
    });
    for own in join_all(flows.map(Box::pin)).await {
        figures.rounds += own.rounds;
        figures.acknowledged += own.acknowledged;
        figures.put_off += own.put_off;
        figures.longest = figures.longest.max(own.longest);
    }
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nth_page_finds_no_room_on_sqlite() {
    let mut figures = Figures::new("the n-th page finds no room", "SQLite");
    for flow in ALL {
        let Some(disk) = Disk::new(ROOM) else { return };
        let app = app_on(format!("sqlite:{}", disk.path().join("vestibule.db").display())).await;
        each_step(app, &[Fault::Disk(disk)], flow, &mut figures).await;
    }
    figures.check();
}
