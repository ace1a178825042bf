//! A person with a hundred thousand events and ten thousand invitations is exported and erased: others in the
//! organization wait for no more than one batch of it, and memory is flat.

use crate::driver::{Figures, PostgresServer, Process, rounds};
use crate::harness::{Acme, Setup, TestApp};
use futures::TryStreamExt;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use vestibule_core::service::{Error, NewInvitation};
use vestibule_core::worker;
use vestibule_domain::{Actor, Change, Fact, RoleId};
use vestibule_store::{self, Store};

/// Written in one transaction.
const BATCH: usize = 500;
/// What others in the organization may wait for, whatever is done meanwhile, where nothing is optimised.
const WAIT: Duration = Duration::from_secs(2);
/// MiB that a document of any length may take beyond what was in use before.
const ROOM: u64 = 96;
const GRACE: &str = "grace@example.com";

struct Stage {
    app: Arc<TestApp>,
    acme: Acme,
    joan: Acme,
}

impl Stage {
    async fn on(database_url: Option<String>) -> Self {
        let settings = |settings: &mut vestibule_core::service::Settings| settings.invitations_per_hour = 10_000_000;
        let setup = Setup { database_url, settings: Box::new(settings), ..Setup::default() };
        let app = Arc::new(TestApp::with(setup).await);
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@example.com", "Joan Whitlock", "admin").await;
        Self { app, acme, joan }
    }

    /// Joan did as much as this: events that she caused, people whom she invited and who have not answered, and as many
    /// invitations to Grace, each of which took the place of the one before.
    async fn fill(&self, events: usize, invitations: usize) {
        let role = self.app.role(&self.acme, "member").await;
        for begin in (0..invitations).step_by(BATCH) {
            let rows: Vec<_> = (begin..begin + BATCH).map(|n| to(&format!("guest{n}@example.com"), role)).collect();
            self.app.vestibule.invitations().invite_rows(&self.joan.scope, &rows, false).await.unwrap();
            let rows = (0..BATCH).map(|_| (self.joan.scope.clone(), to(GRACE, role))).collect::<Vec<_>>();
            self.app.vestibule.invitations().invite_all(&self.joan.scope, &rows).await.unwrap();
        }
        let store = Store::open(&self.app.database_url).await.unwrap();
        store.seals().know(&self.app.signing_keys);
        let (now, id) = (self.app.vestibule.now(), self.acme.scope.organization().id);
        let actor = Actor::Member { id: self.joan.user.id, name: self.joan.user.name.clone() };
        let change =
            |n: usize| Change { field: "name".into(), from: format!("Acme {n}"), to: "joan@example.com".into() };
        for begin in (0..events).step_by(BATCH) {
            let written = store.write(async |tx| {
                let (tx, _) = tx.lock_organization(id).await?.expect("it is there");
                for n in begin..begin + BATCH {
                    let fact = Fact::OrganizationEdited { changes: vec![change(n)] };
                    tx.record(now, &actor, (None, None), &fact).await?;
                }
                Ok::<_, vestibule_store::Error>(())
            });
            written.await.unwrap();
        }
    }

    /// Does it while somebody else of the organization invites one after another. Returns how long it took, the longest
    /// wait of the others, and the MiB by which memory has grown at most.
    async fn beside<T>(&self, work: impl Future<Output = Result<T, Error>>) -> (T, Duration, Duration, u64) {
        let (stop, peak) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let before = Process(std::process::id()).memory();
        let others = tokio::spawn({
            let (app, acme, stop) = (Arc::clone(&self.app), self.acme.clone(), Arc::clone(&stop));
            async move {
                let mut longest = Duration::ZERO;
                for n in 0.. {
                    let begun = Instant::now();
                    let name = Some(format!("Acme {n}"));
                    let edit = vestibule_core::service::OrganizationEdit { name, ..Default::default() };
                    app.vestibule.organizations().edit(&acme.scope, &edit).await.unwrap();
                    longest = longest.max(begun.elapsed());
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                longest
            }
        });
        let watch = tokio::spawn({
            let (stop, peak) = (Arc::clone(&stop), Arc::clone(&peak));
            async move {
                while !stop.load(Ordering::Relaxed) {
                    peak.fetch_max(Process(std::process::id()).memory(), Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        });
        let begun = Instant::now();
        let done = Box::pin(work).await.unwrap();
        let took = begun.elapsed();
        stop.store(true, Ordering::Relaxed);
        watch.await.unwrap();
        (done, took, others.await.unwrap(), peak.load(Ordering::Relaxed).saturating_sub(before))
    }

    async fn export(&self, email: &str) -> Result<usize, Error> {
        let document = self.app.vestibule.personal_data().export(&self.acme.scope, email).await?;
        document.try_fold(0, async |length, piece: String| Ok(length + piece.len())).await
    }

    /// Erases, and lets the worker do what is left.
    async fn erase(&self, email: &str) -> Result<(), Error> {
        self.app.vestibule.erasure().erase(&self.acme.scope, email).await?;
        while worker::tick(&self.app.vestibule).await? == worker::RoundProgress::Some {}
        Ok(())
    }
}

fn to(email: &str, role: RoleId) -> NewInvitation {
    NewInvitation { email: email.to_owned(), role_ids: vec![role], replaces_open: true, ..NewInvitation::default() }
}

async fn erased(stage: Stage, database: &str) {
    let (events, invitations) = (rounds(2_000, 100_000), rounds(500, 10_000));
    let mut figures = Figures::new(&format!("a person with {events} events is exported and erased"), database);
    let begun = Instant::now();
    stage.fill(events, invitations).await;
    println!("{database}: {events} events and twice {invitations} invitations were made in {:.1?}", begun.elapsed());
    for (who, email) in [("who did it all", "joan@example.com"), ("who was invited", GRACE)] {
        let (length, took, longest, grown) = stage.beside(stage.export(email)).await;
        println!(
            "{database}: {who}: {} KiB exported in {took:.1?}, others waited {longest:.2?}, {grown} MiB",
            length >> 10
        );
        figures.longest = figures.longest.max(longest);
        assert!(longest < WAIT && grown < ROOM, "{longest:?}, {grown} MiB");
        let (_, took, longest, grown) = stage.beside(stage.erase(email)).await;
        println!("{database}: {who}: erased in {took:.1?}, others waited {longest:.2?}, {grown} MiB");
        figures.longest = figures.longest.max(longest);
        assert!(longest < WAIT && grown < ROOM, "{longest:?}, {grown} MiB");
        figures.acknowledged += 1;
        figures.rounds += 1;
    }
    let app = &stage.app;
    let left = "select count(*) from events where lower(fact) like '%joan@example.com%' or lower(fact) like '%grace@example.com%'";
    assert_eq!(app.count(left).await, 0);
    assert_eq!(app.count("select count(*) from erasures").await, 0);
    assert_eq!(app.count("select count(*) from invitations where status = 'pending'").await, 0);
    assert_eq!(app.vestibule.audit().verify(&stage.acme.scope).await.unwrap().flaw, None);
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_with_very_many_events_holds_nobody_up_on_sqlite() {
    erased(Stage::on(None).await, "SQLite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_with_very_many_events_holds_nobody_up_on_postgres() {
    let server = PostgresServer::start().await;
    erased(Stage::on(Some(server.database().await)).await, "PostgreSQL").await;
}
