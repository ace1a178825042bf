//! Whoever is frozen, slow or gone holds up nobody else, and not for long.

use crate::{
    driver::{Figures, Installation, Load, Organization, PostgresServer, invite, readiness, rounds, signal},
    harness::{Program, program::until},
};
use sqlx::Connection;
use std::time::{Duration, Instant};

/// Two organizations, and who must not be harmed is the second.
async fn two(installation: &Installation) -> (Organization, Organization) {
    (installation.organization("acme").await, installation.organization("other").await)
}

/// How many connections of ours stand still inside a transaction.
async fn standing_still(connection: &mut sqlx::PgConnection) -> i64 {
    let sql =
        "select count(*) from pg_stat_activity where application_name = 'vestibule' and state = 'idle in transaction'
        and datname = current_database()";
    sqlx::query_scalar(sql).fetch_one(connection).await.unwrap()
}

/// Stops the process at a moment when it is in the middle of a transaction, while others invite there.
async fn freeze_inside(program: &Program, connection: &mut sqlx::PgConnection) {
    for _ in 0..200 {
        signal("STOP", &[program.id()]);
        tokio::time::sleep(Duration::from_millis(30)).await;
        if standing_still(connection).await > 0 {
            return;
        }
        signal("CONT", &[program.id()]);
        tokio::time::sleep(Duration::from_millis(17)).await;
    }
    panic!("it was never inside a transaction");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_is_frozen_inside_a_transaction_freezes_nobody_else() {
    let server = PostgresServer::start().await;
    let installation = Installation::on_postgres(&server).await;
    let (acme, other) = two(&installation).await;
    let mut watch = sqlx::PgConnection::connect(installation.database_url()).await.unwrap();
    let (frozen, frozen_at, _) = installation.start_ready().await;
    let (_second, address, _) = installation.start_ready().await;
    let mut figures = Figures::new("an instance frozen in a transaction (X41, X42)", "PostgreSQL");
    for _ in 0..rounds(2, 20) {
        let load = Load::start(&acme.api(&frozen_at), 16);
        freeze_inside(&frozen, &mut watch).await;
        let begun = Instant::now();
        let waiting = (0..40).map(|_| {
            let api = acme.api(&address);
            tokio::spawn(async move { invite(&api).await })
        });
        let waiting: Vec<_> = waiting.collect();
        while begun.elapsed() < Duration::from_secs(4) {
            let told = invite(&other.api(&address)).await;
            assert!(told.is_success() && told.took < Duration::from_secs(1), "another organization: {told:?}");
            assert_eq!(readiness(&address).await, Some(200));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        for told in waiting {
            let told = told.await.unwrap();
            assert!(told.is_success() && told.took < Duration::from_secs(6), "its own organization: {told:?}");
            figures.count(&told);
        }
        signal("CONT", &[frozen.id()]);
        load.stop().await.iter().for_each(|told| figures.count(told));
        figures.rounds += 1;
    }
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_one_organization_takes_no_connection_from_the_others() {
    let server = PostgresServer::start().await;
    let installation = Installation::on_postgres(&server).await;
    let (acme, other) = two(&installation).await;
    let (_program, address, _) = installation.start_ready().await;
    let mut figures = Figures::new("60 wait for one organization (X42)", "PostgreSQL");
    let mut holder = sqlx::PgConnection::connect(installation.database_url()).await.unwrap();
    for _ in 0..rounds(2, 20) {
        // each request would also note that its key is used
        sqlx::raw_sql("update api_keys set last_used_at = null").execute(&mut holder).await.unwrap();
        let held = "begin; select * from organizations where slug = 'acme' for update; select * from api_keys for no key update";
        sqlx::raw_sql(held).execute(&mut holder).await.unwrap();
        let waiting: Vec<_> = (0..60)
            .map(|_| {
                let api = acme.api(&address);
                tokio::spawn(async move { invite(&api).await })
            })
            .collect();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(2) {
            let told = invite(&other.api(&address)).await;
            assert!(told.is_success() && told.took < Duration::from_secs(1), "{told:?}");
            let told = other.api(&address).get("/invitations?limit=1").await;
            assert!(told.is_success() && told.took < Duration::from_secs(1), "{told:?}");
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
        sqlx::raw_sql("rollback").execute(&mut holder).await.unwrap();
        for told in waiting {
            // one after another they may take longer than anybody is let wait
            figures.count(&told.await.unwrap());
        }
        figures.rounds += 1;
    }
    assert!(figures.acknowledged > 0, "{figures:?}");
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stops_answering_is_told_and_comes_back_without_a_restart() {
    let server = PostgresServer::start().await;
    let installation =
        Installation::on_postgres(&server).await.with("VESTIBULE_DATABASE_STATEMENT_TIMEOUT_SECONDS", "4");
    let (acme, _) = two(&installation).await;
    let (_program, address, _) = installation.start_ready().await;
    let api = acme.api(&address);
    let mut figures = Figures::new("the database frozen (X20)", "PostgreSQL");
    for _ in 0..rounds(2, 20) {
        let load = Load::start(&api, 8);
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.freeze();
        let frozen = Instant::now();
        until("that it is not ready", async || readiness(&address).await == Some(503)).await;
        assert!(frozen.elapsed() < Duration::from_secs(2), "told after {:?}", frozen.elapsed());
        assert_eq!(api.get_page("/healthz").await.status, Some(200));
        for told in [invite(&api).await, api.get("/invitations?limit=1").await, api.get_page("/sign-in").await] {
            assert!(told.took < Duration::from_secs(12), "{told:?}");
            figures.count(&told);
        }
        server.thaw();
        let thawed = Instant::now();
        until("that it is ready", async || readiness(&address).await == Some(200)).await;
        assert!(thawed.elapsed() < Duration::from_secs(2), "told after {:?}", thawed.elapsed());
        load.stop().await.iter().for_each(|told| figures.count(told));
        assert!(invite(&api).await.is_success());
        figures.rounds += 1;
    }
    assert!(figures.put_off > 0, "{figures:?}");
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_started_again_is_waited_for() {
    let server = PostgresServer::start().await;
    let installation = Installation::on_postgres(&server).await;
    let (acme, _) = two(&installation).await;
    let (program, address, _) = installation.start_ready().await;
    let api = acme.api(&address);
    let mut figures = Figures::new("the database killed and started again (X19)", "PostgreSQL");
    for _ in 0..rounds(2, 20) {
        let load = Load::start(&api, 8);
        tokio::time::sleep(Duration::from_millis(500)).await;
        server.kill().await;
        server.start_again().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let heard = load.stop().await;
        let kept = api.invitations().await;
        for told in &heard {
            figures.count(told);
            figures.lost += usize::from(told.id().is_some_and(|id| !kept.iter().any(|kept| kept["id"] == id.as_str())));
        }
        figures.rounds += 1;
    }
    drop(program);
    installation.check().await;
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_the_server_ends_are_made_again() {
    let server = PostgresServer::start().await;
    let installation = Installation::on_postgres(&server).await;
    let (acme, _) = two(&installation).await;
    let (_program, address, _) = installation.start_ready().await;
    let mut figures = Figures::new("connections ended by the server (57P01)", "PostgreSQL");
    let mut operator = sqlx::PgConnection::connect(installation.database_url()).await.unwrap();
    let load = Load::start(&acme.api(&address), 8);
    for _ in 0..rounds(10, 200) {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let sql = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'vestibule' and datname = current_database()";
        sqlx::query(sql).execute(&mut operator).await.unwrap();
        figures.rounds += 1;
    }
    load.stop().await.iter().for_each(|told| figures.count(told));
    assert!(figures.acknowledged > 20, "{figures:?}");
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_process_writes_is_waited_for_and_not_for_ever() {
    let installation = Installation::on_sqlite();
    let (acme, _) = two(&installation).await;
    let (_program, address, _) = installation.start_ready().await;
    let api = acme.api(&address);
    let mut figures = Figures::new("another process writes the file for 3 s and for 9 s (X16)", "SQLite");
    let mut holder = sqlx::SqliteConnection::connect(installation.database_url()).await.unwrap();
    for (held, succeeds) in [(3, true), (9, false)] {
        let begun = Instant::now();
        sqlx::raw_sql("begin immediate").execute(&mut holder).await.unwrap();
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let api = api.clone();
                tokio::spawn(async move { invite(&api).await })
            })
            .collect();
        let told = api.get("/invitations?limit=1").await;
        assert!(told.is_success() && told.took < Duration::from_secs(1), "{told:?}");
        until("that it is not ready", async || readiness(&address).await == Some(503)).await;
        assert!(begun.elapsed() < Duration::from_secs(2), "told after {:?}", begun.elapsed());
        tokio::time::sleep(Duration::from_secs(held).saturating_sub(begun.elapsed())).await;
        sqlx::raw_sql("rollback").execute(&mut holder).await.unwrap();
        for told in waiting {
            let told = told.await.unwrap();
            assert_eq!(told.is_success(), succeeds, "{told:?}");
            figures.count(&told);
        }
        until("that it is ready", async || readiness(&address).await == Some(200)).await;
        figures.rounds += 1;
    }
    assert_eq!(figures.put_off, 20, "{figures:?}");
    figures.check();
}
