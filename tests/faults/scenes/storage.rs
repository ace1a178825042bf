//! A disk that is full: reads go on, writes are put off, and when there is room again nothing has to be started.

use crate::{
    driver::{Api, Disk, Figures, Installation, PostgresServer, readiness, rounds},
    harness::program::until,
};

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
    let Some(disk) = Disk::new("6m") else { return };
    let installation = Installation::on_sqlite_in(disk.path());
    let organization = installation.organization("acme").await;
    let (program, address, _) = installation.start_ready().await;
    let mut figures = Figures::new("disk full, then grown (X48)", "SQLite");
    for round in 0..rounds(1, 5) {
        let size = format!("{}m", 60 + 30 * round);
        filled(&organization.api(&address), &address, &mut figures, || disk.resize(&size)).await;
        disk.resize(&format!("{}k", disk.used() + 2_048));
    }
    disk.resize("900m");
    drop(program);
    installation.check().await;
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_puts_writes_off_and_nothing_else_on_postgres() {
    let Some(disk) = Disk::new("20m") else { return };
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
