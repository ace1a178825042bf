//! `vestibule restore`: all of it in an empty place, or one line and nothing.

use super::{Desk, count, fresh_shape, lived_in, shape};
use crate::harness::{Database, TestApp};
use std::fs;
use vestibule_domain::Fact;

async fn restored(app: TestApp, into: Database) {
    let acme = lived_in(&app).await;
    let desk = Desk::of(&app);
    let backup = desk.backs_up("one.db").await;
    let place = Desk::empty(into).await;
    let told = place.restores(&backup).await;
    assert_eq!(
        (count(&told, "/held/mails"), count(&told, "/rows/sessions"), count(&told, "/rows/acceptance_sessions")),
        (1, 0, 0)
    );
    place.checks().await;
    assert_eq!(shape(&place.url).await, fresh_shape(&place.url).await);
    let there = place.opened().await;
    for table in ["users", "members", "roles", "invitations", "mails", "idempotency_keys", "api_keys"] {
        let sql = format!("select count(*) from {table}");
        assert_eq!(there.count(&sql).await, app.count(&sql).await, "{table}");
    }
    let ada = there.enter("acme", &acme.owner).await;
    let last = app.vestibule.feed().events(&acme.scope, 0, 100).await.unwrap().last().unwrap().number;
    let events = there.vestibule.feed().events(&ada.scope, last, 10).await.unwrap();
    let is_told = matches!(events[0].fact, Fact::OrganizationRestored { last_number, .. } if last_number == last);
    assert!(is_told && events[0].number >= last + 1_000_000, "{events:?}");
    assert_eq!(there.vestibule.audit().verify(&ada.scope).await.unwrap().flaw, None);
    // Grace's link is as good as it was
    let page = there.client().get(&format!("/i/{}", app.mailed_token("grace@example.com"))).await;
    assert!(page.location().starts_with("/accept"), "{}", page.text);
    there.invites(&ada, "new@example.com").await;
    let after = there.vestibule.feed().events(&ada.scope, events[0].number, 10).await.unwrap();
    assert_eq!(after[0].number, events.last().unwrap().number + 1, "and from there without a gap");
    place.checks().await;
}

both! {
    async fn a_backup_is_restored_to_sqlite(app) {
        restored(app, Database::Sqlite).await;
    }

    async fn a_backup_is_restored_to_postgres(app) {
        restored(app, Database::Postgres).await;
    }

    async fn a_database_that_is_used_is_left_as_it_is(app) {
        lived_in(&app).await;
        let desk = Desk::of(&app);
        let backup = desk.backs_up("one.db").await;
        let before = app.count("select count(*) from events").await;
        desk.refuses(&["restore", backup.to_str().unwrap()], 73, &["in use"]).await;
        assert_eq!(app.count("select count(*) from events").await, before);
        assert_eq!(app.count("select count(*) from restores").await, 0);
    }
}

/// A place to restore to, of this kind, and a backup in it that is whole.
async fn with_backup(into: Database) -> (TestApp, Desk, String) {
    let app = TestApp::new().await;
    lived_in(&app).await;
    // the key is known to it
    let desk = Desk::of(&app);
    desk.run(&["mail", "held"]).await.is_well();
    let place = Desk::empty(into).await;
    let path = place.path("one.db");
    let made = desk.backs_up("one.db").await;
    fs::copy(&made, &path).unwrap();
    fs::copy(desk.path("one.db.json"), place.path("one.db.json")).unwrap();
    (app, place, path.display().to_string())
}

