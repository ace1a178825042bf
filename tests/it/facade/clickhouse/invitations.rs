//! The life of an invitation, and what is refused about one.

use super::{refusal, result};
use crate::harness::{PASSWORD, TestApp};
use chrono::Duration;
use serde_json::{Value, json};

both! {
    async fn it_is_made_listed_read_and_revoked(app) {
        let acme = app.organization("Acme").await;
        let cloud = app.clickhouse(&acme).await;
        let made = cloud.invites("Grace@Example.com").await;
        assert_eq!((&made["email"], &made["role"]), (&json!("grace@example.com"), &json!("developer")));
        assert_eq!((&made["assignedRoles"][0]["roleName"], &made["assignedRoles"][0]["roleType"]), (&json!("Member"), &json!("system")));
        assert_eq!((&made["createdAt"], &made["expireAt"]), (&json!("2026-11-22T09:00:00.000Z"), &json!("2026-11-29T09:00:00.000Z")));
        let path = cloud.here(&format!("/invitations/{}", made["id"].as_str().unwrap()));
        assert_eq!(result(&cloud.get(&path).await), made);
        cloud.invites("alan@example.com").await;
        let list = result(&cloud.get(&cloud.here("/invitations")).await);
        assert_eq!((list.as_array().unwrap().len(), &list[0]), (2, &made), "in the order they were made");
        let gone = cloud.delete(&path).await;
        assert_eq!(result(&gone), Value::Null);
        assert!(!gone.text.contains("result"), "{}", gone.text);
        assert_eq!(refusal(&cloud.delete(&path).await), (404, "NOT_FOUND".into()));
        assert_eq!(refusal(&cloud.get(&path).await), (404, "NOT_FOUND".into()));
        assert_eq!(result(&cloud.get(&cloud.here("/invitations")).await).as_array().unwrap().len(), 1);
    }

    async fn what_is_over_is_not_there_any_more(app) {
        let acme = app.organization("Acme").await;
        let cloud = app.clickhouse(&acme).await;
        let accepted = cloud.invites("grace@example.com").await;
        let expired = cloud.invites("late@example.com").await;
        app.settle().await;
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("grace@example.com")).await.unwrap();
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD).await.unwrap();
        app.advance(Duration::days(7));
        assert_eq!(result(&cloud.get(&cloud.here("/invitations")).await), json!([]));
        for one in [accepted, expired] {
            let path = cloud.here(&format!("/invitations/{}", one["id"].as_str().unwrap()));
            assert_eq!(refusal(&cloud.get(&path).await), (404, "NOT_FOUND".into()));
            assert_eq!(refusal(&cloud.delete(&path).await), (404, "NOT_FOUND".into()));
        }
    }
}

#[tokio::test]
async fn roles_are_named_by_id_or_by_a_word() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let cloud = app.clickhouse(&acme).await;
    let roles = result(&cloud.get(&cloud.here("/roles")).await);
    let id = |name: &str| roles.as_array().unwrap().iter().find(|role| role["name"] == name).unwrap()["id"].clone();
    for (number, (more, names, word)) in [
        (json!({ "role": "admin" }), vec!["Admin"], "admin"),
        (json!({ "role": "developer" }), vec!["Member"], "developer"),
        (json!({}), vec!["Member"], "developer"),
        (json!({ "role": "admin", "assignedRoleIds": [] }), vec!["Admin"], "admin"),
        (json!({ "role": "developer", "assignedRoleIds": [id("Admin")] }), vec!["Admin"], "admin"),
        (json!({ "assignedRoleIds": [id("Member"), id("Admin")] }), vec!["Admin", "Member"], "admin"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = json!({ "email": format!("person{number}@example.com") });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = result(&cloud.post(&cloud.here("/invitations"), &body).await);
        let told: Vec<&Value> =
            made["assignedRoles"].as_array().unwrap().iter().map(|role| &role["roleName"]).collect();
        assert_eq!(
            (told, &made["role"]),
            (names.iter().map(|name| json!(name)).collect::<Vec<_>>().iter().collect(), &json!(word))
        );
    }
}

#[tokio::test]
async fn what_is_wrong_with_one_is_told_and_nothing_is_kept() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let cloud = app.clickhouse(&acme).await;
    cloud.invites("open@example.com").await;
    let before = app.traces(&acme).await;
    for (body, wanted) in [
        (json!({}), (400, "BAD_REQUEST")),
        (json!([]), (400, "BAD_REQUEST")),
        (json!({ "email": 7 }), (400, "BAD_REQUEST")),
        (json!({ "email": "nobody" }), (400, "BAD_REQUEST")),
        (json!({ "email": "a@example.com", "role": "pilot" }), (400, "BAD_REQUEST")),
        (json!({ "email": "a@example.com", "assignedRoleIds": ["x"] }), (400, "BAD_REQUEST")),
        (json!({ "email": "a@example.com", "assignedRoleIds": "x" }), (400, "BAD_REQUEST")),
        (json!({ "email": "a@example.com", "assignedRoleIds": [uuid::Uuid::nil()] }), (400, "BAD_REQUEST")),
        (json!({ "email": "OPEN@example.com" }), (409, "CONFLICT")),
        (json!({ "email": acme.owner }), (409, "CONFLICT")),
    ] {
        let answer = cloud.post(&cloud.here("/invitations"), &body).await;
        let (status, code) = refusal(&answer);
        assert_eq!((status, code.as_str()), wanted, "{body}: {}", answer.text);
    }
    assert_eq!(app.traces(&acme).await, before);
}

#[tokio::test]
async fn bodies_are_as_they_are() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let cloud = app.clickhouse(&acme).await;
    cloud.invites("grace@example.com").await;
    for (name, answer) in [
        ("organizations", cloud.get("/organizations").await),
        ("organization", cloud.get(&cloud.here("")).await),
        ("invitations", cloud.get(&cloud.here("/invitations")).await),
        ("roles", cloud.get(&cloud.here("/roles")).await),
        ("members", cloud.get(&cloud.here("/members")).await),
        ("refused", cloud.get(&cloud.here("/invitations/x")).await),
        ("refused_key", app.client().get("/clickhouse/v1/organizations").await),
    ] {
        let text = serde_json::to_string_pretty(&answer.json()).unwrap();
        let hidden = text.lines().map(|line| match line.split_once(": \"") {
            Some((name, value)) if value.trim_end_matches([',', '"']).parse::<uuid::Uuid>().is_ok() => {
                format!("{name}: \"[uuid]\",")
            }
            Some((name, value)) if value.starts_with("organization/") => format!("{name}: \"organization/[uuid]\","),
            _ if line.trim().starts_with("\"organization/") => "[resource]".to_owned(),
            _ if line.trim().starts_with("\"user/") => "[actor]".to_owned(),
            _ => line.to_owned(),
        });
        insta::assert_snapshot!(name, format!("{}\n{}", answer.status, hidden.collect::<Vec<_>>().join("\n")));
    }
}
