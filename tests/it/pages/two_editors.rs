//! Two people who edit the same thing: the second one is told what holds now, and overwrites nothing unseen.

use super::{happened, version_in};
use crate::harness::{Acme, Answer, TestApp, client::Client};
use reqwest::StatusCode;
use serde_json::json;
use vestibule_core::service::WebhookEndpointEdit;
use vestibule_domain::{InvitationEdit, InvitationId, RoleId};

const CHANGED: &str = "Somebody has changed this since you opened it";

fn roles(role_ids: &[RoleId]) -> InvitationEdit {
    InvitationEdit { role_ids: Some(role_ids.to_vec()), ..InvitationEdit::default() }
}

/// What is posted to edit the roles and the end of these invitations, after the form was opened.
async fn opened(ada: &Client, ids: &[InvitationId]) -> Answer {
    let query: Vec<String> = ids.iter().map(|id| format!("id={id}")).collect();
    ada.get(&format!("/o/acme/invitations/edit?{}", query.join("&"))).await
}

/// The fields of such a form, with these roles ticked.
fn fields(form: &Answer, ids: &[InvitationId], shown: &[RoleId], ticked: &[RoleId]) -> Vec<(&'static str, String)> {
    let ids = ids.iter().map(|id| ("id", id.to_string()));
    let shown = shown.iter().map(|id| ("shown_role_ids", id.to_string()));
    let ticked = ticked.iter().map(|id| ("role_ids", id.to_string()));
    ids.chain(shown).chain(ticked).chain([("version", version_in(form))]).collect()
}

