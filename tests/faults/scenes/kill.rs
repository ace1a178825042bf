//! The process is killed while clients are at work: what was acknowledged is there, once, and what was not can be sent
//! again with the same key.

use crate::driver::{Api, Figures, Installation, Ledger, PostgresServer, randomness, rounds};
use rand::RngExt;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinSet;

const CLIENTS: usize = 16;

/// Invites one address after another, each with a key of its own, until the program is gone.
async fn invite_on(api: Api, ledger: Arc<Ledger>, next: Arc<AtomicUsize>) -> Vec<crate::driver::Told> {
    let mut heard = Vec::new();
    loop {
        let key = format!("person{}", next.fetch_add(1, Ordering::Relaxed));
        ledger.asked(&key);
        let told = api.invite(&format!("{key}@example.com"), &key).await;
        if let Some(id) = told.id() {
            // every third is revoked at once
            if next.load(Ordering::Relaxed).is_multiple_of(3) {
                heard.push(api.revoke(&id).await);
            }
            ledger.acknowledged(&key, &id);
        }
        let is_gone = told.status.is_none();
        heard.push(told);
        if is_gone {
            return heard;
        }
    }
}

/// What there is, by address: ids of one address more than one are a double.
async fn found(api: &Api) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for invitation in api.invitations().await {
        let text = |name: &str| invitation[name].as_str().unwrap().to_owned();
        found.entry(text("email")).or_default().push(text("id"));
    }
    found
}

async fn killed(installation: Installation, database: &str) {
    let mut random = randomness();
    let organization = installation.organization("acme").await;
    let ledger = Arc::new(Ledger::new(installation.folder()));
    let (mut figures, next) = (Figures::new("kill -9 under load", database), Arc::new(AtomicUsize::new(0)));
    for _ in 0..rounds(3, 50) {
        let (mut program, address, started) = installation.start_ready().await;
        assert!(started < Duration::from_secs(5), "it took {started:?} to be ready");
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            clients.spawn(invite_on(organization.api(&address), Arc::clone(&ledger), Arc::clone(&next)));
        }
        tokio::time::sleep(Duration::from_millis(random.random_range(200..1_500))).await;
        program.kill().await;
        for told in clients.join_all().await.into_iter().flatten() {
            figures.count(&told);
        }
        figures.rounds += 1;
    }
    let (program, address, _) = installation.start_ready().await;
    let api = organization.api(&address);
    let before = found(&api).await;
    for (key, acknowledged) in ledger.entries() {
        let ids = before.get(&format!("{key}@example.com")).cloned().unwrap_or_default();
        figures.doubled += usize::from(ids.len() > 1);
        match acknowledged {
            Some(id) => figures.lost += usize::from(!ids.contains(&id)),
            // nobody was told: it may be there or not, and asking again with the same key makes one of it
            None => {
                let told = api.invite(&format!("{key}@example.com"), &key).await;
                assert!(told.is_success(), "{told:?}");
                assert!(ids.is_empty() || ids == [told.id().unwrap()], "{key}: {ids:?}");
            }
        }
    }
    drop(program);
    installation.check().await;
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_the_process_on_sqlite() {
    killed(Installation::on_sqlite(), "SQLite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_the_process_on_postgres() {
    let server = PostgresServer::start().await;
    killed(Installation::on_postgres(&server).await, "PostgreSQL").await;
}
