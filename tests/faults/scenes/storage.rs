//! A disk that is full: reads go on, writes are put off, and when there is room again nothing has to be started.

use crate::{
    driver::{Api, Figures, Installation, PostgresServer, readiness, rounds},
    harness::program::until,
};
use std::{
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// A file system of its own in memory, as large as it is said to be. Only root may make one.
pub(super) struct Disk {
    folder: TempDir,
}

impl Disk {
    pub(super) fn new(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self { folder })
    }

    pub(super) fn resize(&self, size: &str) {
        let remount = format!("remount,size={size}");
        assert!(Command::new("mount").args(["-o", &remount]).arg(self.folder.path()).status().unwrap().success());
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        _ = Command::new("umount").arg("--lazy").arg(self.folder.path()).status();
    }
}

/// Invites with long metadata until the disk is full; then what must go on goes on, and all comes back with room.
async fn filled(api: &Api, address: &str, figures: &mut Figures, grow: impl FnOnce()) {
    let (mut ids, mut put_off) = (Vec::new(), 0);
    for n in 0.. {
        let email = format!("person{}.{n}@example.com", figures.rounds);
        let body =
            serde_json::json!({ "email": email, "roles": ["member"], "metadata": { "padding": "x".repeat(4_000) } });
        let told = api.post("/invitations", Some(&email), &body).await;
        figures.count(&told);
        ids.extend(told.id());
        if !told.is_success() {
            assert_eq!((told.status, told.retry_after), (Some(503), true), "{}", told.text);
            put_off += 1;
        }
        if put_off == 20 {
            break;
        }
        assert!(n < 20_000, "the disk is never full");
    }
    until("that it is not ready", async || readiness(address).await == Some(503)).await;
    assert_eq!(api.get_page("/healthz").await.status, Some(200));
    assert_eq!(api.get("/invitations?limit=1").await.status, Some(200));
    grow();
    until("that it is ready", async || readiness(address).await == Some(200)).await;
    let email = format!("after{}@example.com", figures.rounds);
    ids.extend(Some(api.invite(&email, &email).await.id().expect("it writes again")));
    let kept = api.invitations().await;
    figures.lost += ids.iter().filter(|id| !kept.iter().any(|kept| kept["id"] == id.as_str())).count();
    figures.rounds += 1;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_puts_writes_off_and_nothing_else_on_sqlite() {
    let Some(disk) = Disk::new("6m") else { return not_root() };
    let installation = Installation::on_sqlite_in(disk.path());
    let organization = installation.organization("acme").await;
    let (program, address, _) = installation.start_ready().await;
    let mut figures = Figures::new("disk full, then grown (X48)", "SQLite");
    for round in 0..rounds(1, 5) {
        let size = format!("{}m", 60 + 30 * round);
        filled(&organization.api(&address), &address, &mut figures, || disk.resize(&size)).await;
        disk.resize(&format!("{}m", used(disk.path()) + 2));
    }
    disk.resize("900m");
    drop(program);
    installation.check().await;
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_puts_writes_off_and_nothing_else_on_postgres() {
    let Some(disk) = Disk::new("20m") else { return not_root() };
    let server = PostgresServer::start().await;
    let database = server.database_on(disk.path()).await;
    let installation = Installation::on(&database);
    let organization = installation.organization("acme").await;
    let (program, address, _) = installation.start_ready().await;
    let mut figures = Figures::new("disk full, then grown (X48)", "PostgreSQL");
    filled(&organization.api(&address), &address, &mut figures, || disk.resize("200m")).await;
    drop(program);
    installation.check().await;
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_on_the_size_of_files_puts_writes_off_as_well() {
    let installation = Installation::on_sqlite();
    let organization = installation.organization("acme").await;
    // in blocks of 512 or 1,024 bytes, as the shell has it
    let program = installation.start_after("ulimit -f 3000");
    let address = program.address().await;
    until("readiness", async || readiness(&address).await == Some(200)).await;
    let (api, mut put_off) = (organization.api(&address), 0);
    let mut figures = Figures::new("limit on the size of files (X14)", "SQLite");
    for n in 0..20_000 {
        let email = format!("person{n}@example.com");
        let body =
            serde_json::json!({ "email": email, "roles": ["member"], "metadata": { "padding": "x".repeat(4_000) } });
        let told = api.post("/invitations", Some(&email), &body).await;
        figures.count(&told);
        put_off += usize::from(told.status == Some(503));
        if put_off == 10 {
            break;
        }
    }
    assert_eq!(put_off, 10);
    assert_eq!(api.get("/invitations?limit=1").await.status, Some(200));
    figures.rounds += 1;
    drop(program);
    installation.check().await;
    figures.check();
}

pub(super) fn not_root() {
    eprintln!("ATTENTION: only root can make a small disk, so this scene was not played");
}

/// MiB in use.
fn used(path: &Path) -> u64 {
    let output = Command::new("du").arg("-sm").arg(PathBuf::from(path)).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split_whitespace().next().unwrap().parse().unwrap()
}
