//! Settings, roles and resources of an organization.

use crate::harness::TestApp;
use reqwest::StatusCode;
use serde_json::json;
use vestibule_domain::Permission;

both! {
    async fn an_organization_has_roles_of_its_own(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let made = program.post("/roles", &json!({ "key": "billing", "name": "Billing", "permissions": ["org.user.read", "org.read"] })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        assert_eq!((&made.json()["permissions"], &made.json()["built_in"]), (&json!(["org.read", "org.user.read"]), &json!(false)));
        let path = format!("/roles/{}", made.json()["id"].as_str().unwrap());
        let again = program.post("/roles", &json!({ "key": "billing", "name": "B", "permissions": [] })).await;
        assert_eq!(again.refusal(), (409, "role_key_taken".into()));
        assert_eq!(program.patch(&path, &json!({ "name": "Billing team" })).await.json()["name"], "Billing team");
        let invitation = program.post("/invitations", &json!({ "email": "grace@example.com", "roles": ["billing"] })).await.json();
        let used = program.delete(&path).await;
        assert_eq!((used.refusal(), &used.json()["uses"]), ((409, "role_in_use".into()), &json!(1)));
        program.post(&format!("/invitations/{}/revocation", invitation["id"].as_str().unwrap()), &json!(null)).await;
        assert_eq!(program.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(program.get(&path).await.refusal(), (404, "role_missing".into()));
    }

    async fn resources_have_an_id_of_the_organizations_own(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let made = program.post("/resources", &json!({ "name": "Garden", "external_id": "app-1", "bundle_id": "com.example" })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let path = format!("/resources/{}", made.json()["id"].as_str().unwrap());
        let other = program.post("/resources", &json!({ "name": "Shed" })).await.json();
        let taken = program.post("/resources", &json!({ "name": "Barn", "external_id": "app-1" })).await;
        assert_eq!(taken.refusal(), (409, "external_id_taken".into()));
        let taken = program.patch(&format!("/resources/{}", other["id"].as_str().unwrap()), &json!({ "external_id": "app-1" })).await;
        assert_eq!(taken.refusal(), (409, "external_id_taken".into()));
        let edited = program.patch(&path, &json!({ "bundle_id": null })).await.json();
        assert_eq!((&edited["external_id"], &edited["bundle_id"]), (&json!("app-1"), &json!(null)));
        program.post("/invitations", &json!({ "email": "grace@example.com", "resources": ["app-1"] })).await;
        assert_eq!(program.delete(&path).await.refusal(), (409, "resource_in_use".into()));
        assert_eq!(program.get("/resources?limit=1").await.json()["total"], 2);
    }

    async fn settings_are_checked_whole(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let wrong = json!({
            "name": "evil.com", "invitation_lifetime_days": 0, "allowed_domains": ["example.com", "no domain"],
            "redirect_origins": ["https://app.example/path", "http://app.example", "https://app.example"],
        });
        let answer = program.patch("", &wrong).await;
        let fields = ["name", "invitation_lifetime_days", "allowed_domains[1]", "redirect_origins[0]", "redirect_origins[1]"];
        assert_eq!((answer.refusal().0, answer.fields()), (422, fields.map(str::to_owned).to_vec()));
        let before = program.get("").await;
        let edit = program.patch("", &json!({ "name": "Acme Works", "invitation_lifetime_days": 14 })).await;
        assert_eq!((&edit.json()["name"], &edit.json()["slug"]), (&json!("Acme Works"), &json!("acme")));
        assert_ne!(before.headers["etag"], edit.headers["etag"]);
    }
}

#[tokio::test]
async fn built_in_roles_stay_as_they_are() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let owner = format!("/roles/{}", app.role(&acme, "owner").await);
    assert_eq!(program.patch(&owner, &json!({ "permissions": [] })).await.refusal(), (409, "role_built_in".into()));
    assert_eq!(program.delete(&owner).await.refusal(), (409, "role_built_in".into()));
}

#[tokio::test]
async fn a_role_allows_no_more_than_who_makes_it() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let all = app.program(&acme).await;
    let some = app.program_with(&acme, &[Permission::RoleEdit, Permission::OrganizationRead]).await;
    let mighty = json!({ "key": "mighty", "name": "Mighty", "permissions": ["org.edit"] });
    assert_eq!(some.post("/roles", &mighty).await.refusal(), (403, "forbidden".into()));
    let made = all.post("/roles", &mighty).await.json();
    let path = format!("/roles/{}", made["id"].as_str().unwrap());
    assert_eq!(
        some.patch(&path, &json!({ "permissions": [] })).await.refusal(),
        (403, "forbidden".into()),
        "nor takes"
    );
    assert_eq!(some.delete(&path).await.refusal(), (403, "forbidden".into()));
}

#[tokio::test]
async fn the_organization_is_found_by_slug_and_by_id() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let mut program = app.program(&acme).await;
    let by_slug = program.get("").await.json();
    program.org = by_slug["id"].as_str().unwrap().to_owned();
    assert_eq!(program.get("").await.json(), by_slug);
}
