//! What is refused about an invitation, by its code.

use super::{Backend, refusal};
use crate::harness::{Acme, Setup, TestApp};
use reqwest::Method;
use serde_json::{Value, json};
use vestibule_core::service::{OrganizationEdit, Settings};
use vestibule_domain::Organization;

/// A body with one field more, or another one.
fn with(base: &Value, name: &str, value: Value) -> Value {
    let mut body = base.clone();
    body[name] = value;
    body
}

async fn site(app: &TestApp) -> (Acme, Backend) {
    let acme = app.organization("Acme").await;
    let clerk = app.clerk(&acme).await;
    let edit =
        OrganizationEdit { redirect_origins: Some(vec!["https://app.example".into()]), ..OrganizationEdit::default() };
    app.vestibule.organizations().edit(&acme.scope, &edit).await.unwrap();
    (acme, clerk)
}

#[tokio::test]
async fn an_organization_invitation_is_read_field_by_field() {
    let app = TestApp::new().await;
    let (acme, clerk) = site(&app).await;
    clerk.invites("open@example.com").await;
    let before = app.traces(&acme).await;
    let base = json!({ "email_address": "grace@example.com", "role": "org:member" });
    let deep = json!({ "a": { "b": { "c": { "d": { "e": 1 } } } } });
    for (name, value, status, code) in [
        ("email_address", json!(null), 422, "form_param_missing"),
        ("email_address", json!(7), 422, "form_param_type_invalid"),
        ("email_address", json!(""), 422, "form_param_format_invalid"),
        ("email_address", json!("grace"), 422, "form_param_format_invalid"),
        ("email_address", json!("open@example.com"), 400, "organization_invitation_not_unique"),
        ("email_address", json!("OPEN@example.com"), 400, "organization_invitation_not_unique"),
        ("email_address", json!(acme.owner), 400, "already_a_member_in_organization"),
        ("role", json!(null), 422, "form_param_missing"),
        ("role", json!(["org:member"]), 422, "form_param_type_invalid"),
        ("role", json!("org:pilot"), 404, "resource_not_found"),
        ("inviter_user_id", json!(7), 422, "form_param_type_invalid"),
        ("inviter_user_id", json!("user_x"), 403, "not_a_member_in_organization"),
        ("public_metadata", json!([]), 422, "form_param_type_invalid"),
        ("public_metadata", deep, 422, "form_param_value_too_large"),
        ("private_metadata", json!({ "x": "y".repeat(9_000) }), 422, "form_param_value_too_large"),
        ("redirect_url", json!("https://evil.example/"), 422, "invalid_redirect_url"),
        ("redirect_url", json!("https://app.example.evil.example/"), 422, "invalid_redirect_url"),
        ("redirect_url", json!("nowhere"), 422, "invalid_redirect_url"),
        ("redirect_url", json!("javascript:alert(1)"), 422, "prohibited_redirect_url"),
        ("redirect_url", json!("myapp://welcome"), 422, "prohibited_redirect_url"),
        ("expires_in_days", json!(0), 422, "form_param_value_invalid"),
        ("expires_in_days", json!(-1), 422, "form_param_value_invalid"),
        ("expires_in_days", json!(u32::from(Organization::MAX_LIFETIME_DAYS) + 1), 422, "form_param_value_invalid"),
        ("expires_in_days", json!(1.5), 422, "form_param_type_invalid"),
        ("expires_in_days", json!("7"), 422, "form_param_type_invalid"),
        ("notify", json!("no"), 422, "form_param_type_invalid"),
    ] {
        let answer = clerk.post(&clerk.here(""), &with(&base, name, value.clone())).await;
        assert_eq!(refusal(&answer), (status, code.into()), "{name} {value}: {}", answer.text);
        if status == 422 || code == "resource_not_found" {
            assert_eq!(answer.json()["errors"][0]["meta"]["param_name"], name, "{}", answer.text);
        }
        let many = clerk.post(&clerk.here("/bulk"), &json!([base, with(&base, name, value.clone())])).await;
        let same = refusal(&many) == (status, code.into());
        assert!(same, "in bulk, {name} {value}: {}", many.text);
    }
    assert_eq!(app.traces(&acme).await, before);
    let all = clerk.post(&clerk.here(""), &json!({ "notify": 1, "expires_in_days": 0 })).await.json();
    assert_eq!(all["errors"].as_array().unwrap().len(), 4, "all that is wrong is told: {all}");
    let strange = clerk.post(&clerk.here(""), &with(&base, "favourite_colour", json!("green"))).await;
    assert_eq!(strange.status, 200, "other fields are none of our business");
}