async fn refusals(into: Database) {
    let (_app, place, path) = with_backup(into).await;
    let whole = fs::read(&path).unwrap();
    place.has_key([8; 32]);
    place.refuses(&["restore", &path], 74, &["one.db", "another secret key", "secret.key"]).await;
    fs::remove_file(place.path("secret.key")).unwrap();
    place.refuses(&["restore", &path], 74, &["secret.key", "missing"]).await;
    place.has_key([7; 32]);
    fs::write(&path, &whole[..whole.len() - 4096]).unwrap();
    place.refuses(&["restore", &path], 74, &["one.db", "damaged"]).await;
    let mut other = whole.clone();
    other[whole.len() - 100] ^= 1;
    fs::write(&path, &other).unwrap();
    place.refuses(&["restore", &path], 74, &["one.db", "SHA-256"]).await;
    fs::write(&path, &whole).unwrap();
    let manifest = fs::read(place.path("one.db.json")).unwrap();
    fs::write(place.path("one.db.json"), "{").unwrap();
    place.refuses(&["restore", &path], 74, &["one.db.json"]).await;
    fs::remove_file(place.path("one.db.json")).unwrap();
    place.refuses(&["restore", &path], 74, &["manifest is missing", "--without-manifest"]).await;
    place.refuses(&["restore", "nowhere.db"], 74, &["nowhere.db"]).await;
    fs::write(&path, "no database").unwrap();
    place.refuses(&["restore", "--without-manifest", &path], 74, &["one.db", "damaged"]).await;
    fs::write(&path, &whole).unwrap();
    place.run(&["restore", "--without-manifest", &path]).await.is_well();
    place.checks().await;
    fs::write(place.path("one.db.json"), manifest).unwrap();
    place.refuses(&["restore", &path], 73, &["in use"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_be_restored_to_sqlite_is_refused_and_nothing_is_there() {
    refusals(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_be_restored_to_postgres_is_refused_and_nothing_is_there() {
    refusals(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_newer_program_is_refused_and_both_schemas_are_named() {
    let (_app, place, path) = with_backup(Database::Sqlite).await;
    let url = format!("sqlite:{path}");
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9000, 'later', 1, x'00', 0)";
    sqlx::raw_sql(newer).execute(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    fs::remove_file(place.path("one.db.json")).unwrap();
    let known = super::upgrade::SQLITE.iter().map(|migration| migration.version).max().unwrap().to_string();
    place.refuses(&["restore", "--without-manifest", &path], 75, &["one.db", "9000", &known]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_key_is_replaced_after_the_restore() {
    let (_app, place, path) = with_backup(Database::Sqlite).await;
    place.has_key([8; 32]);
    place.run(&["restore", "--with-another-key", &path]).await.is_well();
    place.refuses(&["user", "password-link", "ada@acme.example"], 74, &["adopt-key"]).await;
    place.run(&["adopt-key"]).await.is_well();
    place.checks().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_somebody_serves_from_is_not_replaced() {
    let (_app, place, path) = with_backup(Database::Sqlite).await;
    let data = place.folder.path().display().to_string();
    place.run(&["migrate"]).await.is_well();
    let program = crate::harness::Program::start(&[("VESTIBULE_DATA_DIR", &data)]);
    program.address().await;
    let ended = place.run(&["restore", &path]).await;
    assert_eq!(ended.code, Some(73), "{ended:?}");
    assert!(ended.complained.contains("in use by pid"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_and_links_to_choose_a_password_end() {
    for database in [Database::Sqlite, Database::Postgres] {
        let app = TestApp::on(database).await;
        let acme = lived_in(&app).await;
        let (link, _) = app.vestibule.sessions().password_link_for(&acme.owner).await.unwrap().unwrap();
        let token = link.split_once("token=").unwrap().1;
        assert!(app.vestibule.sessions().password_link(token).await.is_ok());
        let desk = Desk::of(&app);
        let backup = desk.backs_up("one.db").await;
        let place = Desk::empty(database).await;
        place.restores(&backup).await;
        let there = place.opened().await;
        assert_eq!(there.vestibule.sessions().get(acme.session.as_str()).await.unwrap(), None);
        assert!(there.vestibule.sessions().password_link(token).await.is_err());
        let (link, _) = there.vestibule.sessions().password_link_for(&acme.owner).await.unwrap().unwrap();
        there.advance(chrono::Duration::minutes(1));
        let (later, _) = there.vestibule.sessions().password_link_for(&acme.owner).await.unwrap().unwrap();
        assert!(
            there.vestibule.sessions().password_link(later.split_once("token=").unwrap().1).await.is_ok(),
            "{link}"
        );
    }
}
