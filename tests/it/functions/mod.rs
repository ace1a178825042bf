//! Server functions: what each is for, and what all of them refuse.

mod changes;
mod edit;
mod jobs;
mod list;
mod preview;
mod recipients;
mod refusals;
mod search;

use crate::harness::{Answer, client::Client};
use leptos::server_fn::axum::server_fn_paths;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;
use vestibule_functions::FunctionError;

/// The path of every function that the program has.
fn paths() -> Vec<&'static str> {
    let paths: Vec<&str> = server_fn_paths().map(|(path, _)| path).collect();
    assert!(!paths.is_empty(), "there are no functions, so this proves nothing");
    paths
}

impl Client {
    /// A call of a function, as a page of ours makes it.
    async fn call(&self, path: &str, arguments: &Value) -> Answer {
        let request = self.request(Method::POST, path).header("sec-fetch-site", "same-origin").json(arguments);
        self.send(request).await
    }

    /// What the function returns.
    async fn ask<T: DeserializeOwned>(&self, path: &str, arguments: &Value) -> T {
        let answer = self.call(path, arguments).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        serde_json::from_str(&answer.text).unwrap()
    }
}

/// The error that a function answered with.
fn error_of(answer: &Answer) -> FunctionError {
    assert_eq!(answer.header("content-type"), "application/json", "{}", answer.text);
    serde_json::from_str(&answer.text).unwrap_or_else(|error| panic!("{error}: {}", answer.text))
}
