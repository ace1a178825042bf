//! SQLite's plans. They say which index is used for which columns, but not how many rows are read.

use super::Fault;
use crate::harness::TestApp;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use std::collections::{BTreeMap, BTreeSet};

/// The columns that lists are in order of.
const KEYS: [&str; 4] = ["id", "number", "key", "invitation_id"];

/// A step of a plan.
struct Step {
    parent: i64,
    words: String,
}

/// What is wrong with the plans of these statements, which are explained without statistics, as in most databases, and
/// with them, as in one that was restored.
pub async fn faults(app: &TestApp, statements: &BTreeMap<String, String>) -> Vec<Fault> {
    let mut connection = SqliteConnection::connect(&app.database_url).await.unwrap();
    let mut faults = Vec::new();
    for statistics in ["", "analyze"] {
        sqlx::raw_sql(AssertSqlSafe(statistics)).execute(&mut connection).await.unwrap();
        for (sql, stop) in statements {
            let explain = AssertSqlSafe(format!("explain query plan {sql}"));
            let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(&mut connection).await.unwrap();
            let plan: Vec<Step> = rows.into_iter().map(|(_, parent, _, words)| Step { parent, words }).collect();
            let steps = plan.iter().map(|step| format!("\n        {}", step.words)).collect::<String>();
            let wrong =
                whole_tables(&plan).into_iter().chain(sorts(&plan)).chain(joins(&plan)).chain(passed_over(sql, &steps));
            faults.extend(wrong.map(|wrong| Fault {
                sql: sql.clone(),
                stop: stop.clone(),
                wrong: format!("{wrong} {statistics}{steps}"),
            }));
        }
    }
    faults
}

/// The parts of the statement that are made before they are read. What is in the statement under another name is a
/// table.
fn made(plan: &[Step]) -> BTreeSet<&str> {
    let made = |step| -> Option<&str> {
        let Step { words, .. }: &Step = step;
        words.strip_prefix("CO-ROUTINE ").or_else(|| words.strip_prefix("MATERIALIZE "))
    };
    plan.iter().filter_map(made).collect()
}

/// What is read from one end to the other, unless it is in the text of the statement, or is what an index of words finds.
fn scanned(step: &Step) -> Option<&str> {
    let is_found =
        |rest: &&str| rest.ends_with(" ROW") || rest.ends_with(" CLAUSE") || rest.contains("VIRTUAL TABLE INDEX");
    let scanned = step.words.strip_prefix("SCAN ").filter(|rest| !is_found(rest));
    scanned.and_then(|rest| rest.split(' ').next())
}

/// The tables, or indexes, that are read from one end to the other.
fn whole_tables(plan: &[Step]) -> Vec<String> {
    let made = made(plan);
    let tables = plan.iter().filter_map(scanned).filter(|name| !made.contains(name) && !is_waiting(name));
    tables.map(|name| format!("all of {name} is read")).collect()
}

/// The sorts of something else than the ids of one row's list, or a part that has a limit: an arm of a list, or what
/// was found by its arms.
fn sorts(plan: &[Step]) -> Vec<String> {
    let of_part = |number: usize| {
        let parent = plan[number].parent;
        plan[..number].iter().any(|step| step.parent == parent && scanned(step).is_some_and(is_part))
    };
    let sorts =
        plan.iter().enumerate().filter(|(_, step)| step.words.contains("B-TREE") && !step.words.contains("string_agg"));
    sorts.filter(|(number, _)| !of_part(*number)).map(|(_, step)| step.words.clone()).collect()
}

/// The tables of which a whole organization is read for each row of another one.
fn joins(plan: &[Step]) -> Vec<String> {
    let is_loop = |step: &Step| ["SCAN ", "SEARCH "].iter().any(|verb| step.words.starts_with(verb));
    let is_later = |number: usize| {
        let parent = plan[number].parent;
        plan[..number].iter().any(|step| step.parent == parent && is_loop(step))
    };
    let whole = plan.iter().enumerate().filter(|(_, step)| step.words.ends_with("(organization_id=?)"));
    whole.filter(|(number, _)| is_later(*number)).map(|(_, step)| format!("for each row: {}", step.words)).collect()
}

/// The rows that the worker has yet to index, which it does every five seconds.
fn is_waiting(name: &str) -> bool {
    name == "q" || name.ends_with("_to_index")
}

fn is_part(name: &str) -> bool {
    name == "found" || name == "few" || name.starts_with("arm")
}

/// The conditions on the place in a list that are not found by an index.
fn passed_over(sql: &str, steps: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if sql.contains(" is null or $") || sql.split('$').any(is_null_or) {
        wrong.push("it asks whether a value is null".to_owned());
    }
    for key in KEYS {
        for side in ["<", ">"] {
            let asks = [format!("{key} {side} $"), format!("{key} {side}= $")];
            let is_asked = |asked: &String| {
                let before = sql.find(asked.as_str()).and_then(|at| sql[..at].chars().last());
                before.is_some_and(|before| before == '.' || before == ' ' || before == '(')
            };
            if asks.iter().any(is_asked) && !steps.contains(&format!("{key}{side}?")) {
                wrong.push(format!("rows are passed over until {key} {side} the value"));
            }
        }
    }
    wrong
}

/// Whether the text after a `$` goes on with its number and `is null or`.
fn is_null_or(rest: &str) -> bool {
    rest.trim_start_matches(|digit: char| digit.is_ascii_digit()).starts_with(" is null or")
}

#[test]
fn a_place_that_is_not_looked_up_is_a_fault() {
    let (begin, end) =
        ("select i.id from invitations i where i.organization_id = $1 and", "order by i.id desc limit $2");
    let index = "SEARCH i USING COVERING INDEX invitations_in_order";
    let said = format!("{begin} i.id < $3 {end}");
    assert_eq!(passed_over(&said, &format!("{index} (organization_id=? AND id<?)")), Vec::<String>::new());
    assert_eq!(passed_over(&said, &format!("{index} (organization_id=?)")).len(), 1);
    let asked = format!("{begin} ($3 is null or i.id < $3) {end}");
    assert_eq!(passed_over(&asked, &format!("{index} (organization_id=?)")).len(), 2);
}
