//! What clients must be able to rely on when the network is bad and the list is long.

use super::Program;
use crate::harness::{Acme, Database, Setup, TestApp};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::num::NonZeroU32;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Without limits, which these tests would reach.
async fn unlimited(database: Database) -> TestApp {
    let settings = |settings: &mut vestibule_core::service::Settings| {
        (settings.invitations_per_hour, settings.api_requests_per_minute) = (u32::MAX, NonZeroU32::MAX);
    };
    TestApp::with(Setup { database, settings: Box::new(settings), ..Setup::default() }).await
}

/// Leads to `target`, and cuts most connections somewhere: in the request, between it and the answer, or in the answer.
/// Gives its own address and the count of cuts.
async fn bad_network(target: String) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let cuts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&cuts);
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let (target, cuts) = (target.clone(), Arc::clone(&counted));
            tokio::spawn(async move {
                if carry(client, &target).await.is_none() {
                    cuts.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    (url, cuts)
}

/// `None` when it was cut.
async fn carry(mut client: TcpStream, target: &str) -> Option<()> {
    let mut server = TcpStream::connect(target).await.unwrap();
    // a request is about 300 bytes long, an answer about 1,500
    let (mut up, mut down) = (rand::random_range(0..1_200_usize), rand::random_range(0..4_000_usize));
    let (mut sent, mut answered) = ([0; 256], [0; 256]);
    loop {
        tokio::select! {
            read = client.read(&mut sent) => match read.ok()? {
                0 => return Some(()),
                read => {
                    server.write_all(&sent[..read.min(up)]).await.ok()?;
                    up = up.checked_sub(read)?;
                }
            },
            read = server.read(&mut answered) => match read.ok()? {
                0 => return Some(()),
                read => {
                    client.write_all(&answered[..read.min(down)]).await.ok()?;
                    down = down.checked_sub(read)?;
                }
            },
        }
    }
}

/// One client of eight: its share of the thousand, each sent until it is answered.
async fn persist(url: &str, program: &Program, numbers: impl Iterator<Item = usize>) -> BTreeMap<usize, String> {
    let client = Client::builder().pool_max_idle_per_host(0).build().unwrap();
    let mut ids = BTreeMap::new();
    for number in numbers {
        let body = json!({ "email": format!("person{number}@example.com") });
        loop {
            let request = client.post(format!("{url}/api/v1/organizations/{}/invitations", program.org));
            let request = request.bearer_auth(&program.token).header("idempotency-key", format!("key-{number}"));
            let Ok(answer) = request.json(&body).send().await else { continue };
            let status = answer.status();
            let Ok(invitation) = answer.json::<Value>().await else { continue };
            assert_eq!(status, StatusCode::CREATED, "{invitation}");
            ids.insert(number, invitation["id"].as_str().unwrap().to_owned());
            break;
        }
    }
    ids
}

async fn a_thousand_creates_over_a_bad_network(database: Database) {
    let app = unlimited(database).await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let (url, cuts) = bad_network(app.url.strip_prefix("http://").unwrap().to_owned()).await;
    let shares = (0..8).map(|first| persist(&url, &program, (first..1_000).step_by(8)));
    let ids: BTreeMap<usize, String> = futures::future::join_all(shares).await.into_iter().flatten().collect();
    assert!(cuts.load(Ordering::Relaxed) > 500, "a network this good proves nothing");
    assert_eq!(app.count_invitations(&acme).await, 1_000);
    app.settle().await;
    let mails: HashSet<String> = app.mail.messages().into_iter().map(|message| message.to).collect();
    assert_eq!((app.mail.messages().len(), mails.len()), (1_000, 1_000));
    // once more, over a good one
    let again = persist(&app.url, &program, 0..1_000).await;
    assert_eq!(again, ids);
    assert_eq!(app.count_invitations(&acme).await, 1_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_creates_over_a_bad_network_are_a_thousand_on_sqlite() {
    a_thousand_creates_over_a_bad_network(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_creates_over_a_bad_network_are_a_thousand_on_postgres() {
    a_thousand_creates_over_a_bad_network(Database::Postgres).await;
}

/// All pages from one end to the other: the ids in the order of the list.
async fn walk(program: &Program, sort: &str) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = program.get(&format!("/invitations?limit=500&sort={sort}{cursor}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        let page = page.json();
        ids.extend(page["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

async fn write(program: &Program, name: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..500 {
        let body = json!({ "email": format!("{name}{number}@example.com"), "notify": false });
        ids.push(program.post("/invitations", &body).await.json()["id"].as_str().unwrap().to_owned());
    }
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paging_a_hundred_thousand_while_a_thousand_are_written_misses_none() {
    let app = unlimited(Database::Sqlite).await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let old = a_hundred_thousand(&app, &acme, &program).await;
    let mut written: Vec<String> = Vec::new();
    for (sort, name) in [("-created_at", "down"), ("created_at", "up")] {
        let before = written.len();
        let (ids, new) = tokio::join!(walk(&program, sort), write(&program, name));
        let seen: HashSet<&String> = ids.iter().collect();
        assert_eq!(seen.len(), ids.len(), "{sort}: one was there twice");
        let missing = old.iter().chain(&written[..before]).filter(|id| !seen.contains(id)).count();
        assert_eq!(missing, 0, "{sort}");
        written.extend(new);
        if sort == "created_at" {
            let late = written.iter().position(|id| !seen.contains(id)).unwrap_or(written.len());
            assert!(written[late..].iter().all(|id| !seen.contains(id)), "one in between is missing");
        }
    }
    let page = program.get("/invitations?limit=1").await.json();
    assert_eq!((page["total"].as_u64(), written.len()), (Some(101_000), 1_000));
}

/// Rows like one that was made as all are, which takes its place among them.
async fn a_hundred_thousand(app: &TestApp, acme: &Acme, program: &Program) -> Vec<String> {
    let body = json!({ "email": "person0@example.com", "notify": false });
    program.post("/invitations", &body).await;
    let pool = sqlx::SqlitePool::connect(&app.database_url).await.unwrap();
    let columns: String = sqlx::query_scalar(
        "select group_concat(name, ', ') from pragma_table_info('invitations')
        where name not in ('_row', 'id', 'email', 'email_typed', 'search')",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    // their ids are version 7, of the time of the row, and one after another
    let sql = format!(
        "with recursive n (n) as (select 1 union all select n + 1 from n where n < 99999)
        insert into invitations (id, email, email_typed, search, {columns})
        select unhex(substr(hex(id), 1, 12) || printf('7%03X8%015X', n >> 12, n)), 'person' || n || '@example.com',
        'person' || n || '@example.com', 'person' || n || '@example.com', {columns} from invitations, n"
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    let sql = "insert into invitation_roles (invitation_id, position, role_id)
        select i.id, l.position, l.role_id from invitations i, invitation_roles l where i.id <> l.invitation_id";
    sqlx::query(sql).execute(&pool).await.unwrap();
    app.advance(chrono::Duration::seconds(1));
    assert_eq!(app.count_invitations(acme).await, 100_000);
    let rows: Vec<uuid::Uuid> = sqlx::query_scalar("select id from invitations").fetch_all(&pool).await.unwrap();
    rows.iter().map(ToString::to_string).collect()
}
