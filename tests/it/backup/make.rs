//! `vestibule backup`: a file that is whole, a manifest that says so, and nothing else.

use super::{Desk, count, files, lived_in, rows_of};
use crate::harness::{Database, TestApp};
use serde_json::Value;
use sqlx::{Connection, PgConnection};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use tokio::process::Command;

both! {
    async fn a_backup_holds_all_rows_and_says_so_and_has_no_key(app) {
        let acme = lived_in(&app).await;
        let desk = Desk::of(&app);
        let path = desk.backs_up("one.db").await;
        let manifest: Value = serde_json::from_slice(&fs::read(desk.path("one.db.json")).unwrap()).unwrap();
        let rows = rows_of(&format!("sqlite:{}", path.display())).await;
        for (table, rows) in &rows {
            assert_eq!(app.count(&format!("select count(*) from {table}")).await, *rows, "{table}");
            assert_eq!(count(&manifest, &format!("/rows/{table}")), rows.unsigned_abs(), "{table}");
        }
        assert_eq!(manifest["rows"].as_object().unwrap().len(), rows.len());
        assert_eq!(count(&manifest, "/organizations"), 1);
        let last = app.vestibule.feed().events(&acme.scope, 0, 100).await.unwrap().last().unwrap().number;
        assert_eq!(count(&manifest, "/highest_event"), last);
        for name in ["one.db", "one.db.json"] {
            assert_eq!(fs::metadata(desk.path(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
            let bytes = fs::read(desk.path(name)).unwrap();
            assert!(!bytes.windows(32).any(|piece| piece == [7; 32]), "the key is in {name}");
        }
        let names: Vec<_> = files(desk.folder.path()).into_keys().collect();
        assert_eq!(names, ["one.db", "one.db.json", "secret.key"], "nothing is left beside it");
        desk.run(&["backup", "--verify", path.to_str().unwrap()]).await.is_well();
    }

    async fn what_is_acknowledged_while_a_backup_is_made_may_be_in_it_and_what_was_before_is(app) {
        let acme = app.organization("Acme").await;
        let desk = Desk::of(&app);
        for round in 0..3 {
            let before = app.count_invitations(&acme).await;
            let name = format!("{round}.db");
            let (path, ()) = tokio::join!(desk.backs_up(&name), async {
                for n in 0..20 {
                    app.invites(&acme, &format!("p{round}-{n}@example.com")).await;
                }
            });
            let rows = rows_of(&format!("sqlite:{}", path.display())).await["invitations"].unsigned_abs();
            assert!((before..=before + 20).contains(&rows), "{before} before, {rows} in the backup");
            desk.run(&["backup", "--verify", path.to_str().unwrap()]).await.is_well();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_there_is_not_written_over() {
    let app = TestApp::new().await;
    let desk = Desk::of(&app);
    fs::write(desk.path("one.db"), "precious").unwrap();
    let path = desk.path("one.db").display().to_string();
    desk.refuses(&["backup", &path], 73, &["one.db", "already"]).await;
    let nowhere = desk.path("nowhere/one.db").display().to_string();
    desk.refuses(&["backup", &nowhere], 74, &["nowhere/one.db", "Let the user"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_backup_left_is_written_over() {
    let app = TestApp::new().await;
    let desk = Desk::of(&app);
    fs::write(desk.path("one.db.part"), "half").unwrap();
    let path = desk.backs_up("one.db").await;
    desk.run(&["backup", "--verify", path.to_str().unwrap()]).await.is_well();
    assert!(!desk.path("one.db.part").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_no_backup_of_what_is_not_there() {
    let desk = Desk::empty(Database::Sqlite).await;
    let path = desk.path("one.db").display().to_string();
    desk.refuses(&["backup", &path], 74, &["there is no database of Vestibule"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_that_was_stopped_stays_as_it_was() {
    let app = TestApp::new().await;
    lived_in(&app).await;
    app.vestibule.close().await;
    let desk = Desk::of(&app);
    let before = fs::read(app.folder().join("test.db")).unwrap();
    desk.backs_up("one.db").await;
    assert!(fs::read(app.folder().join("test.db")).unwrap() == before);
    assert!(!app.folder().join("test.db-wal").exists(), "and nothing is beside it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_was_changed_is_not_verified() {
    let app = TestApp::new().await;
    lived_in(&app).await;
    let desk = Desk::of(&app);
    let path = desk.backs_up("one.db").await;
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let verify = ["backup", "--verify", path.to_str().unwrap()];
    desk.refuses(&verify, 74, &["one.db", "SHA-256"]).await;
    fs::write(&path, &bytes[..middle]).unwrap();
    desk.refuses(&verify, 74, &["one.db", "bytes"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_interrupted_leaves_nothing() {
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let app = TestApp::on(Database::Postgres).await;
        lived_in(&app).await;
        let desk = Desk::of(&app);
        let mut others = PgConnection::connect(&app.database_url).await.unwrap();
        sqlx::raw_sql("begin; lock table mails in access exclusive mode").execute(&mut others).await.unwrap();
        let mut child = desk.command(&["backup", "one.db"]).spawn().unwrap();
        let half = async {
            while !desk.path("one.db.part").exists() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), half).await.expect("it has begun");
        let pid = child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().await.unwrap().success());
        let ended = tokio::time::timeout(Duration::from_secs(5), child.wait()).await.expect("it ends").unwrap();
        assert_eq!(ended.code(), Some(status));
        assert_eq!(files(desk.folder.path()).into_keys().collect::<Vec<_>>(), ["secret.key"]);
        drop(others);
    }
}
