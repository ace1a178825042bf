//! The least that an honest server must do: a row for each invitation, no more indexes than it needs, and a commit to
//! the disk before the answer, which all writes share that wait at the time.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use rusqlite::Connection;
use std::cell::RefCell;
use std::path::{Path as File, PathBuf};
use tokio::sync::{mpsc, oneshot};
use vestibule_web::Json;

const TABLES: &str = "create table invitations (id integer primary key, email text not null, role text not null,
    status integer not null, created_at integer not null, expires_at integer not null);
    create unique index open on invitations (email) where status = 0;
    create table members (email text primary key, invitation_id integer not null) without rowid;";
/// The most writes that share a commit.
const GROUP: usize = 256;

thread_local! {
    static READER: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

enum Change {
    Create(String),
    Accept(i64),
    Revoke(i64),
}

type Turn = (Change, oneshot::Sender<bool>);

#[derive(Clone)]
struct Floor {
    file: PathBuf,
    turns: mpsc::Sender<Turn>,
}

#[derive(serde::Serialize)]
struct Invitation {
    id: i64,
    email: String,
    role: String,
    status: i64,
    created_at: i64,
    expires_at: i64,
}

/// Makes the floor's database in this folder.
pub fn fill(folder: &File, rows: usize) {
    std::fs::create_dir_all(folder).unwrap();
    let mut file = open(&folder.join("floor.db"));
    file.execute_batch(TABLES).unwrap();
    let transaction = file.transaction().unwrap();
    for n in 0..rows {
        change(&transaction, &Change::Create(format!("person{n}@example.com")));
    }
    transaction.commit().unwrap();
}

/// Serves this folder at the address that the environment names.
pub async fn serve(folder: PathBuf) {
    let file = folder.join("floor.db");
    let (turns, waiting) = mpsc::channel(1_024);
    let writer = open(&file);
    std::thread::spawn(move || write(writer, waiting));
    let router = Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/get/{id}", get(one))
        .route("/list/{limit}", get(async |State(floor), Path(limit)| Json(list(&floor, limit))))
        .route("/page/{limit}", get(async |State(floor), Path(limit)| Html(page(&list(&floor, limit)))))
        .route("/create/{email}", post(async |State(floor), Path(email)| turn(&floor, Change::Create(email)).await))
        .route("/accept/{id}", post(async |State(floor), Path(id)| turn(&floor, Change::Accept(id)).await))
        .route("/revoke/{id}", post(async |State(floor), Path(id)| turn(&floor, Change::Revoke(id)).await))
        .with_state(Floor { file, turns });
    let address = std::env::var("VESTIBULE_LISTEN").unwrap();
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    axum::serve(listener, router).await.unwrap();
}

fn open(file: &File) -> Connection {
    let connection = Connection::open(file).unwrap();
    connection.execute_batch("pragma journal_mode = wal; pragma synchronous = full").unwrap();
    connection
}

fn write(file: Connection, mut waiting: mpsc::Receiver<Turn>) {
    while let Some(first) = waiting.blocking_recv() {
        let mut turns = vec![first];
        while turns.len() < GROUP
            && let Ok(turn) = waiting.try_recv()
        {
            turns.push(turn);
        }
        file.execute_batch("begin immediate").unwrap();
        let done: Vec<bool> = turns.iter().map(|(wanted, _)| change(&file, wanted)).collect();
        file.execute_batch("commit").unwrap();
        for ((_, answer), done) in turns.into_iter().zip(done) {
            _ = answer.send(done);
        }
    }
}

fn change(file: &Connection, change: &Change) -> bool {
    let run = |sql: &str, value: &dyn rusqlite::ToSql| file.prepare_cached(sql).unwrap().execute([value]) == Ok(1);
    match change {
        Change::Create(email) => run(
            "insert into invitations (email, role, status, created_at, expires_at)
            values ($1, 'member', 0, unixepoch(), unixepoch() + 1209600)",
            email,
        ),
        Change::Accept(id) => {
            run("update invitations set status = 1 where id = $1 and status = 0 and expires_at > unixepoch()", id)
                && run("insert into members select email, id from invitations where id = $1", id)
        }
        Change::Revoke(id) => run("update invitations set status = 2 where id = $1 and status = 0", id),
    }
}

async fn turn(floor: &Floor, change: Change) -> StatusCode {
    let (answer, done) = oneshot::channel();
    _ = floor.turns.send((change, answer)).await;
    if done.await == Ok(true) { StatusCode::OK } else { StatusCode::CONFLICT }
}

async fn one(State(floor): State<Floor>, Path(id): Path<i64>) -> Response {
    let found = read(&floor, "select * from invitations where id = $1", id);
    found.into_iter().next().map_or_else(|| StatusCode::NOT_FOUND.into_response(), |found| Json(found).into_response())
}

fn list(floor: &Floor, limit: i64) -> Vec<Invitation> {
    read(floor, "select * from invitations order by id desc limit $1", limit)
}

/// In the thread that answers, which has a connection of its own.
fn read(floor: &Floor, sql: &str, value: i64) -> Vec<Invitation> {
    READER.with_borrow_mut(|reader| {
        let reader = reader.get_or_insert_with(|| open(&floor.file));
        let mut statement = reader.prepare_cached(sql).unwrap();
        let rows = statement.query_map([value], |row| {
            Ok(Invitation {
                id: row.get(0)?,
                email: row.get(1)?,
                role: row.get(2)?,
                status: row.get(3)?,
                created_at: row.get(4)?,
                expires_at: row.get(5)?,
            })
        });
        rows.unwrap().map(Result::unwrap).collect()
    })
}

/// A table, and nothing around it.
fn page(invitations: &[Invitation]) -> String {
    let row = |invitation: &Invitation| {
        let Invitation { id, email, role, status, expires_at, .. } = invitation;
        let email = email.replace('&', "&amp;").replace('<', "&lt;");
        format!("<tr><td>{email}<td>{role}<td>{status}<td>{expires_at}<td>{id}")
    };
    format!(
        "<!doctype html><title>Invitations</title><table>{}</table>",
        invitations.iter().map(row).collect::<String>()
    )
}
