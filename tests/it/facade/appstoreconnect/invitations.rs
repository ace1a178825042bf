//! The life of an invitation, as App Store Connect's clients see it, and each body as it is sent.

use super::{Asc, body, invitation, limited, refusal};
use crate::harness::{PASSWORD, TestApp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

both! {
    async fn it_is_made_read_and_cancelled(app) {
        let acme = app.organization("Acme").await;
        app.app(&acme, "1000000001", "Tides").await;
        let asc = app.asc(&acme).await;
        let answer = asc.post(&limited("Grace@Example.com", "1000000001")).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let made = body(&answer)["data"].clone();
        let path = format!("/userInvitations/{}", made["id"].as_str().unwrap());
        assert_eq!(answer.location(), format!("{}/appstoreconnect/v1{path}", app.url));
        assert_eq!(made["attributes"]["email"], "Grace@example.com", "as it was written");
        let expires = made["attributes"]["expirationDate"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        assert_eq!(expires.timestamp(), asc.now + 3 * 24 * 60 * 60);
        app.settle().await;
        assert_eq!(app.mail.messages().len(), 1, "the invitee gets a mail");
        assert_eq!(body(&asc.get(&path).await)["data"], made);
        let linkages = body(&asc.get(&format!("{path}/relationships/visibleApps")).await);
        assert_eq!(linkages["data"], json!([{ "type": "apps", "id": "1000000001" }]));
        assert_eq!(linkages["meta"], json!({ "paging": { "total": 1, "limit": 50 } }));

        let cancelled = asc.delete(&path).await;
        assert_eq!((cancelled.status.as_u16(), cancelled.text.as_str(), cancelled.header("content-type")), (204, "", ""));
        for answer in [asc.get(&path).await, asc.delete(&path).await, asc.get(&format!("{path}/visibleApps")).await] {
            assert_eq!(refusal(&answer).0, 404);
        }
    }

    async fn one_that_is_accepted_is_gone_and_its_person_is_a_user(app) {
        let acme = app.organization("Acme").await;
        app.app(&acme, "1000000001", "Tides").await;
        let asc = app.asc(&acme).await;
        let mut document = limited("grace@example.com", "1000000001");
        document["data"]["attributes"]["provisioningAllowed"] = json!(true);
        let id = asc.makes(&document).await["id"].as_str().unwrap().to_owned();
        assert_eq!(refusal(&asc.post(&document).await).1, "ENTITY_ERROR.ATTRIBUTE.INVALID.DUPLICATE");
        app.settle().await;
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("grace@example.com")).await.unwrap();
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD).await.unwrap();
        let path = format!("/userInvitations/{id}");
        for answer in [asc.get(&path).await, asc.delete(&path).await, asc.get(&format!("{path}/visibleApps")).await] {
            assert_eq!(refusal(&answer), (410, "GONE".into(), String::new()));
        }
        assert_eq!(body(&asc.get("/userInvitations").await)["data"], json!([]));
        let found = body(&asc.get("/users?filter[username]=grace@example.com&include=visibleApps").await);
        let user = &found["data"][0];
        assert_eq!(user["attributes"], json!({
            "username": "grace@example.com", "firstName": "Grace", "lastName": "Okafor", "roles": ["DEVELOPER"],
            "allAppsVisible": false, "provisioningAllowed": true,
        }));
        assert_eq!(found["included"][0]["id"], "1000000001");
        let own = body(&asc.get(&format!("/users/{}/relationships/visibleApps", user["id"].as_str().unwrap())).await);
        assert_eq!(own["data"], json!([{ "type": "apps", "id": "1000000001" }]));
    }

    async fn after_three_days_it_is_there_no_more_and_another_may_be_made(app) {
        let acme = app.organization("Acme").await;
        let asc = app.asc(&acme).await;
        let id = asc.invites("grace@example.com", "Okafor", "DEVELOPER").await["id"].as_str().unwrap().to_owned();
        app.clock.advance(chrono::Duration::days(3));
        let later = app.asc(&acme).await;
        assert_eq!(refusal(&later.get(&format!("/userInvitations/{id}")).await).0, 404);
        assert_eq!(body(&later.get("/userInvitations").await)["meta"]["paging"]["total"], 0);
        later.invites("grace@example.com", "Okafor", "DEVELOPER").await;
    }

    async fn of_fifty_first_uses_of_a_role_one_makes_it(app) {
        let acme = app.organization("Acme").await;
        let asc = app.asc(&acme).await;
        let made = (0..50).map(|number| {
            let mut document = invitation(&format!("person{number}@example.com"));
            document["data"]["attributes"]["roles"] = json!(["MARKETING", "SALES", "MARKETING"]);
            let asc = &asc;
            async move { asc.makes(&document).await["attributes"]["roles"].clone() }
        });
        let told: BTreeSet<String> = futures::future::join_all(made).await.iter().map(Value::to_string).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        let roles = app.vestibule.roles().all(&acme.scope).await.unwrap();
        let names: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
        assert_eq!(names, ["Owner", "Admin", "Member", "Marketing", "Sales"]);
        let member = roles.iter().find(|role| role.key == "member").unwrap();
        assert_eq!(roles.last().unwrap().permissions, member.permissions, "what a member may");
        let events = app.vestibule.feed().events(&acme.scope, 0, 500).await.unwrap();
        assert_eq!(events.iter().filter(|event| event.fact.action() == "role.created").count(), 2);
    }

    async fn invitations_made_elsewhere_have_words_that_clients_know(app) {
        let acme = app.organization("Acme").await;
        app.vestibule.roles().create(&acme.scope, "billing", "Billing", &[]).await.unwrap();
        for (email, role) in [("a@example.com", "owner"), ("b@example.com", "admin"), ("c@example.com", "member"), ("d@example.com", "billing")] {
            app.invites_as(&acme, email, role).await;
        }
        let asc = app.asc(&acme).await;
        let list = body(&asc.get("/userInvitations").await);
        let told: Vec<&Value> = list["data"].as_array().unwrap().iter().map(|one| &one["attributes"]["roles"]).collect();
        assert_eq!(told, [&json!(["ACCOUNT_HOLDER"]), &json!(["ADMIN"]), &json!(["CUSTOMER_SUPPORT"]), &json!(["CUSTOMER_SUPPORT"])]);
        assert_eq!((&list["data"][0]["attributes"]["firstName"], &list["data"][0]["attributes"]["lastName"]), (&json!(""), &json!("")));
        let found = asc.emails_at("/userInvitations?filter[roles]=CUSTOMER_SUPPORT").await.0;
        assert_eq!(found, ["c@example.com", "d@example.com"], "found by what they are called");
    }
}

