//! `vestibule migrate-db`: everything, exactly, in steps; and nothing of the source is changed.

use super::{Desk, Ended, fresh_shape, lived_in, rows_of, shape};
use crate::harness::{Database, Setup, TestApp};
use rand::RngExt;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Column, Connection, Row, SqliteConnection, ValueRef};
use std::collections::BTreeSet;
use std::fs;
use tokio::sync::Notify;
use vestibule_store::migrate_db::MigrationUrls;

/// A database of its own: an instance that has it open is noticed by that.
async fn own_database() -> String {
    let server = std::env::var("TEST_POSTGRES_URL").unwrap();
    let name = format!("moved_{:x}", rand::random::<u128>());
    let mut connection = <sqlx::PgConnection as Connection>::connect(&server).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.unwrap();
    let (address, options) = server
        .split_once('?')
        .map_or((server.as_str(), String::new()), |(address, options)| (address, format!("?{options}")));
    format!("{}/{name}{options}", address.rsplit_once('/').unwrap().0)
}

impl Desk {
    async fn migrates(&self, from: &str, to: &str) -> Ended {
        self.run(&["migrate-db", "--from", from, "--to", to, "--json"]).await
    }
}

/// Rows with everything that a column can hold, and that nobody would think of.
async fn fill(url: &str) {
    let mut random = rand::rng();
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    sqlx::raw_sql("begin").execute(&mut connection).await.unwrap();
    for n in 0..6_000_i64 {
        let sql = "insert into rate_limits (key, full_at, room) values ($1, $2, $3)";
        let key: [u8; 32] = rand::random();
        let number = if n % 2 == 0 { i64::MIN + n } else { i64::MAX - n };
        sqlx::query(sql)
            .bind(&key[..])
            .bind(number)
            .bind(random.random::<i64>())
            .execute(&mut connection)
            .await
            .unwrap();
    }
    let texts = ["", " ", "'", "\\", "\\N", "\t\n\r", "{}", "ß İ 日本 👩‍👩‍👧", "\u{feff}", "e\u{301}"];
    let jsons = [r#"{"b":1,"a":[1.5,0.0,1e300,18446744073709551615,null,true,"\u00e9\\"]}"#, r#"{"":{"":""}}"#, "{}"];
    let times = [1_795_338_000_000_000_i64, 1_795_338_000_000_001, -62_135_596_800_000_000, 253_402_300_799_999_999];
    for n in 0..200 {
        let id = uuid::Uuid::from_u128(rand::random());
        let sql = "insert into users (id, email, email_typed, name, search, password_hash, is_email_verified, created_at) values ($1, $2, $3, $4, '', '', $5, $6)";
        let (text, at) = (texts[n % texts.len()], times[n % times.len()]);
        sqlx::query(sql)
            .bind(id)
            .bind(format!("{n}{text}"))
            .bind(text)
            .bind(text)
            .bind(n % 3 == 0)
            .bind(at)
            .execute(&mut connection)
            .await
            .unwrap();
        let sql = "update members set metadata = $1 where id = (select id from members order by random() limit 1)";
        sqlx::query(sql).bind(jsons[n % jsons.len()]).execute(&mut connection).await.unwrap();
        let sql = "insert into probes (id, at, padding) values ($1, $2, $3)";
        let padding: Vec<u8> = (0..n).map(|byte| (byte % 256) as u8).collect();
        sqlx::query(sql)
            .bind(uuid::Uuid::from_u128(rand::random()))
            .bind(at)
            .bind(padding)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    sqlx::raw_sql("commit").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Every row of every table, as SQLite holds it; JSON as what it says.
async fn everything(url: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let tables: Vec<String> = rows_of(url).await.into_keys().collect();
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    for table in tables {
        let rows =
            sqlx::query(AssertSqlSafe(format!("select * from {table}"))).fetch_all(&mut connection).await.unwrap();
        for row in rows {
            let mut text = table.clone();
            for (at, column) in row.columns().iter().enumerate() {
                let value = row.try_get_raw(at).unwrap();
                let kind = value.type_info().to_string();
                let shown = if value.is_null() {
                    "null".to_owned()
                } else if kind == "TEXT" {
                    let value: String = row.get(at);
                    let is_json = value.starts_with(['{', '[']) && !["actor", "fact"].contains(&column.name());
                    let json = is_json.then(|| serde_json::from_str::<Value>(&value).ok()).flatten();
                    json.map_or(value, |json| json.to_string())
                } else if kind == "BLOB" {
                    format!("{:?}", row.get::<Vec<u8>, _>(at))
                } else {
                    row.get::<i64, _>(at).to_string()
                };
                text += &format!(" | {}: {kind} {shown}", column.name());
            }
            found.insert(text);
        }
    }
    found
}

/// On SQLite and in use, with a webhook and odd rows; stopped.
async fn source() -> (TestApp, Desk) {
    let app = TestApp::with(Setup::default()).await;
    let acme = lived_in(&app).await;
    app.webhook(&acme, "http://127.0.0.1:65000/", &[]).await;
    app.invites(&acme, "more@example.com").await;
    let desk = Desk::of(&app);
    desk.run(&["mail", "held"]).await.is_well();
    app.vestibule.close().await;
    fill(&app.database_url).await;
    (app, desk)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_to_postgres_and_back_is_what_it_was() {
    let (app, desk) = source().await;
    let (there, back) = (own_database().await, format!("sqlite:{}", desk.path("back.db").display()));
    let file = fs::read(app.folder().join("test.db")).unwrap();
    let told = desk.migrates(&app.database_url, &there).await.json();
    assert!(fs::read(app.folder().join("test.db")).unwrap() == file, "nothing of the source was changed");
    let rows = rows_of(&app.database_url).await;
    let tables = told["tables"].as_object().unwrap();
    assert_eq!(tables.keys().collect::<Vec<_>>(), rows.keys().collect::<Vec<_>>(), "every table is moved");
    for (table, rows) in rows {
        assert_eq!(tables[&table]["rows"], rows, "{table}");
    }
    assert_eq!((&told["organizations"], &told["seals_compared"]), (&Value::from(1), &Value::from(true)));
    let moved = Desk { folder: tempfile::tempdir().unwrap(), url: there.clone() };
    moved.has_key([7; 32]);
    moved.run(&["backup", "of-moved.db"]).await.is_well();
    desk.migrates(&there, &back).await.is_well();
    let (before, after) = (everything(&app.database_url).await, everything(&back).await);
    assert_eq!(before.symmetric_difference(&after).collect::<Vec<_>>(), Vec::<&String>::new());
    let backup = everything(&format!("sqlite:{}", moved.path("of-moved.db").display())).await;
    assert_eq!(before.symmetric_difference(&backup).collect::<Vec<_>>(), Vec::<&String>::new());
    for url in [&there, &back, &format!("sqlite:{}", moved.path("of-moved.db").display())] {
        assert_eq!(shape(url).await, fresh_shape(url).await, "{url}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installation_goes_on_where_it_was_moved_to() {
    let app = TestApp::new().await;
    let acme = lived_in(&app).await;
    app.vestibule.close().await;
    let desk = Desk::of(&app);
    let there = own_database().await;
    desk.migrates(&app.database_url, &there).await.is_well();
    let moved = Desk { folder: tempfile::tempdir().unwrap(), url: there.clone() };
    moved.has_key([7; 32]);
    moved.checks().await;
    let on_postgres = moved.opened().await;
    assert!(
        on_postgres.vestibule.sessions().get(acme.session.as_str()).await.unwrap().is_some(),
        "nobody is signed out"
    );
    on_postgres.settle().await;
    on_postgres.mailed_token("alan@example.com");
    let ada = on_postgres.enter("acme", &acme.owner).await;
    on_postgres.invites(&ada, "new@example.com").await;
    moved.checks().await;
    let again = desk.migrates(&app.database_url, &there).await;
    assert_eq!(again.code, Some(73), "{again:?}");
    assert!(again.complained.contains("in use") && again.complained.lines().count() == 1, "{again:?}");
}

/// Stops again and again, each time further on, and goes on.
async fn stopped_at_every_step(from: &str, to: &str, desk: &Desk) {
    let addresses = MigrationUrls::new(from, to).unwrap();
    let mut steps = 0;
    loop {
        let (mut told, stop) = (0, Notify::new());
        let work = addresses.migrate(None, |_| {
            told += 1;
            if told > 3 + 12 * steps {
                stop.notify_one();
            }
        });
        let is_done = tokio::select! {
            biased;
            () = stop.notified() => false,
            done = work => { done.unwrap(); true }
        };
        steps += 1;
        if is_done {
            break;
        }
        let half = Desk { folder: tempfile::tempdir().unwrap(), url: to.to_owned() };
        half.has_key([7; 32]);
        for verb in ["serve", "check", "migrate"] {
            half.refuses(&[verb], 75, &["half of a copy", "vestibule migrate-db"]).await;
        }
        half.refuses(&["backup", "no.db"], 75, &["half of a copy"]).await;
    }
    assert!(steps > 5, "it was stopped {steps} times");
    let again = desk.migrates(from, to).await;
    assert_eq!(again.code, Some(73), "it is done: {again:?}");
    assert_eq!(shape(to).await, fresh_shape(to).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_at_any_step_it_goes_on_both_ways() {
    let (app, desk) = source().await;
    let (there, back) = (own_database().await, format!("sqlite:{}", desk.path("back.db").display()));
    stopped_at_every_step(&app.database_url, &there, &desk).await;
    stopped_at_every_step(&there, &back, &desk).await;
    let (before, after) = (everything(&app.database_url).await, everything(&back).await);
    assert_eq!(before.symmetric_difference(&after).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_somebody_uses_is_not_moved() {
    let app = TestApp::new().await;
    lived_in(&app).await;
    app.vestibule.close().await;
    let (data, there) = (app.folder().display().to_string(), own_database().await);
    let desk = Desk::of(&app);
    fs::copy(desk.path("secret.key"), app.folder().join("secret.key")).unwrap();
    let settings = [("VESTIBULE_DATA_DIR", data.as_str()), ("VESTIBULE_DATABASE_URL", &app.database_url)];
    let mut program = crate::harness::Program::start(&settings);
    program.address().await;
    let ended = desk.migrates(&app.database_url, &there).await;
    assert_eq!(ended.code, Some(73), "{ended:?}");
    assert!(ended.complained.contains("in use by pid"), "{ended:?}");
    program.terminate().await;
    program.ended().await;
    desk.migrates(&app.database_url, &there).await.is_well();
    let settings = [("VESTIBULE_DATA_DIR", data.as_str()), ("VESTIBULE_DATABASE_URL", &there)];
    let program = crate::harness::Program::start(&settings);
    program.address().await;
    let back = format!("sqlite:{}", desk.path("back.db").display());
    let ended = desk.migrates(&there, &back).await;
    assert_eq!(ended.code, Some(73), "{ended:?}");
    assert!(ended.complained.contains("connections of Vestibule are open"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_be_moved_is_refused_in_one_line_without_a_password() {
    let (app, desk) = source().await;
    let (from, there) = (app.database_url.as_str(), own_database().await);
    let other = desk.path("other.db").display().to_string();
    let cases: [(&str, &str, i32, &str); 7] = [
        (from, from, 1, "Both addresses are SQLite"),
        (&there, &there, 1, "Both addresses are PostgreSQL"),
        ("mysql://root:hush@db/x", &there, 1, "--from: give an address"),
        (from, "", 1, "--to: give an address"),
        (from, "postgres://vestibule:hush@127.0.0.1:9/x", 69, "PostgreSQL at 127.0.0.1:9"),
        (&format!("sqlite:{other}"), &there, 74, "there is no database of Vestibule"),
        (from, "postgres://[:hush", 1, "--to: this is not an address of PostgreSQL"),
    ];
    for (from, to, code, words) in cases {
        let ended = desk.migrates(from, to).await;
        assert_eq!((ended.code, ended.complained.lines().count()), (Some(code), 1), "{from} {to}: {ended:?}");
        assert!(ended.complained.contains(words) && !ended.complained.contains("hush"), "{ended:?}");
    }
    let used = TestApp::on(Database::Postgres).await;
    used.organization("Acme").await;
    let mut connection = <sqlx::PgConnection as Connection>::connect(&there).await.unwrap();
    sqlx::raw_sql("create table users (id uuid)").execute(&mut connection).await.unwrap();
    drop(connection);
    let ended = desk.migrates(from, &there).await;
    assert!(ended.code != Some(0), "tables of somebody else: {ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_without_the_right_to_move_it_is_told_which() {
    let (app, desk) = source().await;
    let (there, role) = (own_database().await, format!("visitor_{:x}", rand::random::<u64>()));
    let at_server = async |sql: String| {
        let mut connection = <sqlx::PgConnection as Connection>::connect(&there).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    };
    at_server(format!("create role {role} login")).await;
    let (before, host) = there.rsplit_once('@').unwrap();
    let visitor = format!("{}//{role}@{host}", before.split_once("//").unwrap().0);
    let back = format!("sqlite:{}", desk.path("back.db").display());
    let refuses = async |from: &str, to: &str, words: &str| {
        let ended = desk.migrates(from, to).await;
        assert_eq!((ended.code, ended.complained.lines().count()), (Some(69), 1), "{ended:?}");
        assert!(ended.complained.contains(words) && ended.complained.contains("Let it own"), "{ended:?}");
    };
    refuses(&app.database_url, &visitor, "may not create tables in the schema public").await;
    desk.migrates(&app.database_url, &there).await.is_well();
    refuses(&app.database_url, &visitor, "may not read and write the table").await;
    refuses(&visitor, &back, "may not read the table").await;
    at_server(format!("grant select on all tables in schema public to {role}")).await;
    refuses(&visitor, &back, "permission denied for table").await;
    at_server(format!("grant all on all tables in schema public to {role}")).await;
    refuses(&app.database_url, &visitor, "does not own the table").await;
    desk.migrates(&visitor, &back).await.is_well();
}
