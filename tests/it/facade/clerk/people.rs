//! In whose name a client invites and revokes, and what becomes of it.

use super::{Backend, refusal};
use crate::harness::{Acme, PASSWORD, TestApp};
use serde_json::{Value, json};
use vestibule_core::service::Error;
use vestibule_domain::{Permission, Status};

fn id_of(person: &Acme) -> String {
    format!("user_{}", person.user.id.uuid().simple())
}

async fn ask(clerk: &Backend, email: &str, role: &str, inviter: &str) -> crate::harness::Answer {
    let body = json!({ "email_address": email, "role": role, "inviter_user_id": inviter });
    clerk.post(&clerk.here(""), &body).await
}

both! {
    async fn an_invitation_is_made_in_the_name_of_who_may_make_it(app) {
        let acme = app.organization("Acme").await;
        let clerk = app.clerk(&acme).await;
        let alan = app.joins(&acme, "alan@example.com", "Alan Ito", "member").await;
        let joan = app.joins(&acme, "joan@example.com", "Joan Whitlock", "admin").await;
        let stranger = app.organization("Other").await;
        let before = app.traces(&acme).await;
        let no_member = ask(&clerk, "grace@example.com", "org:member", &id_of(&stranger)).await;
        assert_eq!(refusal(&no_member), (403, "not_a_member_in_organization".into()));
        let weak = ask(&clerk, "grace@example.com", "org:member", &id_of(&alan)).await;
        assert_eq!(refusal(&weak), (403, "missing_organization_permission".into()));
        assert_eq!(weak.json()["errors"][0]["meta"]["permissions"], json!(["org.user.invite"]));
        let too_much = ask(&clerk, "grace@example.com", "org:owner", &id_of(&joan)).await;
        assert_eq!(refusal(&too_much), (403, "missing_organization_permission".into()), "an admin makes no owner");
        assert_eq!(app.traces(&acme).await, before);
        let made = ask(&clerk, "grace@example.com", "org:admin", &id_of(&joan)).await.json();
        assert_eq!((&made["inviter_id"], &made["public_inviter_data"]["identifier"]), (&json!(id_of(&joan)), &json!("joan@example.com")));
        let invitation = app.vestibule.invitations().page(&acme.scope, &Default::default(), None, 1).await.unwrap();
        assert_eq!(invitation.page.items[0].inviter.as_str(), "Joan Whitlock", "the portal names her");
        let event = app.vestibule.feed().events(&acme.scope, 0, 1000).await.unwrap().pop().unwrap();
        assert_eq!((event.actor.name(), event.fact.action()), ("Website", "invitation.created"), "the log names the key");
        app.settle().await;
        assert!(app.newest_mail("grace@example.com").text.contains("Joan Whitlock"));
    }

    async fn a_bulk_may_name_somebody_else_for_each(app) {
        let acme = app.organization("Acme").await;
        let clerk = app.clerk(&acme).await;
        let joan = app.joins(&acme, "joan@example.com", "Joan Whitlock", "admin").await;
        let item = |email: &str, inviter: Value| json!({ "email_address": email, "role": "org:member", "inviter_user_id": inviter });
        let made = clerk.post(&clerk.here("/bulk"), &json!([
            item("a@example.com", json!(id_of(&joan))), item("b@example.com", json!(clerk.owner)), item("c@example.com", json!(null)),
        ])).await.json();
        let inviters: Vec<&Value> = made["data"].as_array().unwrap().iter().map(|one| &one["inviter_id"]).collect();
        assert_eq!(inviters, [&json!(id_of(&joan)), &json!(clerk.owner), &json!(null)]);
    }
}

#[tokio::test]
async fn the_key_must_be_able_to_give_the_role_itself() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let member = [Permission::OrganizationRead, Permission::UserRead, Permission::UserInvite];
    let clerk = app.clerk_with(&acme, &member).await;
    let refused = ask(&clerk, "grace@example.com", "org:admin", &clerk.owner).await;
    assert_eq!(refusal(&refused), (403, "missing_organization_permission".into()), "whoever it speaks for");
    assert_eq!(ask(&clerk, "grace@example.com", "org:member", &clerk.owner).await.status, 200);
}

#[tokio::test]
async fn an_offer_stands_while_both_the_person_and_the_key_may_make_it() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let (clerk, other) = (app.clerk(&acme).await, app.clerk(&acme).await);
    let joan = app.joins(&acme, "joan@example.com", "Joan Whitlock", "admin").await;
    for (email, inviter, key) in [
        ("one@example.com", id_of(&joan), &clerk),
        ("two@example.com", clerk.owner.clone(), &other),
        ("three@example.com", clerk.owner.clone(), &clerk),
    ] {
        assert_eq!(ask(key, email, "org:admin", &inviter).await.status, 200);
    }
    app.settle().await;
    app.vestibule.members().remove(&acme.scope, joan.member_id()).await.unwrap();
    app.vestibule.api_keys().revoke(&acme.scope, other.key.id).await.unwrap();
    let accept = async |email: &str| {
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token(email)).await.unwrap();
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD).await
    };
    for email in ["one@example.com", "two@example.com"] {
        let refused = accept(email).await;
        assert!(matches!(refused, Err(Error::Closed(Status::Revoked))), "{email}: {refused:?}");
    }
    accept("three@example.com").await.unwrap();
}

#[tokio::test]
async fn who_asks_for_a_revocation_must_be_able_to() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let clerk = app.clerk(&acme).await;
    let alan = app.joins(&acme, "alan@example.com", "Alan Ito", "member").await;
    let id = clerk.invites("grace@example.com").await["id"].as_str().unwrap().to_owned();
    let before = app.traces(&acme).await;
    let revoke = async |user: Value| {
        clerk.post(&clerk.here(&format!("/{id}/revoke")), &json!({ "requesting_user_id": user })).await
    };
    for (user, wanted) in [
        (json!(id_of(&alan)), (403, "missing_organization_permission")),
        (json!("user_x"), (403, "not_a_member_in_organization")),
        (json!(7), (422, "form_param_type_invalid")),
    ] {
        let refused = revoke(user).await;
        assert_eq!(refusal(&refused), (wanted.0, wanted.1.into()), "{}", refused.text);
    }
    assert_eq!(app.traces(&acme).await, before);
    assert_eq!(revoke(json!(clerk.owner)).await.json()["status"], "revoked");
}

both! {
    async fn metadata_goes_to_the_member_untouched(app) {
        let acme = app.organization("Acme").await;
        let clerk = app.clerk(&acme).await;
        let public = json!({ "deptName": "eng", "nested": { "aB": [1, 2.5, null, "ü"] }, "snake_case": true });
        let body = json!({
            "email_address": "grace@example.com", "role": "org:member", "public_metadata": public, "private_metadata": { "costCenter": 7 },
        });
        let made = clerk.post(&clerk.here(""), &body).await.json();
        assert_eq!((&made["public_metadata"], &made["private_metadata"]), (&public, &json!({ "costCenter": 7 })));
        app.settle().await;
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("grace@example.com")).await.unwrap();
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD).await.unwrap();
        let members = app.vestibule.members().all(&acme.scope).await.unwrap();
        let grace = members.iter().find(|member| member.email.as_str() == "grace@example.com").unwrap();
        assert_eq!(serde_json::to_value(&grace.metadata.public).unwrap(), public);
        assert_eq!(serde_json::to_value(&grace.metadata.private).unwrap(), json!({ "costCenter": 7 }));
    }
}
