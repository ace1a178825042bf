//! Durable creates a second on SQLite, with group commit and with one commit for each write, at 1 and at 64 clients,
//! side by side in one run: `make bench`. A create is the whole use case (authorize, look, three inserts), without
//! HTTP. Rounds alternate, so that whatever else the machine does falls on both.
#![expect(clippy::unwrap_used, reason = "a measurement that can't go on should stop there")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use vestibule_core::service::{Scope, SetUp, Settings, Vestibule};
use vestibule_domain::{Invite, SystemClock, token::SigningKeys};
use vestibule_store::{Commits, PoolLimits, Store};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() {
    println!("{:>8} {:>22} {:>22} {:>7}", "clients", "group commit", "one commit each", "ratio");
    for clients in [1, 64] {
        let (mut grouped, mut single) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            grouped.push(creates_per_second(Commits::Grouped, clients).await);
            single.push(creates_per_second(Commits::Single, clients).await);
        }
        let (grouped, single) = (median(grouped), median(single));
        println!("{clients:>8} {grouped:>20.0}/s {single:>20.0}/s {:>7.2}", grouped / single);
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// In a fresh database on the disk that this is run on.
async fn creates_per_second(commits: Commits, clients: usize) -> f64 {
    let folder = tempfile::tempdir_in(".").unwrap();
    let url = format!("sqlite:{}", folder.path().join("bench.db").display());
    let store = Store::open_with(&url, commits, PoolLimits::default()).await.unwrap();
    let settings = Settings { invitations_per_hour: u32::MAX, ..Settings::default() };
    let vestibule =
        Arc::new(Vestibule::new(store, Arc::new(SystemClock), SigningKeys::new([7; 32], vec![]), settings, None));
    let (scope, invite) = organization(&vestibule).await;
    let (made, begun) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let tasks = (0..clients).map(|client| {
        let (vestibule, scope, made) = (Arc::clone(&vestibule), scope.clone(), Arc::clone(&made));
        let mut invite = invite.clone();
        tokio::spawn(async move {
            for n in 0.. {
                if begun.elapsed() >= ROUND {
                    break;
                }
                invite.recipients = format!("person{n}.{client}@example.com");
                vestibule.invitations().invite(&scope, &invite).await.unwrap();
                made.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    f64::from(u32::try_from(made.load(Ordering::Relaxed)).unwrap()) / begun.elapsed().as_secs_f64()
}

async fn organization(vestibule: &Vestibule) -> (Scope, Invite) {
    let (name, email, password) = ("Ada Byrne", "ada@acme.example", "hedgerow lantern oyster");
    let new = SetUp {
        organization: "Acme".into(),
        slug: "acme".into(),
        name: name.into(),
        email: email.into(),
        password: password.into(),
    };
    vestibule.organizations().create(new).await.unwrap();
    let session = vestibule.sessions().sign_in(email, password, [127, 0, 0, 1].into()).await.unwrap();
    let user = vestibule.sessions().get(session.as_str()).await.unwrap().unwrap();
    let scope = vestibule.enter(&user, "acme").await.unwrap();
    let role = vestibule.roles().all(&scope).await.unwrap().pop().unwrap().id;
    let invite = Invite { role_ids: vec![role], notify: true, ..Invite::default() };
    (scope, invite)
}
