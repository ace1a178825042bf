//! Every function and what it refuses: another site's page, another kind of body, what it can't read, nobody signed in,
//! a session that has ended, somebody of another organization, somebody who may not. After each refusal nothing has
//! happened.

use super::{error_of, paths};
use crate::harness::Answer;
use crate::harness::client::Client;
use crate::portal::Scene;
use crate::worker::invites_many;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vestibule_core::service::Started;
use vestibule_domain::{ActId, InvitationFilter, JobId};

/// A function with arguments that Ada may call it with.
struct Call {
    path: &'static str,
    arguments: Value,
    /// What a plain member is answered.
    to_member: u16,
}

impl Scene {
    /// A call of every function. One without a line here fails.
    async fn calls(&self) -> Vec<Call> {
        let scope = self.acme.scope.clone().undoable(self.app.vestibule.now());
        let act = scope.act().unwrap();
        let job = self.job().await;
        let another = self.app.invites(&self.acme, "kim@example.com").await;
        self.app.vestibule.invitations().revoke(&scope, another).await.unwrap();
        // undo comes first, while there is something to undo; then in an order in which each finds what it needs
        let mut paths = paths();
        paths.sort_unstable_by_key(|path| (!path.ends_with("/undo"), *path));
        paths.into_iter().map(|path| self.call_of(path, act, job)).collect()
    }

    /// A job of Ada's, which nobody goes on with.
    async fn job(&self) -> JobId {
        invites_many(&self.app, &self.acme, 60).await;
        let all = InvitationFilter::default();
        let started = self.app.vestibule.jobs().start_revoke_matching(&self.acme.scope, &all);
        let Started::Job(job) = started.await.unwrap() else { panic!("it was done at once") };
        job.id
    }

    fn call_of(&self, path: &'static str, act: ActId, job: JobId) -> Call {
        let ids = [self.invitation];
        let (arguments, to_member) = match path {
            "/fn/invitations/list" => (json!({ "query": "status=pending" }), 200),
            "/fn/invitations/look_up" => (json!({ "recipients": "grace@example.com" }), 403),
            "/fn/invitations/preview" => (json!({ "form": format!("role_ids={}", self.role) }), 403),
            "/fn/invitations/edit" => (json!({ "form": format!("id={}&expires_in_days=90", self.invitation) }), 403),
            "/fn/invitations/edit_form" => (json!({ "ids": ids }), 403),
            "/fn/invitations/resend" | "/fn/invitations/revoke" => (json!({ "ids": ids }), 403),
            "/fn/invitations/undo" => (json!({ "act": act }), 403),
            "/fn/jobs/list" => (json!({}), 200),
            // it is somebody else's
            "/fn/jobs/cancel" | "/fn/jobs/dismiss" => (json!({ "id": job }), 404),
            "/fn/search/find" => (json!({ "text": "a" }), 200),
            _ => panic!("{path} has no line here: say what it takes, and what a plain member is answered"),
        };
        Call { path, arguments: at(&arguments, "acme"), to_member }
    }
}

/// The arguments, in this organization.
fn at(arguments: &Value, slug: &str) -> Value {
    let mut arguments = arguments.clone();
    arguments["slug"] = slug.into();
    arguments
}

