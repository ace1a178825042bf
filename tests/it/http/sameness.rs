//! What a stranger could learn by comparing answers: to the byte, and by the clock.
//!
//! Answers are timed in turns, so that whatever else the machine does falls on both sides, and their medians compared.
//! A leak moves quick answers as it moves the median, and is there each time. So a difference is believed only if the
//! quickest tenth differs as well, which a busy machine moves least, and if it is still there when measured again.

use super::seen;
use crate::harness::{Client, Setup, TestApp};
use reqwest::{Method, RequestBuilder};
use std::time::{Duration, Instant};
use vestibule_core::service::Settings;
use vestibule_domain::token::{Channel, LinkClaims, SigningKeys};

/// Measured so often before a difference is believed.
const MEASUREMENTS: usize = 3;

/// Each request comes from an address of its own, so that no limit is met.
async fn behind_a_proxy() -> TestApp {
    let settings = |settings: &mut Settings| settings.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    TestApp::with(Setup { settings: Box::new(settings), ..Setup::default() }).await
}

fn from_elsewhere(request: RequestBuilder, number: usize) -> RequestBuilder {
    request.header("x-forwarded-for", format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255))
}

fn form(client: &Client, path: &str, number: usize, fields: &[(&str, &str)]) -> RequestBuilder {
    let request = client.request(Method::POST, path).header("sec-fetch-site", "same-origin");
    from_elsewhere(request, number).form(fields)
}

/// How long the whole answer takes.
async fn timed(client: &Client, request: RequestBuilder) -> Duration {
    let started = Instant::now();
    client.send(request).await;
    started.elapsed()
}

/// The median, and what a tenth is quicker than, in milliseconds.
fn typical(mut times: Vec<Duration>) -> [f64; 2] {
    times.sort();
    [2, 10].map(|part| times[times.len() / part].as_secs_f64() * 1e3)
}

fn differ([one, other]: &[f64; 2]) -> bool {
    one.max(*other) > one.min(*other) * 1.1
}

/// Both take as long, within a tenth of the shorter. Both are asked with numbers that no other try has.
async fn take_as_long(
    tries: usize,
    client: &Client,
    one: impl Fn(usize) -> RequestBuilder,
    other: impl Fn(usize) -> RequestBuilder,
) {
    let mut seen = Vec::new();
    for measurement in 0..MEASUREMENTS {
        let (mut ones, mut others) = (Vec::new(), Vec::new());
        for number in measurement * tries..(measurement + 1) * tries {
            // whoever comes second may find things warm
            if number % 2 == 0 {
                ones.push(timed(client, one(number)).await);
                others.push(timed(client, other(number)).await);
            } else {
                others.push(timed(client, other(number)).await);
                ones.push(timed(client, one(number)).await);
            }
        }
        let ([one, quick_one], [other, quick_other]) = (typical(ones), typical(others));
        let pairs = [[one, other], [quick_one, quick_other]];
        if !pairs.iter().all(differ) {
            return;
        }
        seen.push(pairs);
    }
    panic!("they take different times: medians and tenths in milliseconds are {seen:.3?}");
}

/// 500 tries.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_was_never_made_is_answered_like_one_with_a_flipped_bit() {
    let app = behind_a_proxy().await;
    let acme = app.organization("Acme").await;
    let invitation_id = app.invites(&acme, "grace@example.com").await;
    let claims = LinkClaims { invitation_id, generation: 1, channel: Channel::Mail };
    let right = app.signing_keys.token(claims);
    let flip = |at: usize| {
        let other = if right.as_str().as_bytes()[at] == b'A' { "B" } else { "A" };
        format!("/i/{}{other}{}", &right.as_str()[..at], &right.as_str()[at + 1..])
    };
    let unknown = format!("/i/{}", SigningKeys::new([9; 32], vec![]).token(claims).as_str());
    // one in the signature, one in the number of the invitation
    for flipped in [flip(right.as_str().len() - 10), flip(6)] {
        let client = app.client();
        let [one, other] = [&unknown, &flipped].map(|path| client.request(Method::GET, path));
        let one = seen(client.send(from_elsewhere(one, 1)).await);
        assert_eq!(one.0, 404);
        assert_eq!(one, seen(client.send(from_elsewhere(other, 2)).await));
        let get = |path: &str, number| from_elsewhere(client.request(Method::GET, path), number);
        take_as_long(250, &client, |number| get(&unknown, number), |number| get(&flipped, number)).await;
    }
}

/// 100 tries instead of 300, or it would take longer than all other tests: Argon2 makes each try slow.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_takes_as_long_for_an_unknown_address() {
    let app = behind_a_proxy().await;
    let acme = app.organization("Acme").await;
    let client = app.client();
    let fields = |email| [("email", email), ("password", "not the password")];
    let known = |number| form(&client, "/sign-in", number, &fields(&acme.owner));
    let unknown = |number| form(&client, "/sign-in", number, &fields("eve@acme.example"));
    take_as_long(100, &client, known, unknown).await;
}

/// 300 tries, at most three for an address, or its limit would answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_password_takes_as_long_for_an_unknown_address() {
    let app = behind_a_proxy().await;
    let acme = app.organization("Acme").await;
    app.multiply(&acme.owner, 300).await;
    let client = app.client();
    let ask = |name, number: usize| {
        let email = format!("{name}{}@example.com", number / MEASUREMENTS);
        form(&client, "/forgot-password", number, &[("email", &email)])
    };
    let known = seen(client.send(ask("person", 0)).await);
    assert_eq!(known, seen(client.send(ask("nobody", 0)).await));
    assert_eq!(known.0, 200);
    take_as_long(300, &client, |number| ask("person", number), |number| ask("nobody", number)).await;
    app.settle().await;
    assert!(app.mail.messages().len() > 250, "those who are known get their mails");
}

/// 100 tries, as above. By the page of a link that was handed over, whose address has an account or none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_by_a_link_takes_as_long_for_an_address_without_an_account() {
    let app = behind_a_proxy().await;
    let acme = app.organization("Acme").await;
    let other = app.organization("Other").await;
    app.joins(&other, "known@example.com", "Grace Okafor", "member").await;
    let clients = [app.client(), app.client()];
    for (client, email) in clients.iter().zip(["known@example.com", "other@example.com"]) {
        let invitation_id = app.invites(&acme, email).await;
        let token = app.signing_keys.token(LinkClaims { invitation_id, generation: 1, channel: Channel::Shared });
        client.get(&format!("/i/{}", token.as_str())).await;
    }
    let wrong = [("password", "not the password")];
    let [known, unknown] =
        clients.each_ref().map(|client| move |number| form(client, "/accept/sign-in", number, &wrong));
    take_as_long(100, &clients[0], known, unknown).await;
}