#[tokio::test]
async fn an_application_invitation_says_nothing_else() {
    let app = TestApp::new().await;
    let (acme, clerk) = site(&app).await;
    let made = clerk.post("/invitations", &json!({ "email_address": "open@example.com" })).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let before = app.traces(&acme).await;
    let base = json!({ "email_address": "grace@example.com" });
    for (name, value, status, code) in [
        ("email_address", json!("open@example.com"), 400, "duplicate_record"),
        ("email_address", json!(acme.owner), 422, "form_identifier_exists"),
        ("ignore_existing", json!("yes"), 422, "form_param_type_invalid"),
        ("template_slug", json!("other"), 422, "form_param_value_invalid"),
        ("role", json!("org:admin"), 422, "form_param_unknown"),
        ("private_metadata", json!({}), 422, "form_param_unknown"),
    ] {
        let answer = clerk.post("/invitations", &with(&base, name, value.clone())).await;
        assert_eq!(refusal(&answer), (status, code.into()), "{name} {value}: {}", answer.text);
        let many = clerk.post("/invitations/bulk", &json!([base, with(&base, name, value)])).await;
        assert_eq!(refusal(&many), (status, code.into()), "in bulk: {}", many.text);
    }
    let twice = json!([base, { "email_address": "open@example.com" }, { "email_address": "Grace@example.com" }]);
    let twice = clerk.post("/invitations/bulk", &twice).await;
    assert_eq!(refusal(&twice), (400, "duplicate_record".into()));
    let emails = &twice.json()["errors"][0]["meta"]["email_addresses"];
    assert_eq!(*emails, json!(["open@example.com", "Grace@example.com"]), "those that stand in the way, and no other");
    assert_eq!(app.traces(&acme).await, before);
}

#[tokio::test]
async fn eleven_at_once_are_too_many() {
    let app = TestApp::new().await;
    let (acme, clerk) = site(&app).await;
    let before = app.traces(&acme).await;
    for (path, item) in [
        (clerk.here("/bulk"), json!({ "email_address": "a@example.com", "role": "org:member" })),
        ("/invitations/bulk".into(), json!({ "email_address": "a@example.com" })),
    ] {
        let many = clerk.post(&path, &Value::Array(vec![item; 11])).await;
        assert_eq!(refusal(&many), (400, "bulk_size_exceeded".into()));
        assert_eq!(refusal(&clerk.post(&path, &json!([])).await), (422, "form_param_value_invalid".into()));
        assert_eq!(refusal(&clerk.post(&path, &json!({})).await), (422, "form_param_value_invalid".into()));
    }
    assert_eq!(app.traces(&acme).await, before);
}

both! {
    async fn what_is_over_can_not_be_revoked(app) {
        let (acme, clerk) = site(&app).await;
        let revoke = async |id: &str| {
            let whole = clerk.post(&clerk.here(&format!("/{id}/revoke")), &json!(null)).await;
            let plain = clerk.post(&format!("/invitations/{}/revoke", id.replace("orginv_", "inv_")), &json!({})).await;
            (refusal(&whole), refusal(&plain))
        };
        let not_pending = || (404, "organization_invitation_not_pending".to_owned());
        let revoked = clerk.invites("revoked@example.com").await["id"].as_str().unwrap().to_owned();
        clerk.post(&clerk.here(&format!("/{revoked}/revoke")), &json!({})).await;
        assert_eq!(revoke(&revoked).await, (not_pending(), (400, "invitation_already_revoked".into())));
        let accepted = clerk.invites("grace@example.com").await["id"].as_str().unwrap().to_owned();
        app.settle().await;
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("grace@example.com")).await.unwrap();
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", crate::harness::PASSWORD).await.unwrap();
        assert_eq!(revoke(&accepted).await, (not_pending(), (400, "invitation_already_accepted".into())));
        let expired = clerk.invites("late@example.com").await["id"].as_str().unwrap().to_owned();
        app.advance(chrono::Duration::days(30));
        let before = app.traces(&acme).await;
        assert_eq!(revoke(&expired).await, (not_pending(), (400, "invitation_expired".into())));
        assert_eq!(app.traces(&acme).await, before);
    }
}

#[tokio::test]
async fn who_asks_too_often_has_to_wait() {
    let settings = Box::new(|settings: &mut Settings| {
        settings.api_requests_per_minute = std::num::NonZeroU32::new(2).unwrap();
    });
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let (_, clerk) = site(&app).await;
    for _ in 0..2 {
        assert_eq!(clerk.get(&clerk.here("")).await.status, 200);
    }
    let refused = clerk.get(&clerk.here("")).await;
    assert_eq!(refusal(&refused), (429, "too_many_requests".into()));
    assert!(refused.header("retry-after").parse::<u32>().unwrap() >= 1);
}

#[tokio::test]
async fn the_organizations_limit_of_invitations_holds_here_too() {
    let settings = Box::new(|settings: &mut Settings| settings.invitations_per_hour = 2);
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let (acme, clerk) = site(&app).await;
    clerk.invites("one@example.com").await;
    let before = app.traces(&acme).await;
    let two = json!([{ "email_address": "two@example.com" }, { "email_address": "three@example.com" }]);
    let refused = clerk.post("/invitations/bulk", &two).await;
    assert_eq!(refusal(&refused), (429, "too_many_requests".into()));
    assert!(refused.header("retry-after").parse::<u32>().unwrap() >= 1);
    assert_eq!(app.traces(&acme).await, before);
}

/// Bodies of a revocation as clients send them: nothing, an empty object, null.
#[tokio::test]
async fn a_revocation_may_say_nothing() {
    let app = TestApp::new().await;
    let (_, clerk) = site(&app).await;
    for (number, body) in
        [None, Some(""), Some("{}"), Some("null"), Some("{\"requesting_user_id\":null}")].iter().enumerate()
    {
        let id = clerk.invites(&format!("n{number}@example.com")).await["id"].as_str().unwrap().to_owned();
        let request = clerk.request(Method::POST, &clerk.here(&format!("/{id}/revoke")));
        let request = request.header("content-type", "application/json");
        let answer = clerk.send(body.iter().fold(request, |request, body| request.body(body.to_owned()))).await;
        assert_eq!(answer.json()["status"], "revoked", "{body:?}: {}", answer.text);
    }
}
