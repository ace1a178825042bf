//! How the database finds what it is asked for: by indexes, however many rows there are. The statements are those that
//! the service and the worker send on a tour of all lists, searches, counts and prunes.

mod many;
mod postgres;
mod sqlite;
mod tour;

use crate::harness::{Database, Heard, Setup, TestApp, app::database_in};
use std::collections::BTreeMap;
use tour::{Stop, Tour};

/// The invitations in the organization that is toured, unless `ROWS` says otherwise.
const ROWS: u64 = 100_000;
const TOTAL: &str = "a total that stands beside a list, and is counted";
const TEXT: &str = "a text anywhere in a name or an address, for which there is no index";
const LIMIT: &str = "a partial index is counted up to a limit, for the metrics";
const FEW: &str = "few rows at any time";
const WORDS: &str = "a text that many rows have, or that the database takes for one";

/// What may read a whole list, by a part of the statement, and why.
const EXCEPTIONS: [(&str, &str); 31] = [
    // totals
    ("select count(*) from invitations i where", TOTAL),
    ("select count(*) from (select m.id from members m", TOTAL),
    ("select count(distinct member_id) from member_roles where", TOTAL),
    // texts
    ("e.search <> ''", TEXT),
    ("u.email like", TEXT),
    ("few cross join", "at most five thousand rows, which the index of words has found"),
    // what is sorted by something else than its age
    ("order by i.email", "one vendor's clients sort by address; an index for it would cost every invitation"),
    ("order by i.expires_at", "one vendor's clients sort by end; an index for it would cost every invitation"),
    ("order by u.email", "one vendor's clients sort by address, which is in another table"),
    ("order by u.name, u.id limit", "people who may change something, a few among the members"),
    // what is found by a filter that has no index of its own
    ("i.created_at <", "what was created later is passed over; ids are of no use, as clocks are set back"),
    ("select coalesce(min(number + 0), -1)", "clocks differ, so all of the time's events are read in its index"),
    ("select coalesce(max(number + 0), -1)", "clocks differ, so all of the time's events are read in its index"),
    ("not exists (select 1 from member_roles", "members without a role are passed over until there are enough"),
    (
        "group by i.email having",
        "a retention looks at all addresses of its organization, in a read, once in ten minutes",
    ),
    // what is counted or sorted up to a limit
    (") counted group by stat", "a list with a filter is counted up to ten thousand rows"),
    ("order by id desc limit 1 offset $2", "whether there are more than a search looks through, ten thousand"),
    ("from webhook_deliveries where state = 'pending' limit $", LIMIT),
    ("with recursive lines (endpoint_id)", LIMIT),
    ("from webhook_deliveries where state = 'held' limit $", LIMIT),
    ("from mails where state = 'held' limit $", LIMIT),
    (
        "insert into invitations (",
        "SQLite plans to look for rows that referred to it before it was there, and does so only if there are some",
    ),
    // what is never much
    ("from roles where organization_id = $1 order by id", FEW),
    ("order by counted.id limit", FEW),
    ("delete from probes", FEW),
    ("from organizations where invitation_retention_days", FEW),
    ("i.status = 'pending' and i.expires_at <= $", "what has just expired, until the worker gets to it"),
    ("from restores", FEW),
    ("from jobs", FEW),
    ("from unfinished_cuts", FEW),
    ("from erasures", FEW),
];

/// What else may read much on PostgreSQL. It chooses between its index of words and a list from its beginning by what it
/// knows of their letters.
const OF_POSTGRES: [(&str, &str); 5] = [
    (
        "member_resources.member_id and l.role_id in",
        "where not few are limited to a resource, it joins them with all who have a role instead of asking for each",
    ),
    ("i.search like $", WORDS),
    ("u.search like $", WORDS),
    ("i.email like $", WORDS),
    ("lower(recipient) like $", WORDS),
];

/// A statement that reads too much: the statement, where it was sent, and what is wrong.
struct Fault {
    sql: String,
    stop: String,
    wrong: String,
}

async fn toured(database: Database) -> (TestApp, Vec<Stop>) {
    let database_url = match database {
        Database::Sqlite => None,
        // its own schema has nothing to do with the folder
        Database::Postgres => Some(database_in(&tempfile::tempdir().unwrap(), database).await + postgres::TELLING),
    };
    let settings = |settings: &mut vestibule_core::service::Settings| settings.invitations_per_hour = u32::MAX;
    let setup = Setup { database, database_url, settings: Box::new(settings), ..Setup::default() };
    let app = TestApp::with(setup).await;
    let (rows, times) = (number("ROWS").unwrap_or(ROWS), number("TIMES").unwrap_or(1));
    let many = app.many(rows).await;
    // the words are indexed
    app.settle().await;
    if !app.is_sqlite() {
        app.execute("analyze").await;
    }
    let mut tour = Tour::new(&app, &many, u32::try_from(times).unwrap());
    tour.all().await;
    let stops = tour.stops;
    for Stop { name, took, .. } in &stops {
        println!("{database:?}\t{rows}\t{name}\t{:.2} ms", took.as_secs_f64() * 1_000.0);
    }
    (app, stops)
}

/// The number in this variable of the environment.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|number| number.parse().unwrap())
}

/// The statement in one line.
fn one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Each statement that was heard, with the first stop where it was.
fn statements(stops: &[Stop]) -> BTreeMap<String, String> {
    let mut statements = BTreeMap::new();
    for stop in stops {
        for heard in &stop.heard {
            if let Heard::Statement(sql) = heard
                && ["select ", "with ", "insert ", "update ", "delete "].iter().any(|verb| sql.starts_with(verb))
            {
                statements.entry(one_line(sql)).or_insert_with(|| stop.name.clone());
            }
        }
    }
    statements
}

/// That there are no faults but the exceptions.
fn judge(faults: Vec<Fault>, others: &[(&str, &str)]) {
    let mut left = Vec::new();
    for Fault { sql, stop, wrong } in faults {
        if !EXCEPTIONS.iter().chain(others).any(|(part, _)| sql.contains(part)) {
            left.push(format!("{stop}: {wrong}\n    {sql}"));
        }
    }
    assert!(left.is_empty(), "{} statements read too much:\n{}", left.len(), left.join("\n"));
}

/// That what was sent is much, and that values are not in its text.
fn is_much(sent: &BTreeMap<String, String>) {
    assert!(sent.len() > 120, "{}", sent.len());
    let values = ["person7", "person 7", "nobody"];
    let told: Vec<&String> = sent.keys().filter(|sql| values.iter().any(|value| sql.contains(value))).collect();
    assert!(told.is_empty(), "values are in the text: {told:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_list_is_read_by_an_index_on_sqlite() {
    let (app, stops) = toured(Database::Sqlite).await;
    let sent = statements(&stops);
    is_much(&sent);
    judge(sqlite::faults(&app, &sent).await, &[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_list_is_read_by_an_index_on_postgres() {
    let (_app, stops) = toured(Database::Postgres).await;
    is_much(&statements(&stops));
    judge(postgres::faults(&stops), &OF_POSTGRES);
}