impl Asc {
    /// Without what differs from run to run: ids, times and the address of the installation.
    fn masked(&self, app: &TestApp, body: &Value) -> String {
        let text = serde_json::to_string_pretty(body).unwrap().replace(&app.url, "[url]");
        let is_id = |piece: &str| piece.parse::<uuid::Uuid>().is_ok();
        let part = |part: &str| match part.trim_end_matches(['/', '?']) {
            id if is_id(id) => part.replace(id, "[id]"),
            _ => part.to_owned(),
        };
        let mask = |piece: &str| match piece {
            _ if is_id(piece) => "[id]".to_owned(),
            _ if piece.parse::<chrono::DateTime<chrono::Utc>>().is_ok() => "[time]".to_owned(),
            _ => piece.split_inclusive(['/', '?']).map(part).collect(),
        };
        text.split('"').map(mask).collect::<Vec<_>>().join("\"")
    }
}

#[tokio::test]
async fn each_body_is_as_the_document_has_it() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    app.app(&acme, "1000000001", "Tides").await;
    let asc = app.asc(&acme).await;
    let new = limited("grace@example.com", "1000000001");
    let create = asc.post(&new).await;
    let id = body(&create)["data"]["id"].as_str().unwrap().to_owned();
    for (name, answer) in [
        ("create", create),
        ("list", asc.get("/userInvitations").await),
        (
            "list_with_apps",
            asc.get("/userInvitations?include=visibleApps&fields[apps]=name&fields[userInvitations]=email,visibleApps")
                .await,
        ),
        ("show", asc.get(&format!("/userInvitations/{id}?include=visibleApps")).await),
        ("visible_apps", asc.get(&format!("/userInvitations/{id}/visibleApps")).await),
        ("linkages", asc.get(&format!("/userInvitations/{id}/relationships/visibleApps")).await),
        ("users", asc.get("/users").await),
        ("apps", asc.get("/apps").await),
        ("app", asc.get("/apps/1000000001").await),
        ("refused", asc.post(&new).await),
        ("refused_query", asc.get("/userInvitations?filter[emaill]=x").await),
        ("missing", asc.get("/userInvitations/x").await),
    ] {
        insta::assert_snapshot!(name, format!("{}\n{}", answer.status, asc.masked(&app, &answer.json())));
    }
}
