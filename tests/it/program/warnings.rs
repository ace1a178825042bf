//! What an operator is warned of, and what these warnings keep to themselves.

use super::set_up;
use crate::harness::{PASSWORD, Program, program::until};
use reqwest::Method;

/// The lines of the log that hold these words.
fn warnings(program: &Program, words: &str) -> Vec<String> {
    let (_, log) = program.output();
    log.lines().filter(|line| line.contains("WARN") && line.contains(words)).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_nobody_has_named_is_spoken_of_once() {
    let program = Program::start(&[]);
    let client = program.client().await;
    for n in 0..5 {
        let request = client.request(Method::GET, "/sign-in").header("x-forwarded-for", format!("203.0.113.{n}"));
        assert_eq!(client.send(request).await.status, 200);
    }
    until("the warning", async || !warnings(&program, "trusted_proxies").is_empty()).await;
    let said = warnings(&program, "trusted_proxies");
    assert!(said.len() == 1 && said[0].contains("VESTIBULE_TRUSTED_PROXIES=127.0.0.1/32"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_is_named_is_not_spoken_of() {
    let program = Program::start(&[("VESTIBULE_TRUSTED_PROXIES", "127.0.0.1/32")]);
    let client = program.client().await;
    let request = client.request(Method::GET, "/sign-in").header("x-forwarded-for", "203.0.113.7");
    assert_eq!(client.send(request).await.status, 200);
    assert_eq!(client.get("/healthz").await.text, "ok");
    assert!(warnings(&program, "trusted_proxies").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failed_sign_ins_and_lock_outs_are_warnings_that_name_nobody() {
    let program = Program::start(&[("VESTIBULE_TRUSTED_PROXIES", "127.0.0.1/32")]);
    set_up(&program, PASSWORD).await;
    let client = program.client().await;
    for n in 0..12 {
        let request = client.request(Method::POST, "/sign-in").header("sec-fetch-site", "same-origin");
        let request = request.header("x-forwarded-for", "203.0.113.9");
        let fields = [("email", "ada@saltmarsh.example"), ("password", "not the password")];
        assert_eq!(client.send(request.form(&fields)).await.status, if n < 10 { 422 } else { 429 });
    }
    until("the warnings", async || warnings(&program, "too many have failed").len() == 2).await;
    let said = [warnings(&program, "a sign-in failed"), warnings(&program, "too many have failed")].concat();
    assert_eq!(said.len(), 12, "{said:?}");
    for line in said {
        assert!(line.contains("a public IPv4 address") && line.contains("known"), "{line}");
        assert!(!line.contains("203.0.113.9") && !line.contains("saltmarsh"), "{line}");
    }
}
