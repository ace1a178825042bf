//! Over the API: who may, what is refused, and what comes back.

use super::GRACE;
use crate::api::Program;
use crate::harness::{Acme, TestApp};
use serde_json::json;
use vestibule_domain::Permission;

async fn refused(program: &Program, body: &serde_json::Value, wanted: (u16, &str)) {
    let answer = program.post("/people/erase", body).await;
    let (status, code) = answer.refusal();
    assert_eq!((status, code.as_str()), wanted, "{body}: {}", answer.text);
}

/// What a refusal must leave as it was.
async fn state(app: &TestApp, at: &Acme) -> (String, usize) {
    (app.events_text(at).await, app.mail.messages().len())
}

both! {
    async fn an_owners_program_counts_erases_and_finds_nothing_afterwards(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        app.grace(&program).await;
        let before = state(&app, &acme).await;
        let dry = program.post("/people/erase", &json!({ "email": GRACE, "dry_run": true })).await.json();
        assert_eq!((&dry["pseudonym"], &dry["finished"], &dry["kept"]["invitations"]), (&json!(null), &json!(false), &json!(1)));
        assert_eq!(state(&app, &acme).await, before, "a dry run changes nothing");
        let done = program.post("/people/erase", &json!({ "email": " Grace.HOPPER@navy.example " })).await;
        assert_eq!(done.status, 200, "{}", done.text);
        let done = done.json();
        assert!(done["pseudonym"].as_str().unwrap().starts_with("Erased person ") && done["finished"] == true, "{done}");
        assert_eq!(done["kept"], dry["kept"]);
        refused(&program, &json!({ "email": GRACE }), (404, "person_missing")).await;
        app.holds_none_of(&[GRACE, "Grace Hopper"]).await;
    }

    async fn whoever_lacks_one_permission_of_an_owners_is_refused(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, GRACE).await;
        let needed = [Permission::OrganizationEdit, Permission::UserEdit, Permission::UserInvite, Permission::UserRead, Permission::AuditRead];
        for lacking in needed {
            let held: Vec<Permission> = Permission::ALL.iter().copied().filter(|held| *held != lacking).collect();
            let program = app.program_with(&acme, &held).await;
            let before = state(&app, &acme).await;
            refused(&program, &json!({ "email": GRACE }), (403, "forbidden")).await;
            refused(&program, &json!({ "email": GRACE, "dry_run": true }), (403, "forbidden")).await;
            let export = program.get(&format!("/people/export?email={GRACE}")).await;
            assert_eq!(export.refusal(), (403, "forbidden".into()), "{lacking:?}");
            assert_eq!(state(&app, &acme).await, before);
        }
    }

    async fn what_is_wrong_is_told_and_changes_nothing(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        app.invites(&acme, GRACE).await;
        let before = state(&app, &acme).await;
        for email in ["", "grace", "a@b@c.example", "grace@navy"] {
            refused(&program, &json!({ "email": email }), (422, "invalid")).await;
        }
        refused(&program, &json!({}), (422, "invalid")).await;
        refused(&program, &json!({ "email": "nobody@example.com" }), (404, "person_missing")).await;
        refused(&program, &json!({ "email": acme.owner }), (409, "last_owner")).await;
        assert_eq!(program.get("/people/export").await.refusal(), (422, "invalid".into()));
        assert_eq!(program.get("/people/export?email=nobody@example.com").await.refusal(), (404, "person_missing".into()));
        assert_eq!(state(&app, &acme).await, before);
    }

    async fn another_organizations_person_is_unknown_here(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        app.invites(&other, GRACE).await;
        let program = app.program(&acme).await;
        let before = state(&app, &other).await;
        refused(&program, &json!({ "email": GRACE }), (404, "person_missing")).await;
        refused(&program, &json!({ "email": other.owner }), (404, "person_missing")).await;
        assert_eq!(state(&app, &other).await, before);
    }

    async fn dependents_can_be_taken_over_and_the_same_call_erases_once(app) {
        let acme = app.organization("Acme").await;
        app.joan_of(&acme).await;
        let program = app.program(&acme).await;
        let call = async || {
            let request = program.request(reqwest::Method::POST, "/people/erase?dependents=take_over");
            program.send(request.header("idempotency-key", "once").json(&json!({ "email": "joan@acme.example" }))).await
        };
        let first = call().await;
        assert_eq!(first.status, 200, "{}", first.text);
        assert_eq!(call().await.json()["pseudonym"], first.json()["pseudonym"]);
        let keys = app.vestibule.api_keys().all(&acme.scope).await.unwrap();
        let robot = keys.iter().find(|key| key.name.as_str() == "robot").unwrap();
        assert_eq!((robot.revoked_at, robot.created_by.name()), (None, "ci"));
        assert_eq!(app.facts(&acme, "person.erased").await.len(), 1);
        app.holds_none_of(&["joan@acme.example", "Joan Whitlock"]).await;
        app.verifies(&acme).await;
    }
}
