//! Backups under load, restores and moves that are killed, and a disk without room.

use crate::driver::{Disk, Figures, Installation, Load, Organization, PostgresServer, Told, randomness, rounds, span};
use rand::RngExt;
use std::collections::BTreeSet;
use std::time::Duration;

/// Ids of what was acknowledged.
pub fn ids(heard: &[Told]) -> BTreeSet<String> {
    heard.iter().filter_map(Told::id).collect()
}

/// The 99th part of a hundred, and the longest.
fn waits(heard: &[Told]) -> (Duration, Duration) {
    let mut waits: Vec<Duration> = heard.iter().map(|told| told.took).collect();
    waits.sort_unstable();
    (waits[waits.len() * 99 / 100], waits[waits.len() - 1])
}

/// Ids of all invitations that an installation has.
pub async fn found(installation: &Installation, organization: &Organization) -> BTreeSet<String> {
    let (_program, address, _) = installation.start_ready().await;
    let all = organization.api(&address).invitations().await;
    all.iter().map(|invitation| invitation["id"].as_str().unwrap().to_owned()).collect()
}

/// Everything that was acknowledged before a backup began is in it, wherever it is restored.
async fn under_load(installation: Installation, elsewhere: Installation, database: &str) {
    let organization = installation.organization("acme").await;
    let (program, address, _) = installation.start_ready().await;
    let api = organization.api(&address);
    let mut figures = Figures::new("backup under load (X32)", database);
    let (mut before, last) = (BTreeSet::new(), installation.folder().join("last.db"));
    for round in 0..rounds(2, 10) {
        let load = Load::start(&api, 8);
        tokio::time::sleep(span(Duration::from_secs(3), Duration::from_secs(20))).await;
        let calm = load.stop().await;
        before.extend(ids(&calm));
        let load = Load::start(&api, 8);
        let path = installation.folder().join(format!("{round}.db"));
        let begun = std::time::Instant::now();
        while begun.elapsed() < span(Duration::from_secs(3), Duration::from_secs(20)) {
            _ = std::fs::remove_file(&path);
            let (done, _, said) = installation.command(&["backup", path.to_str().unwrap()], "").await;
            assert!(done, "{said}");
        }
        let busy = load.stop().await;
        before.extend(ids(&calm));
        calm.iter().chain(&busy).for_each(|told| figures.count(told));
        let ((p99, longest), (p99_busy, longest_busy)) = (waits(&calm), waits(&busy));
        println!(
            "{database}: writes at p99 {p99:?}, longest {longest:?}; while backups are made {p99_busy:?}, {longest_busy:?}"
        );
        let (done, _, said) = installation.command(&["backup", "--verify", path.to_str().unwrap()], "").await;
        assert!(done, "{said}");
        std::fs::rename(&path, &last).unwrap();
        std::fs::rename(path.with_extension("db.json"), last.with_extension("db.json")).unwrap();
        figures.rounds += 1;
    }
    drop(program);
    elsewhere.has_key_of(&installation);
    let (done, _, said) = elsewhere.command(&["restore", last.to_str().unwrap()], "").await;
    assert!(done, "{said}");
    elsewhere.check().await;
    let kept = found(&elsewhere, &organization).await;
    figures.lost += before.difference(&kept).count();
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_sqlite_holds_what_was_acknowledged_before_it() {
    under_load(Installation::on_sqlite(), Installation::on_sqlite(), "SQLite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_postgres_holds_what_was_acknowledged_before_it() {
    let server = PostgresServer::start().await;
    let (here, there) = (Installation::on_postgres(&server).await, Installation::on_postgres(&server).await);
    under_load(here, there, "PostgreSQL").await;
}

/// Invitations enough that a copy of them takes a moment.
async fn filled(installation: &Installation) -> (Organization, BTreeSet<String>) {
    let organization = installation.organization("acme").await;
    let (mut program, address, _) = installation.start_ready().await;
    let load = Load::start(&organization.api(&address), 16);
    tokio::time::sleep(Duration::from_secs(4)).await;
    let made = ids(&load.stop().await);
    program.terminate().await;
    program.ended().await;
    (organization, made)
}

/// Killed at any moment, a restore has done nothing or all of it.
async fn killed_restores(server: Option<&PostgresServer>, database: &str) {
    let (mut random, source) = (randomness(), Installation::on_sqlite());
    let (organization, made) = filled(&source).await;
    let backup = source.folder().join("one.db").display().to_string();
    assert!(source.command(&["backup", &backup], "").await.0);
    let mut figures = Figures::new("kill -9 of a restore (X33)", database);
    for _ in 0..rounds(4, 30) {
        let target = match server {
            Some(server) => Installation::on_postgres(server).await,
            None => Installation::on_sqlite(),
        };
        target.has_key_of(&source);
        let mut restoring = target.begin(&["restore", &backup]);
        tokio::time::sleep(Duration::from_millis(random.random_range(1..700))).await;
        let is_done = restoring.try_wait().unwrap().is_some();
        restoring.kill().await.unwrap();
        let (done, _, said) = target.command(&["restore", &backup], "").await;
        assert!(done || said.contains("in use"), "{said}");
        assert!(!(is_done && done), "it was done already");
        target.check().await;
        let kept = found(&target, &organization).await;
        figures.lost += made.difference(&kept).count();
        figures.doubled += kept.difference(&made).count();
        figures.acknowledged += made.len();
        figures.rounds += 1;
    }
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_restore_to_sqlite_has_done_nothing_or_all() {
    killed_restores(None, "SQLite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_restore_to_postgres_has_done_nothing_or_all() {
    let server = PostgresServer::start().await;
    killed_restores(Some(&server), "PostgreSQL").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_move_goes_on_to_postgres_and_back() {
    let (mut random, source, server) = (randomness(), Installation::on_sqlite(), PostgresServer::start().await);
    let (organization, made) = filled(&source).await;
    let mut figures = Figures::new("kill -9 of migrate-db (D1)", "both");
    for _ in 0..rounds(1, 5) {
        let there = Installation::on_postgres(&server).await;
        let back = Installation::on_sqlite();
        for (from, to) in [(&source, &there), (&there, &back)] {
            to.has_key_of(&source);
            let migrate = ["migrate-db", "--from", from.database_url(), "--to", to.database_url()];
            for _ in 0..rounds(4, 20) {
                let mut migrating = to.begin(&migrate);
                tokio::time::sleep(Duration::from_millis(random.random_range(50..900))).await;
                migrating.kill().await.unwrap();
                figures.rounds += 1;
            }
            let (done, _, said) = to.command(&migrate, "").await;
            assert!(done || said.contains("in use"), "{said}");
            to.check().await;
        }
        let kept = found(&back, &organization).await;
        figures.lost += made.difference(&kept).count();
        figures.doubled += kept.difference(&made).count();
        figures.acknowledged += made.len();
    }
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_without_room_leaves_nothing_behind() {
    let Some(disk) = Disk::new("256k") else { return };
    let server = PostgresServer::start().await;
    for (installation, database) in
        [(Installation::on_sqlite(), "SQLite"), (Installation::on_postgres(&server).await, "PostgreSQL")]
    {
        let mut figures = Figures::new("a disk without room for a backup", database);
        let (organization, made) = filled(&installation).await;
        let path = disk.path().join("one.db");
        let backup = ["backup", path.to_str().unwrap()];
        let (done, _, said) = installation.command(&backup, "").await;
        assert!(!done && said.contains("one.db.part") && said.lines().count() == 1, "{said}");
        assert_eq!(std::fs::read_dir(disk.path()).unwrap().count(), 0, "{said}");
        disk.resize("64m");
        let (done, _, said) = installation.command(&backup, "").await;
        assert!(done, "{said}");
        let elsewhere = Installation::on_sqlite();
        elsewhere.has_key_of(&installation);
        let (done, _, said) = elsewhere.command(&["restore", path.to_str().unwrap()], "").await;
        assert!(done, "{said}");
        figures.lost += made.difference(&found(&elsewhere, &organization).await).count();
        figures.rounds += 1;
        figures.check();
        std::fs::remove_file(&path).unwrap();
        std::fs::remove_file(path.with_extension("db.json")).unwrap();
        disk.resize("256k");
    }
}