async fn post(ada: &Client, path: &str, fields: &[(&'static str, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    ada.post(path, &fields).await
}

async fn role_ids(app: &TestApp, at: &Acme, id: InvitationId) -> Vec<RoleId> {
    app.invitation(at, id).await.role_ids
}

both! {
    async fn a_members_roles(app) {
        let acme = app.organization("Acme").await;
        let grace = app.joins(&acme, "grace@acme.example", "Grace Okafor", "admin").await.member_id();
        let [admin, member, owner] = [app.role(&acme, "admin").await, app.role(&acme, "member").await, app.role(&acme, "owner").await];
        let ada = app.client_of(&acme.session);
        let page = format!("/o/acme/members/{grace}");
        let version = version_in(&ada.get(&page).await);
        app.vestibule.members().change_roles(&acme.scope, grace, &[member]).await.unwrap();
        let before = happened(&app, &acme).await;
        let late = |version: String| vec![("version", version), ("role_ids", admin.to_string()), ("role_ids", owner.to_string())];
        let answer = post(&ada, &page, &late(version)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains(CHANGED) && answer.text.contains("The list of roles is now “Member”."), "{}", answer.text);
        let is_ticked = |id: RoleId| answer.text.contains(&format!("value=\"{id}\" checked"));
        assert!(is_ticked(admin) && is_ticked(owner) && !is_ticked(member), "what was ticked stays: {}", answer.text);
        assert_eq!(happened(&app, &acme).await, before);
        assert_eq!(post(&ada, &page, &late(version_in(&answer))).await.flash(), "member_roles_changed");
    }

    async fn an_offer(app) {
        let acme = app.organization("Acme").await;
        let [admin, member] = [app.role(&acme, "admin").await, app.role(&acme, "member").await];
        let id = app.invites(&acme, "grace@example.com").await;
        let ada = app.client_of(&acme.session);
        let page = format!("/o/acme/invitations/{id}/edit");
        let version = version_in(&ada.get(&page).await);
        // that its mail is sent meanwhile is no change of the offer
        app.settle().await;
        let offer = |version: &str, text: &str, role: RoleId| vec![("version", version.to_owned()), ("message", text.to_owned()), ("role_ids", role.to_string())];
        assert_eq!(post(&ada, &page, &offer(&version, "Welcome", member)).await.flash(), "edited");
        let before = happened(&app, &acme).await;
        let late = post(&ada, &page, &offer(&version, "Come aboard", admin)).await;
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", late.text);
        for words in [CHANGED, "The list of roles is now “Member”. The message is now “Welcome”. It expires on ", "Come aboard</textarea>"] {
            assert!(late.text.contains(words), "{words}: {}", late.text);
        }
        let told = version_in(&late);
        let wrong = post(&ada, &page, &[("version", told.clone()), ("message", "Come aboard".into())]).await;
        assert!(wrong.text.contains("Choose at least one role.") && version_in(&wrong) == told, "{}", wrong.text);
        assert_eq!(happened(&app, &acme).await, before);
        assert_eq!(post(&ada, &page, &offer(&told, "Come aboard", admin)).await.flash(), "edited");
    }

    async fn the_end_that_another_has_chosen(app) {
        let acme = app.organization("Acme").await;
        let member = app.role(&acme, "member").await;
        let id = app.invites(&acme, "grace@example.com").await;
        let ada = app.client_of(&acme.session);
        let page = format!("/o/acme/invitations/{id}/edit");
        let version = version_in(&ada.get(&page).await);
        let longer = InvitationEdit { expires_in_days: Some(30), ..InvitationEdit::default() };
        app.vestibule.invitations().edit(&acme.scope, id, &longer).await.unwrap();
        let with = |days: &str| vec![("version", version.clone()), ("role_ids", member.to_string()), ("message", String::new()), ("expires_in_days", days.into())];
        assert!(post(&ada, &page, &with("7")).await.text.contains(CHANGED));
        assert_eq!(post(&ada, &page, &with("")).await.status, StatusCode::SEE_OTHER, "who leaves the end alone replaces none");
        assert_eq!(app.invitation(&acme, id).await.expires_at, app.vestibule.now() + chrono::Duration::days(30));
    }

    async fn the_offers_of_a_selection(app) {
        let acme = app.organization("Acme").await;
        let [admin, member, owner] = [app.role(&acme, "admin").await, app.role(&acme, "member").await, app.role(&acme, "owner").await];
        let ids = [app.invites(&acme, "grace@example.com").await, app.invites(&acme, "joan@example.com").await];
        let ada = app.client_of(&acme.session);
        // of one the form comes back, with the present roles where nothing was chosen
        let form = opened(&ada, &ids[..1]).await;
        app.vestibule.invitations().edit(&acme.scope, ids[0], &roles(&[admin])).await.unwrap();
        let late = post(&ada, "/o/acme/invitations/edit", &fields(&form, &ids[..1], &[member], &[owner])).await;
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", late.text);
        assert!(late.text.contains(CHANGED) && late.text.contains("The list of roles is now “Admin”."), "{}", late.text);
        assert!(late.text.contains(&format!("value=\"{owner}\" checked")), "{}", late.text);
        let again = post(&ada, "/o/acme/invitations/edit", &fields(&late, &ids[..1], &[admin], &[owner])).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);
        assert_eq!(role_ids(&app, &acme, ids[0]).await, [owner]);
        // of several each is looked at alone
        let form = opened(&ada, &ids).await;
        app.vestibule.invitations().edit(&acme.scope, ids[1], &roles(&[admin, member])).await.unwrap();
        let done = post(&ada, "/o/acme/invitations/edit", &fields(&form, &ids, &[], &[member])).await;
        let words = "Somebody has changed 1 since you opened the form, and it stays as it is.";
        assert!(ada.led_on(&done).await.text.contains(words));
        assert_eq!((role_ids(&app, &acme, ids[0]).await, role_ids(&app, &acme, ids[1]).await), (vec![member], vec![admin, member]));
    }

    async fn an_offer_in_the_dialog(app) {
        let acme = app.organization("Acme").await;
        let [admin, member] = [app.role(&acme, "admin").await, app.role(&acme, "member").await];
        let id = app.invites(&acme, "grace@example.com").await;
        let ada = app.client_of(&acme.session);
        let call = async |path: &str, body: serde_json::Value| {
            let request = ada.request(reqwest::Method::POST, path).header("sec-fetch-site", "same-origin");
            ada.send(request.json(&body)).await
        };
        let dialog = call("/fn/invitations/edit_form", json!({ "slug": "acme", "ids": [id] })).await;
        let html: String = serde_json::from_str(&dialog.text).unwrap();
        let version = version_in(&Answer { text: html, ..dialog });
        app.vestibule.invitations().edit(&acme.scope, id, &roles(&[admin])).await.unwrap();
        let before = happened(&app, &acme).await;
        let form = format!("id={id}&version={}&shown_role_ids={member}&role_ids={admin}&role_ids={member}", version.replace(' ', "+"));
        let late = call("/fn/invitations/edit", json!({ "slug": "acme", "form": form })).await;
        assert!(late.status == StatusCode::CONFLICT && late.text.contains(CHANGED), "{} {}", late.status, late.text);
        assert_eq!((happened(&app, &acme).await, role_ids(&app, &acme, id).await), (before, vec![admin]));
    }

    async fn a_webhook(app) {
        let acme = app.organization("Acme").await;
        let (webhook, _) = app.webhook(&acme, "https://hooks.invalid/", &["member.left"]).await;
        let ada = app.client_of(&acme.session);
        let page = format!("/o/acme/webhooks/{}/edit", webhook.id);
        let version = version_in(&ada.get(&page).await);
        let edit = WebhookEndpointEdit { description: Some("Our CRM".into()), ..WebhookEndpointEdit::default() };
        app.vestibule.webhook_endpoints().edit(&acme.scope, webhook.id, &edit).await.unwrap();
        let before = happened(&app, &acme).await;
        let late = |version: String| vec![("version", version), ("url", "https://hooks.invalid/".to_owned()), ("description", "Billing".to_owned())];
        let answer = post(&ada, &page, &late(version)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let now = "The description is now “Our CRM”. The list of events is now “member.left”.";
        assert!(answer.text.contains(CHANGED) && answer.text.contains(now), "{}", answer.text);
        assert_eq!(happened(&app, &acme).await, before);
        assert_eq!(post(&ada, &page, &late(version_in(&answer))).await.flash(), "webhook_edited");
    }
}
