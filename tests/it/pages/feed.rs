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

both! {
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
