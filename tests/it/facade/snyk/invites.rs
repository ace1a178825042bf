//! The life of an invitation, as Snyk's clients see it, and each body as it is sent.

use super::{Snyk, document, refusal};
use crate::harness::{PASSWORD, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

impl Snyk {
    /// Without what differs from run to run: ids and times.
    fn masked(&self, body: &Value) -> String {
        let text = serde_json::to_string_pretty(body).unwrap().replace(&self.org, "[org]");
        let mask = |piece: &str| match piece {
            _ if piece.parse::<uuid::Uuid>().is_ok() => "[id]".to_owned(),
            _ if piece.parse::<chrono::DateTime<chrono::Utc>>().is_ok() => "[time]".to_owned(),
            _ if piece.starts_with("http") => "[url]".to_owned(),
            _ => piece.to_owned(),
        };
        text.split('"').map(mask).collect::<Vec<_>>().join("\"")
    }
}

both! {
    async fn it_is_made_listed_and_cancelled(app) {
        let acme = app.organization("Acme").await;
        let snyk = app.snyk(&acme).await;
        let answer = snyk.post(&snyk.here("/invites"), &snyk.invite("Grace@Example.com")).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let made = document(&answer);
        let id = made["data"]["id"].as_str().unwrap();
        assert_eq!(answer.location(), format!("/orgs/{}/invites/{id}", snyk.org));
        assert_eq!(made["data"]["attributes"]["role"], json!(snyk.role));
        assert_eq!(made["links"]["self"], format!("/orgs/{}/invites?version=2024-06-21", snyk.org));
        app.settle().await;
        assert_eq!(app.mail.messages().len(), 1, "the invitee gets a mail");

        let list = document(&snyk.get(&snyk.here("/invites")).await);
        assert_eq!(list["data"][0]["id"], id);
        assert_eq!(list["data"][0]["attributes"], json!({ "email": "Grace@example.com", "is_active": true, "role": "Member" }));

        let path = snyk.here(&format!("/invites/{id}"));
        let cancelled = snyk.delete(&path).await;
        assert_eq!((cancelled.status.as_u16(), cancelled.text.as_str(), cancelled.header("content-type")), (204, "", ""));
        assert_eq!(refusal(&snyk.delete(&path).await).0, 404, "once");
        assert_eq!(document(&snyk.get(&snyk.here("/invites")).await)["data"], json!([]));
    }

    async fn one_that_is_answered_or_over_is_pending_no_more(app) {
        let acme = app.organization("Acme").await;
        let snyk = app.snyk(&acme).await;
        let id = snyk.invites("grace@example.com").await["id"].as_str().unwrap().to_owned();
        let second = snyk.post(&snyk.here("/invites"), &snyk.invite("GRACE@example.com")).await;
        assert_eq!(refusal(&second), (400, "already_invited".into(), "/data/attributes/email".into()));
        app.settle().await;
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("grace@example.com")).await.unwrap();
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD).await.unwrap();
        assert_eq!(document(&snyk.get(&snyk.here("/invites")).await)["data"], json!([]));
        assert_eq!(refusal(&snyk.delete(&snyk.here(&format!("/invites/{id}"))).await).0, 404);
        let again = snyk.post(&snyk.here("/invites"), &snyk.invite("grace@example.com")).await;
        assert_eq!(refusal(&again).1, "already_member");

        snyk.invites("alan@example.com").await;
        app.clock.advance(chrono::Duration::days(7));
        assert_eq!(document(&snyk.get(&snyk.here("/invites")).await)["data"], json!([]));
        snyk.invites("alan@example.com").await;
    }
}

#[tokio::test]
async fn each_body_is_as_snyks_schemas_have_it() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let snyk = app.snyk(&acme).await;
    let get = async |path: &str| snyk.get(path).await;
    let new = snyk.invite("grace@example.com");
    let nobody = app.client().request(Method::GET, "/snyk/v1/orgs");
    for (name, answer) in [
        ("create", snyk.post(&snyk.here("/invites"), &new).await),
        ("list", get(&snyk.here("/invites")).await),
        ("refused", snyk.post(&snyk.here("/invites"), &new).await),
        ("refused_query", get(&format!("{}&unknown=1", snyk.here("/invites"))).await),
        ("orgs", get("/rest/orgs?version=2024-06-21").await),
        ("org", get(&snyk.here("")).await),
        ("memberships", get(&snyk.here("/memberships").replace("2024-06-21", "2024-08-25")).await),
        ("roles", get(&format!("/rest/tenants/{}/roles?version=beta", snyk.org)).await),
        ("v1_orgs", get("/v1/orgs").await),
        ("v1_refused", snyk.post(&format!("/v1/org/{}/invite", snyk.org), &json!({})).await),
        ("v1_nobody", app.client().send(nobody).await),
    ] {
        insta::assert_snapshot!(name, format!("{}\n{}", answer.status, snyk.masked(&answer.json())));
    }
}
