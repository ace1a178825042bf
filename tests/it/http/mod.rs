//! What every surface has from HTTP: who may send what, cookies, limits, headers, refusals, the log.

mod compression;
mod csrf;
mod headers;
mod limits;
mod log;
mod passwords;
mod profile;
mod sameness;
mod sessions;
mod set_up;
mod well_known;

use crate::harness::Answer;

/// The page says this with this status.
fn says(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    assert!(answer.text.contains(words), "no “{words}” in:\n{}", answer.text);
}

/// All that a stranger can compare: status, headers without the request's number and the date, and body.
fn seen(mut answer: Answer) -> (u16, reqwest::header::HeaderMap, String) {
    answer.headers.remove("x-request-id");
    answer.headers.remove("date");
    (answer.status.as_u16(), answer.headers, answer.text)
}