async fn sent(client: &Client, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
    let request = client.request(Method::POST, path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    client.send(request.body(body)).await
}

/// The answer to a call that says how long its body is, and sends none: it is refused before it is read.
async fn announced(url: &str, path: &str, length: usize) -> String {
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nsec-fetch-site: same-origin\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

const HERE: (&str, &str) = ("sec-fetch-site", "same-origin");
const JSON: (&str, &str) = ("content-type", "application/json");

both! {
    async fn another_sites_page_calls_nothing(app) {
        let scene = Scene::new(app).await;
        let calls = scene.calls().await;
        let before = scene.happened().await;
        for Call { path, arguments, .. } in calls {
            for foreign in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("sec-fetch-site", "none"), ("origin", "https://evil.example"), ("origin", "null")] {
                let answer = sent(&scene.ada, path, &[foreign, JSON], arguments.to_string()).await;
                assert_eq!(answer.status, 403, "{path} {foreign:?}");
                assert_eq!(error_of(&answer).code, "csrf_rejected", "{path}");
            }
            assert_eq!(sent(&scene.ada, path, &[JSON], arguments.to_string()).await.status, 403, "{path} from nowhere");
        }
        assert_eq!(scene.happened().await, before);
    }

    async fn nothing_but_json_is_read(app) {
        let scene = Scene::new(app).await;
        let calls = scene.calls().await;
        let before = scene.happened().await;
        for Call { path, arguments, .. } in calls {
            for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json, text/plain", "application/jsonp", ""] {
                let answer = sent(&scene.ada, path, &[HERE, ("content-type", kind)], arguments.to_string()).await;
                assert_eq!(answer.status, 415, "{path} as {kind}");
                assert_eq!(error_of(&answer).code, "content_type");
            }
            assert_eq!(sent(&scene.ada, path, &[HERE], arguments.to_string()).await.status, 415, "{path} as nothing");
            for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
                let request = scene.ada.request(method.clone(), path).header(HERE.0, HERE.1).json(&arguments);
                assert_eq!(scene.ada.send(request).await.status, 405, "{method} {path}");
            }
        }
        assert_eq!(scene.happened().await, before);
    }

    async fn what_is_missing_or_malformed_is_refused_in_our_words(app) {
        let scene = Scene::new(app).await;
        let calls = scene.calls().await;
        let before = scene.happened().await;
        for Call { path, arguments, .. } in calls {
            for name in arguments.as_object().unwrap().keys() {
                let mut less = arguments.clone();
                less.as_object_mut().unwrap().remove(name);
                let answer = scene.ada.call(path, &less).await;
                assert_eq!((answer.status.as_u16(), error_of(&answer).code.as_str()), (400, "malformed"), "{path} without {name}");
            }
            for body in ["", "{", "[]", "null", "{\"slug\": 1}", "\"slug\"", "<a>"] {
                let answer = sent(&scene.ada, path, &[HERE, JSON], body.to_owned()).await;
                assert_eq!((answer.status.as_u16(), error_of(&answer).code.as_str()), (400, "malformed"), "{path} {body}");
                assert!(!answer.text.contains("line 1"), "{}", answer.text);
            }
            let nul = scene.ada.call(path, &at(&arguments, "ac\0me")).await;
            assert_eq!((nul.status.as_u16(), error_of(&nul).code.as_str()), (422, "invalid"), "{path}");
            let large = announced(&scene.app.url, path, 256 * 1024 + 1).await;
            assert!(large.starts_with("HTTP/1.1 413 ") && large.contains("\"code\":\"too_large\""), "{path}: {large}");
        }
        assert_eq!(scene.happened().await, before);
    }

    async fn a_caller_who_accepts_pages_is_sent_nowhere(app) {
        let scene = Scene::new(app).await;
        let calls = scene.calls().await;
        for Call { path, arguments, .. } in calls {
            for (client, arguments) in [(&scene.ada, &arguments), (&scene.nobody, &arguments), (&scene.ada, &json!({}))] {
                let headers = [HERE, JSON, ("accept", "text/html"), ("referer", "https://evil.example/i/vst_secret")];
                let answer = sent(client, path, &headers, arguments.to_string()).await;
                assert!(!answer.status.is_redirection() && answer.location().is_empty(), "{path}: {}", answer.status);
                assert!(!format!("{:?}{}", answer.headers, answer.text).contains("evil.example"), "{path}");
            }
        }
    }

    async fn who_is_not_signed_in_here_calls_nothing(app) {
        let scene = Scene::new(app).await;
        let calls = scene.calls().await;
        let before = scene.happened().await;
        let ended = scene.app.client_of(&scene.acme.session);
        scene.ada.post("/sign-out", &[]).await;
        for Call { path, arguments, .. } in calls {
            for client in [&scene.nobody, &ended] {
                let answer = client.call(path, &arguments).await;
                assert_eq!((answer.status.as_u16(), error_of(&answer).code.as_str()), (401, "signed_out"), "{path}");
            }
            for slug in ["acme", "no-such-place", "", "../other"] {
                let answer = scene.stranger.call(path, &at(&arguments, slug)).await;
                assert_eq!((answer.status.as_u16(), error_of(&answer).code.as_str()), (404, "missing"), "{path} in {slug}");
                assert!(!answer.text.contains("grace") && !answer.text.contains("Alan"), "{path}: {}", answer.text);
            }
        }
        assert_eq!(scene.happened().await, before);
    }

    async fn a_plain_member_calls_what_members_may(app) {
        let scene = Scene::new(app).await;
        let calls = scene.calls().await;
        let before = scene.happened().await;
        for Call { path, arguments, to_member } in calls {
            let answer = scene.alan.call(path, &arguments).await;
            assert_eq!(answer.status, to_member, "{path}: {}", answer.text);
            if to_member == 403 {
                assert_eq!(error_of(&answer).code, "forbidden", "{path}");
            }
        }
        assert_eq!(scene.happened().await, before);
    }

    async fn another_organizations_things_are_missing_to_functions(app) {
        let scene = Scene::new(app).await;
        let calls = scene.calls().await;
        let before = scene.happened().await;
        for Call { path, arguments, .. } in calls.into_iter().filter(|call| call.arguments.to_string().contains("-7")) {
            let answer = scene.stranger.call(path, &at(&arguments, "other")).await;
            assert_eq!((answer.status.as_u16(), error_of(&answer).code.as_str()), (404, "missing"), "{path}");
        }
        assert_eq!(scene.happened().await, before);
    }

    async fn every_function_answers_whom_it_is_for(app) {
        let scene = Scene::new(app).await;
        let calls = scene.calls().await;
        for Call { path, arguments, .. } in calls {
            let answer = scene.ada.call(path, &arguments).await;
            assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"), "{path}: {}", answer.text);
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
        // a page with `no-referrer` sends this
        let request = scene.ada.request(Method::POST, "/fn/invitations/look_up").header(HERE.0, HERE.1).header("origin", "null");
        let answer = scene.ada.send(request.json(&json!({ "slug": "acme", "recipients": "" }))).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(scene.ada.call("/fn/no/such", &json!({})).await.status, 404);
    }
}
