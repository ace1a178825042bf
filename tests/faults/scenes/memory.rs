//! What strangers can make it hold on to: memory, files, threads.

use crate::{
    driver::{Api, Figures, Installation, PostgresServer, Process, Told, span},
    harness::{PASSWORD, program::until},
};
use futures::future::join_all;
use std::time::{Duration, Instant};

/// MiB that it may have, whatever was asked of it.
const MOST: u64 = 120;

async fn sign_in(api: &Api, from: &str, email: &str, password: &str) -> Told {
    api.post_page("/sign-in", from, &[("email", email), ("password", password)]).await
}

/// Each has a password wrong, and is in a network of its own, so that no limit stands before the work.
async fn strangers(api: &Api, count: usize) -> Vec<Told> {
    join_all((0..count).map(|n| async move {
        sign_in(api, &format!("10.{}.{}.1", n / 256, n % 256), &format!("stranger{n}@example.com"), "not this one")
            .await
    }))
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_sign_ins_leave_nothing_behind() {
    let installation = Installation::on_sqlite();
    installation.organization("acme").await;
    let (program, address, _) = installation.start_ready().await;
    let (api, process) = (Api::new(&address, "acme", ""), Process(program.id()));
    let before = process.memory();
    let mut figures = Figures::new("30 and 300 refused sign-ins at once (X49)", "SQLite");
    for count in [30, 300, 300] {
        for told in strangers(&api, count).await {
            figures.count(&told);
        }
        // the last hashes are still being given back when the last answer has come
        until("that the memory is given back", async || process.memory() <= MOST).await;
        figures.rounds += 1;
    }
    let begun = Instant::now();
    let told = sign_in(&api, "10.200.0.1", "ada@acme.example", PASSWORD).await;
    assert!(matches!(told.status, Some(200 | 303 | 429 | 503)), "{told:?}");
    assert!(begun.elapsed() < Duration::from_secs(2));
    println!("memory: {before} MiB before, {} after", process.memory());
    figures.check();
}

/// A bit of everything, for a while: what it holds on to must not grow.
async fn soaked(installation: Installation, database: &str) {
    let organization = installation.organization("acme").await;
    let (program, address, _) = installation.start_ready().await;
    let (api, process) = (organization.api(&address), Process(program.id()));
    let mut figures = Figures::new("soak (X49)", database);
    let (begun, whole) = (Instant::now(), span(Duration::from_secs(20), Duration::from_secs(3_600)));
    let mut early = None;
    while begun.elapsed() < whole {
        let round = figures.rounds;
        let work = (0..16).map(|n| {
            let api = &api;
            async move {
                let email = format!("person{round}.{n}@example.com");
                let made = api.invite(&email, &email).await;
                let listed = api.get("/invitations?limit=50").await;
                let gone = match made.id() {
                    Some(id) if n % 2 == 0 => api.revoke(&id).await,
                    _ => api.get("/events?limit=20").await,
                };
                [made, listed, gone]
            }
        });
        join_all(work).await.iter().flatten().for_each(|told| figures.count(told));
        strangers(&api, 2).await.iter().for_each(|told| figures.count(told));
        figures.rounds += 1;
        if early.is_none() && begun.elapsed() > whole / 3 {
            early = Some((process.memory(), process.files(), process.threads()));
        }
    }
    let (memory, files, threads) = early.unwrap();
    let (memory_now, files_now, threads_now) = (process.memory(), process.files(), process.threads());
    println!(
        "{database}: {memory} -> {memory_now} MiB, {files} -> {files_now} files, {threads} -> {threads_now} threads"
    );
    // what the last hashes and connections have used is still being given back; what has grown does not come back
    let most = MOST.min(memory + memory / 5);
    let is_given_back =
        async || process.memory() <= most && process.files() <= files + 8 && process.threads() <= threads + 4;
    until("that what was used is given back", is_given_back).await;
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_holds_on_to_does_not_grow_on_sqlite() {
    soaked(Installation::on_sqlite(), "SQLite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_holds_on_to_does_not_grow_on_postgres() {
    let server = PostgresServer::start().await;
    soaked(Installation::on_postgres(&server).await, "PostgreSQL").await;
}
