//! What hangs on a member or a key, listed, cut and taken over through the API.

use super::Program;
use crate::harness::{Acme, TestApp};
use reqwest::StatusCode;
use serde_json::json;
use vestibule_domain::{Permission, Status};

/// Joan, an admin with a key, a webhook made with that key, and an invitation.
async fn joan(app: &TestApp, acme: &Acme) -> (Acme, Program) {
    let joan = app.joins(acme, "joan@acme.example", "Joan Whitlock", "admin").await;
    let permissions = [Permission::WebhookEndpointEdit, Permission::UserInvite, Permission::UserRead];
    let program = app.program_with(&joan, &permissions).await;
    let made = program.post("/webhooks", &json!({ "url": "https://hooks.example/secret-path" })).await;
    assert_eq!(made.json()["created_by"]["id"], json!(program.id), "{}", made.text);
    app.invites(&joan, "grace@example.com").await;
    (joan, program)
}

both! {
    async fn what_hangs_on_a_member_is_listed_and_ends_with_them(app) {
        let acme = app.organization("Acme").await;
        let admin = app.program(&acme).await;
        let (joan, program) = joan(&app, &acme).await;
        let path = format!("/members/{}", joan.member_id());
        let list = admin.get(&format!("{path}/dependents")).await.json();
        assert_eq!(list["counts"], json!({ "api_keys": 1, "webhooks": 1, "invitations": 1 }));
        assert_eq!(list["api_keys"], json!([{ "id": program.id, "name": "ci" }]));
        assert_eq!(list["webhooks"][0]["name"], "hooks.example", "no more of the address than its host");
        let of_key = admin.get(&format!("/keys/{}/dependents", program.id)).await.json();
        assert_eq!(of_key["counts"], json!({ "api_keys": 0, "webhooks": 1, "invitations": 0 }));

        assert_eq!(admin.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(program.get("/invitations").await.refusal(), (401, "unauthenticated".into()));
        let events = admin.get("/events?limit=1&action=member.removed").await.json();
        assert_eq!(events["data"][0]["data"], json!({ "name": "Joan Whitlock", "cut": { "api_keys": 1, "webhooks": 1, "invitations": 1 } }));
        let webhook = &admin.get("/webhooks").await.json()["data"][0];
        assert_eq!((&webhook["enabled"], &webhook["disabled_why"]), (&json!(false), &json!("maker_may_not")));
        let key = admin.get(&format!("/keys/{}", program.id)).await.json();
        assert!(key["revoked_at"].is_string());
    }

    async fn what_is_taken_over_has_the_calling_key_as_its_maker(app) {
        let acme = app.organization("Acme").await;
        let admin = app.program(&acme).await;
        let (joan, program) = joan(&app, &acme).await;
        let path = format!("/members/{}?dependents=take_over", joan.member_id());
        assert_eq!(admin.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(program.get("/invitations").await.status, StatusCode::OK);
        let key = admin.get(&format!("/keys/{}", program.id)).await.json();
        assert_eq!(key["created_by"], json!({ "type": "api_key", "id": admin.id, "name": "ci" }));
        let invitation = &admin.get("/invitations?email=grace@example.com").await.json()["data"][0];
        assert_eq!((&invitation["status"], &invitation["inviter"]["id"]), (&json!("pending"), &json!(admin.id)));
        let events = admin.get("/events?limit=1&action=member.removed").await.json();
        assert_eq!(events["data"][0]["data"]["taken_over"], json!({ "api_keys": 1, "webhooks": 0, "invitations": 1 }), "the webhook is still the key's");
        // and they end with it
        let of_admin = admin.get(&format!("/keys/{}/dependents", admin.id)).await.json();
        assert_eq!(of_admin["counts"], json!({ "api_keys": 1, "webhooks": 1, "invitations": 1 }));
        app.vestibule.api_keys().revoke(&acme.scope, admin.id).await.unwrap();
        assert_eq!(program.get("/invitations").await.refusal().0, 401);
    }

    async fn a_demotion_and_a_revocation_have_the_same_choice(app) {
        let acme = app.organization("Acme").await;
        let admin = app.program(&acme).await;
        let (joan, program) = joan(&app, &acme).await;
        let path = format!("/members/{}", joan.member_id());
        let demoted = admin.patch(&format!("{path}?dependents=take_over"), &json!({ "roles": ["member"] })).await;
        assert_eq!(demoted.status, StatusCode::OK, "{}", demoted.text);
        assert_eq!(program.get("/invitations").await.status, StatusCode::OK);
        assert_eq!(admin.delete(&format!("/keys/{}?dependents=take_over", program.id)).await.status, StatusCode::NO_CONTENT);
        let webhook = &admin.get("/webhooks").await.json()["data"][0];
        assert_eq!((&webhook["enabled"], &webhook["created_by"]["id"]), (&json!(true), &json!(admin.id)));
        assert_eq!(admin.delete(&path).await.status, StatusCode::NO_CONTENT, "nothing is left to hang on her");
        let events = admin.get("/events?limit=1&action=member.removed").await.json();
        assert_eq!(events["data"][0]["data"], json!({ "name": "Joan Whitlock" }));
    }

    async fn a_demotion_without_the_choice_cuts(app) {
        let acme = app.organization("Acme").await;
        let admin = app.program(&acme).await;
        let (joan, program) = joan(&app, &acme).await;
        let path = format!("/members/{}", joan.member_id());
        assert_eq!(admin.patch(&path, &json!({ "roles": ["member"] })).await.status, StatusCode::OK);
        let invite = program.post("/invitations", &json!({ "email": "alan@example.com" })).await;
        assert_eq!(invite.refusal(), (403, "forbidden".into()));
        assert_eq!(program.get("/invitations").await.status, StatusCode::OK, "what a member may, it may still");
        let events = admin.get("/events?limit=1&action=api_key.edited").await.json();
        let changes = json!([{ "field": "permissions", "from": "org.user.read, org.user.invite, org.webhook.edit", "to": "org.user.read" }]);
        assert_eq!(events["data"][0]["data"]["changes"], changes);
        assert_eq!(admin.get("/webhooks").await.json()["data"][0]["enabled"], false);
    }

    async fn an_unknown_choice_and_ones_own_maker_are_refused(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "owner").await;
        let program = app.program(&joan).await;
        let before = app.traces_of(&acme).await;
        let path = format!("/members/{}", joan.member_id());
        for query in ["dependents=keep", "dependents=", "dependents=TAKE_OVER", "other=cut"] {
            assert_eq!(program.delete(&format!("{path}?{query}")).await.refusal(), (400, "query".into()), "{query}");
            let key = format!("/keys/{}?{query}", program.id);
            assert_eq!(program.delete(&key).await.refusal(), (400, "query".into()), "{query}");
        }
        let own = program.delete(&format!("{path}?dependents=take_over")).await;
        assert_eq!((own.refusal(), own.fields()), ((422, "invalid".into()), vec!["dependents".to_owned()]));
        let own = program.delete(&format!("/keys/{}?dependents=take_over", program.id)).await;
        assert_eq!(own.refusal(), (422, "invalid".into()));
        assert_eq!(app.traces_of(&acme).await, before);
        assert_eq!(program.delete(&format!("{path}?dependents=cut")).await.status, StatusCode::NO_CONTENT);
        assert_eq!(program.get("/members").await.refusal().0, 401, "it ends with its maker");
    }

    async fn a_removal_that_is_sent_again_cuts_once(app) {
        let acme = app.organization("Acme").await;
        let admin = app.program(&acme).await;
        let (joan, _) = joan(&app, &acme).await;
        for _ in 0..2 {
            let request = admin.request(reqwest::Method::DELETE, &format!("/members/{}", joan.member_id()));
            assert_eq!(admin.send(request.header("idempotency-key", "x")).await.status, StatusCode::NO_CONTENT);
        }
        for action in ["member.removed", "invitation.revoked"] {
            let events = admin.get(&format!("/events?action={action}")).await.json();
            assert_eq!(events["data"].as_array().unwrap().len(), 1, "{action}");
        }
    }

    async fn an_invitation_beyond_a_programs_limit_is_refused(app) {
        let acme = app.organization("Acme").await;
        let (garden, tower) = (app.resource(&acme, "Garden").await, app.resource(&acme, "Tower").await);
        let rose = app.limited(&acme, "rose@acme.example", &[garden]).await;
        let program = app.program_with(&rose, &rose.scope.permissions()).await;
        let before = app.traces_of(&acme).await;
        for resources in [json!([]), json!([tower]), json!([garden, tower])] {
            let refused = program.post("/invitations", &json!({ "email": "a@example.com", "resources": resources })).await;
            assert_eq!((refused.refusal(), refused.fields()), ((422, "invalid".into()), vec!["resources".to_owned()]));
        }
        let rows = json!({ "invitations": [{ "email": "a@example.com" }] });
        let many = program.post("/invitations/bulk", &rows).await.json();
        assert_eq!(many["outcomes"][0]["errors"][0]["field"], "resources", "{many}");
        assert_eq!(app.traces_of(&acme).await, before);
        let made = program.post("/invitations", &json!({ "email": "a@example.com", "resources": [garden] })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let path = format!("/invitations/{}", made.json()["id"].as_str().unwrap());
        let wider = program.patch(&path, &json!({ "resources": [garden, tower] })).await;
        assert_eq!((wider.refusal().0, wider.fields()), (422, vec!["resources".to_owned()]));
        let id = app.invites(&acme, "b@example.com").await;
        let stronger = program.patch(&format!("/invitations/{id}"), &json!({ "message": "Hello" })).await;
        assert_eq!(stronger.refusal(), (403, "beyond_limit".into()));
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "member").await;
        let path = format!("/members/{}", alan.member_id());
        for resources in [json!([]), json!([tower])] {
            let refused = program.patch(&path, &json!({ "resources": resources })).await;
            assert_eq!((refused.refusal().0, refused.fields()), (422, vec!["resources".to_owned()]));
        }
        assert_eq!(program.patch(&path, &json!({ "resources": [garden] })).await.status, StatusCode::OK);
        assert_eq!(app.invitation(&acme, id).await.status(app.vestibule.now()), Status::Pending);
    }
}

impl TestApp {
    /// How many events and invitations the organization has.
    async fn traces_of(&self, at: &Acme) -> (usize, u64) {
        let events = self.vestibule.feed().events(&at.scope, 0, 100_000).await.unwrap().len();
        (events, self.count_invitations(at).await)
    }
}
