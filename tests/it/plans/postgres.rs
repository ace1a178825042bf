//! PostgreSQL's plans of what it has just carried out, with the number of rows that were read. The server's own module
//! `auto_explain` tells them.

use super::{Fault, Stop, one_line};
use crate::harness::Heard;
use serde_json::Value;

/// What makes a server tell a connection how it has carried out each statement; for the end of an address.
pub const TELLING: &str = "%20-c%20session_preload_libraries%3Dauto_explain%20-c%20auto_explain.log_min_duration%3D0\
    %20-c%20auto_explain.log_analyze%3Don%20-c%20auto_explain.log_timing%3Doff\
    %20-c%20auto_explain.log_format%3Djson%20-c%20client_min_messages%3Dlog";

/// The most rows that one step may read. A page has fifty; where another condition holds for one row in a hundred, as
/// many more are passed over.
const MOST: f64 = 6_000.0;

/// The statements of which a step has read too many rows.
pub fn faults(stops: &[Stop]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for stop in stops {
        for heard in &stop.heard {
            let Some(told) = plan(heard) else { continue };
            let sql = one_line(told["Query Text"].as_str().unwrap());
            for wrong in steps_of_many(&told["Plan"]) {
                faults.push(Fault { sql: sql.clone(), stop: stop.name.clone(), wrong });
            }
        }
    }
    faults
}

fn plan(heard: &Heard) -> Option<Value> {
    let Heard::Notice(told) = heard else { return None };
    let (_, json) = told.split_once("plan:")?;
    Some(serde_json::from_str(json).unwrap())
}

fn steps_of_many(step: &Value) -> Vec<String> {
    let number = |name: &str| step[name].as_f64().unwrap_or(0.0);
    let kind = step["Node Type"].as_str().unwrap();
    let passed_over = number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
    let read = number("Actual Loops") * (number("Actual Rows") + passed_over);
    let mut wrong: Vec<String> = step["Plans"].as_array().into_iter().flatten().flat_map(steps_of_many).collect();
    if read > MOST && kind.contains("Scan") {
        let of = step["Relation Name"].as_str().or(step["Index Name"].as_str()).unwrap_or_default();
        wrong.push(format!("{kind} of {of} reads {read} rows"));
    }
    wrong
}
