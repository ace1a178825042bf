//! The stream of what happens: it ends by itself for whoever may no longer hear it.

use crate::harness::Client;
use reqwest::{Method, Response};
use std::time::Duration;

async fn listens(client: &Client) -> Response {
    let stream = client.request(Method::GET, "/o/acme/feed").send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    stream
}

/// Reads it to its end, which must come within five seconds of a real clock: nothing can tell the socket otherwise.
async fn ends(mut stream: Response) {
    let to_its_end = async { while stream.chunk().await.unwrap().is_some() {} };
    tokio::time::timeout(Duration::from_secs(5), to_its_end).await.expect("the stream goes on");
}

/// What is told in this time, as the browser gets it.
async fn told(stream: &mut Response, time: Duration) -> Vec<String> {
    let (mut messages, until) = (Vec::new(), tokio::time::Instant::now() + time);
    while let Ok(chunk) = tokio::time::timeout_at(until, stream.chunk()).await {
        messages.push(String::from_utf8(chunk.unwrap().unwrap().to_vec()).unwrap());
    }
    messages
}

both! {
    async fn what_happens_elsewhere_is_not_told(app) {
        let acme = app.organization("Acme").await;
        let other = app.organization("Other").await;
        let mut stream = listens(&app.client_of(&acme.session)).await;
        app.invites(&other, "grace@example.com").await;
        assert_eq!(told(&mut stream, Duration::from_millis(500)).await, [""; 0]);
        app.invites(&acme, "grace@example.com").await;
        assert_eq!(told(&mut stream, Duration::from_millis(500)).await, ["data: changed\n\n"]);
    }

    async fn a_page_reads_itself_again_once_a_second_at_most(app) {
        let acme = app.organization("Acme").await;
        let mut stream = listens(&app.client_of(&acme.session)).await;
        let many = async {
            for number in 0..24 {
                app.invites(&acme, &format!("person{number}@example.com")).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            tokio::time::Instant::now()
        };
        let begun = tokio::time::Instant::now();
        let (ended, mut messages) = tokio::join!(many, told(&mut stream, Duration::from_millis(2_500)));
        messages.extend(told(&mut stream, ended + Duration::from_millis(1_500) - tokio::time::Instant::now()).await);
        let seconds = usize::try_from(begun.elapsed().as_secs()).unwrap();
        assert!((2..=seconds + 1).contains(&messages.len()), "in {seconds} s: {messages:?}");
    }

    async fn of_many_events_at_once_a_page_is_told_once(app) {
        let acme = app.organization("Acme").await;
        let mut stream = listens(&app.client_of(&acme.session)).await;
        let many: Vec<String> = (0..260).map(|number| format!("person{number}@example.com")).collect();
        let invite = app.invite(&acme, &many.join("\n"), "member").await;
        app.vestibule.invitations().invite(&acme.scope, &invite).await.unwrap();
        let messages = told(&mut stream, Duration::from_secs(3)).await;
        assert!((1..=3).contains(&messages.len()), "{messages:?}");
    }

    async fn what_happens_at_another_instance_is_told(app) {
        let acme = app.organization("Acme").await;
        let sibling = app.sibling().await;
        let mut stream = listens(&app.client_of(&acme.session)).await;
        sibling.invites(&acme, "grace@example.com").await;
        assert_eq!(told(&mut stream, Duration::from_secs(4)).await, ["data: changed\n\n"]);
    }

    async fn who_is_removed_hears_no_more(app) {
        let acme = app.organization("Acme").await;
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "member").await;
        let stream = listens(&app.client_of(&alan.session)).await;
        app.vestibule.members().remove(&acme.scope, alan.member_id()).await.unwrap();
        ends(stream).await;
        assert_eq!(app.client_of(&alan.session).get("/o/acme/members").await.status, 404);
    }

    async fn who_signs_out_hears_no_more(app) {
        let acme = app.organization("Acme").await;
        let stream = listens(&app.client_of(&acme.session)).await;
        app.vestibule.sessions().sign_out(acme.session.as_str()).await.unwrap();
        ends(stream).await;
    }
}
