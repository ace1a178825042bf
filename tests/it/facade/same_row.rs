//! One invitation is the same row on every surface.

use crate::harness::{PASSWORD, TestApp};
use reqwest::Method;
use serde_json::json;
use vestibule::domain::Permission;

both! {
    async fn made_on_one_it_is_there_on_all(app) {
        let acme = app.organization("Acme").await;
        let (clerk, native, adobe) = (app.clerk(&acme).await, app.program(&acme).await, app.adobe(&acme).await);
        let cloud = app.clickhouse(&acme).await;
        let browser = app.client_of(&acme.session);
        clerk.invites("clerk@example.com").await;
        native.post("/invitations", &json!({ "email": "native@example.com", "roles": ["admin"], "metadata": { "aB": 1 } })).await;
        app.invites(&acme, "portal@example.com").await;
        adobe.adds("adobe@example.com").await;
        cloud.invites("cloud@example.com").await;
        let everybody = ["clerk", "native", "portal", "adobe", "cloud"].map(|name| format!("{name}@example.com"));
        let (page, api) = (browser.get("/o/acme/invitations").await.text, native.get("/invitations").await.text);
        let (facade, console) = (clerk.get(&clerk.here("")).await, adobe.invites(Method::GET, "").await.text);
        let list = cloud.get(&cloud.here("/invitations")).await.text;
        for email in everybody {
            let shown = [&page, &api, &facade.text, &console, &list].iter().all(|text| text.contains(&email));
            assert!(shown, "{email}");
        }
        let facade = facade.json();
        assert_eq!(facade["total_count"], 5);
        let row = |email: &str| facade["data"].as_array().unwrap().iter().find(|row| row["email_address"] == email).unwrap().clone();
        assert_eq!((&row("native@example.com")["role"], &row("native@example.com")["public_metadata"]["aB"]), (&json!("org:admin"), &json!(1)));
        assert_eq!(row("portal@example.com")["inviter_id"], json!(clerk.owner), "the person who used the portal");

        // what one closes is closed on all
        let id = row("portal@example.com")["id"].as_str().unwrap().to_owned();
        clerk.post(&clerk.here(&format!("/{id}/revoke")), &json!({})).await;
        let revoked = native.get("/invitations?email=portal@example.com").await.json();
        assert_eq!(revoked["data"][0]["status"], "revoked");
        assert_eq!(adobe.invites(Method::GET, "/portal@example.com").await.status, 404);
        assert_eq!(adobe.invites(Method::DELETE, "/adobe@example.com").await.status, 200);
        let id = row("clerk@example.com")["id"].as_str().unwrap().strip_prefix("orginv_").unwrap().to_owned();
        let id: uuid::Uuid = id.parse().unwrap();
        assert_eq!(native.send(native.request(Method::POST, &format!("/invitations/{id}/revocation"))).await.status, 200);
        assert_eq!(clerk.get(&clerk.here("?status=pending")).await.json()["total_count"], 2);
        let list = cloud.get(&cloud.here("/invitations")).await.json();
        assert_eq!(list["result"].as_array().unwrap().len(), 2, "the open ones");

        app.settle().await;
        let visit = app.vestibule.open(&app.mailed_token("native@example.com")).await.unwrap();
        app.vestibule.accept_as_new(visit.as_str(), "Grace Okafor", PASSWORD).await.unwrap();
        let accepted = clerk.get(&clerk.here("?status=accepted")).await.json();
        assert_eq!(accepted["data"][0]["email_address"], "native@example.com");
    }
}

#[tokio::test]
async fn events_are_the_same_whoever_causes_them() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let (clerk, native) = (app.clerk_with(&acme, &Permission::ALL).await, app.program(&acme).await);
    let actions = async || {
        let events = app.vestibule.events(&acme.scope, 0, 1000).await.unwrap();
        events.iter().map(|event| event.fact.action()).collect::<Vec<_>>()
    };
    let before = actions().await.len();
    clerk.invites("grace@example.com").await;
    native.post("/invitations", &json!({ "email": "alan@example.com" })).await;
    assert_eq!(actions().await[before..], ["invitation.created", "invitation.created"]);
    let both = json!([{ "email_address": "grace@example.com", "ignore_existing": true }, { "email_address": "joan@example.com" }]);
    let made = clerk.post("/invitations/bulk", &both).await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(actions().await[before + 2..], ["invitation.revoked", "invitation.created", "invitation.created"]);
}
