//! Invitations that are edited in place: the dialog, what it saves, and what is refused.

use super::error_of;
use crate::harness::{Acme, Answer, Client, TestApp};
use crate::worker::invites_many;
use chrono::Duration;
use serde_json::json;
use vestibule_core::service::ResourceEdit;
use vestibule_domain::{InvitationEdit, InvitationFilter, InvitationId, RoleId};
use vestibule_functions::changes::Done;

/// The dialog's HTML.
async fn dialog(client: &Client, ids: &[InvitationId]) -> String {
    client.ask("/fn/invitations/edit_form", &json!({ "slug": "acme", "ids": ids })).await
}

async fn asked(client: &Client, form: &str) -> Answer {
    client.call("/fn/invitations/edit", &json!({ "slug": "acme", "form": form })).await
}

async fn edited(client: &Client, form: &str) -> Done {
    client.ask("/fn/invitations/edit", &json!({ "slug": "acme", "form": form })).await
}

/// What the form of this page or dialog holds, as it would be posted: hidden fields, and boxes that are ticked.
fn held(html: &str) -> Vec<(String, String)> {
    let value = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!("{name}=\""))?;
        Some(rest.split('"').next()?.to_owned())
    };
    let inputs = html.split("<input").filter_map(|rest| rest.split('>').next());
    let sent = inputs.filter(|tag| tag.contains("type=\"hidden\"") || tag.contains(" checked"));
    sent.filter_map(|tag| Some((value(tag, "name")?, value(tag, "value")?))).collect()
}

/// The form with these fields in place of others of the same name.
fn with(held: &[(String, String)], changes: &[(&str, String)]) -> String {
    let kept = held.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    let kept = kept.map(|(name, value)| (name.as_str(), value.clone()));
    let fields = kept.chain(changes.iter().cloned()).map(|(name, value)| format!("{name}={value}"));
    fields.collect::<Vec<_>>().join("&")
}

async fn roles_of(app: &TestApp, at: &Acme, id: InvitationId) -> Vec<RoleId> {
    app.invitation(at, id).await.role_ids
}

both! {
    async fn roles_and_end_are_changed_at_once_and_taken_back(app) {
        let acme = app.organization("Acme").await;
        let (ada, admin) = (app.client_of(&acme.session), app.role(&acme, "admin").await);
        let id = app.invites(&acme, "grace@example.com").await;
        let before = app.invitation(&acme, id).await;
        let dialog = dialog(&ada, &[id]).await;
        assert!(dialog.contains("Edit invitation to grace@example.com"), "{dialog}");
        assert!(dialog.contains(&format!("/o/acme/invitations/{id}/edit")), "{dialog}");
        let done = edited(&ada, &with(&held(&dialog), &[("role_ids", admin.to_string()), ("expires_in_days", "30".into())])).await;
        assert_eq!((done.title.as_str(), done.text.as_str()), ("Invitation updated", "The link stays the same, and shows what is offered now."));
        let after = app.invitation(&acme, id).await;
        assert_eq!((after.role_ids, after.expires_at), (vec![admin], app.vestibule.now() + Duration::days(30)));
        assert_eq!(after.generation, before.generation);
        let undone: Done = ada.ask("/fn/invitations/undo", &json!({ "slug": "acme", "act": done.act })).await;
        assert_eq!(undone.text, "The invitation is as it was before.");
        let back = app.invitation(&acme, id).await;
        assert_eq!((back.role_ids, back.expires_at), (before.role_ids, before.expires_at));
    }

    async fn what_is_not_touched_stays_as_others_have_made_it(app) {
        let acme = app.organization("Acme").await;
        let (ada, admin) = (app.client_of(&acme.session), app.role(&acme, "admin").await);
        let id = app.invites(&acme, "grace@example.com").await;
        let dialog = dialog(&ada, &[id]).await;
        let raised = InvitationEdit { role_ids: Some(vec![admin]), ..InvitationEdit::default() };
        app.vestibule.invitations().edit(&acme.scope, id, &raised).await.unwrap();
        edited(&ada, &with(&held(&dialog), &[("expires_in_days", "1".into())])).await;
        let after = app.invitation(&acme, id).await;
        assert_eq!((after.role_ids, after.expires_at), (vec![admin], app.vestibule.now() + Duration::days(1)));
        let events = app.actions(&acme, id).await.len();
        let nothing = edited(&ada, &with(&held(&dialog), &[])).await;
        assert_eq!((nothing.title.as_str(), nothing.text.as_str(), nothing.act), ("Nothing was changed", "It is already like that.", None));
        assert_eq!(app.actions(&acme, id).await.len(), events);
    }

    async fn several_are_changed_alike_and_each_has_its_own_outcome(app) {
        let acme = app.organization("Acme").await;
        let (ada, admin, member) = (app.client_of(&acme.session), app.role(&acme, "admin").await, app.role(&acme, "member").await);
        let grace = app.invites(&acme, "grace@example.com").await;
        let joan = app.invites_as(&acme, "joan@example.com", "admin").await;
        let lee = app.invites(&acme, "lee@example.com").await;
        app.vestibule.invitations().revoke(&acme.scope, lee).await.unwrap();
        let ids = [grace, joan, lee];
        let dialog = dialog(&ada, &ids).await;
        for words in ["Edit 2 invitations", "grace@example.com", "joan@example.com", "1 other is already closed and stays as it is.", "They have different roles: Admin (1), Member (1)."] {
            assert!(dialog.contains(words), "{words}: {dialog}");
        }
        assert!(held(&dialog).iter().all(|(name, _)| name != "role_ids" && name != "shown_role_ids"), "none is ticked");
        let ends = edited(&ada, &with(&held(&dialog), &[("expires_in_days", "90".into())])).await;
        assert_eq!((ends.title.as_str(), ends.text.as_str()), ("2 invitations updated", "Their links stay the same, and show what is offered now."));
        assert_eq!((roles_of(&app, &acme, grace).await, roles_of(&app, &acme, joan).await), (vec![member], vec![admin]));
        app.vestibule.invitations().revoke(&acme.scope, joan).await.unwrap();
        let done = edited(&ada, &with(&held(&dialog), &[("role_ids", admin.to_string())])).await;
        assert_eq!((done.title.as_str(), done.text.as_str()), ("Invitation updated", "The link stays the same, and shows what is offered now. 1 was already closed and stays as it is."));
        assert_eq!(roles_of(&app, &acme, grace).await, [admin]);
        assert_eq!(roles_of(&app, &acme, lee).await, [member], "what is closed stays");
    }

    async fn a_selection_over_pages_is_edited_in_one_act(app) {
        let acme = app.organization("Acme").await;
        let (ada, admin) = (app.client_of(&acme.session), app.role(&acme, "admin").await);
        invites_many(&app, &acme, 130).await;
        let rows = app.vestibule.invitations().page(&acme.scope, &InvitationFilter::default(), None, 500).await.unwrap();
        let ids: Vec<InvitationId> = rows.page.items.iter().map(|row| row.invitation.id).collect();
        let dialog = dialog(&ada, &ids).await;
        assert!(dialog.contains("Edit 130 invitations") && dialog.contains("125 others"), "{dialog}");
        let done = edited(&ada, &with(&held(&dialog), &[("role_ids", admin.to_string())])).await;
        assert_eq!(done.title, "130 invitations updated");
        let undone: Done = ada.ask("/fn/invitations/undo", &json!({ "slug": "acme", "act": done.act })).await;
        assert_eq!(undone.title, "130 invitations undone");
        let too_many: Vec<InvitationId> = ids.iter().cycle().take(501).copied().collect();
        let refused = ada.call("/fn/invitations/edit_form", &json!({ "slug": "acme", "ids": too_many })).await;
        let sentence = "Select at most 500 at once, or all that match. There are 501.";
        assert_eq!((refused.status.as_u16(), error_of(&refused).sentence.as_str()), (422, sentence));
        let form: Vec<String> = too_many.iter().map(|id| format!("id={id}")).collect();
        let refused = asked(&ada, &format!("{}&expires_in_days=7", form.join("&"))).await;
        assert_eq!((refused.status.as_u16(), error_of(&refused).sentence.as_str()), (422, sentence));
    }

    async fn nobody_gives_more_than_they_have(app) {
        let acme = app.organization("Acme").await;
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "admin").await;
        let client = app.client_of(&alan.session);
        let (owner, admin) = (app.role(&acme, "owner").await, app.role(&acme, "admin").await);
        let grace = app.invites(&acme, "grace@example.com").await;
        let joan = app.invites(&acme, "joan@example.com").await;
        let boss = app.invites_as(&acme, "boss@example.com", "owner").await;
        let content = dialog(&client, &[grace, joan, boss]).await;
        assert!(content.contains("Edit 2 invitations") && content.contains("1 other gives more than you can give"), "{content}");
        assert!(!content.contains(&owner.to_string()), "the role of owners is not offered");
        let form = held(&content);
        for (changes, sentence) in [
            (vec![("role_ids", owner.to_string())], "You can’t give one of these roles: it holds permissions you don’t have. Ask an owner to invite."),
            (vec![("role_ids", InvitationId::new(app.vestibule.now()).to_string())], "One of these roles was removed. Choose again."),
            (vec![("role_ids", String::new())], "Choose at least one role."),
            (vec![("expires_in_days", "900".into())], "Choose from 1 to 365 days."),
        ] {
            for form in [with(&form, &changes), with(&form, &[&changes[..], &[("id", grace.to_string())]].concat())] {
                let refused = asked(&client, &form).await;
                let error = error_of(&refused);
                assert_eq!((refused.status.as_u16(), error.title.as_str(), error.sentence.as_str()), (422, "Nothing was changed", sentence), "{form}");
            }
        }
        let forced = asked(&client, &with(&form, &[("id", boss.to_string()), ("expires_in_days", "7".into())])).await;
        assert_eq!(forced.status, 422, "{}", forced.text);
        for id in [grace, joan, boss] {
            assert_eq!(app.actions(&acme, id).await, ["invitation.created"]);
        }
        assert!(!roles_of(&app, &acme, grace).await.contains(&admin));
        let nothing = dialog(&client, &[boss]).await;
        assert!(nothing.contains("Nothing to edit") && !nothing.contains("<form"), "{nothing}");
    }

    async fn who_cancels_finds_the_filter_and_the_selection_again(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let [grace, joan, lee] = [app.invites(&acme, "grace@example.com").await, app.invites(&acme, "joan@example.com").await, app.invites(&acme, "lee@example.com").await];
        for act in ["edit", "revoke"] {
            let page = ada.get(&format!("/o/acme/invitations/{act}?id={grace}&id={lee}&from=%2Fo%2Facme%2Finvitations%3Fstatus%3Dpending")).await;
            let list = format!("/o/acme/invitations?status=pending&amp;id={grace}&amp;id={lee}");
            assert_eq!(page.text.matches(&format!("href=\"{list}\"")).count(), 2, "the way back and the button: {}", page.text);
            let left = ada.get(&list.replace("&amp;", "&")).await;
            for (id, is_picked) in [(grace, true), (joan, false), (lee, true)] {
                assert_eq!(left.text.contains(&format!("value=\"{id}\" checked")), is_picked, "{}", left.text);
            }
            assert!(left.text.contains("href=\"/o/acme/invitations?status=declined\""), "another tab selects none: {}", left.text);
        }
    }

    async fn the_page_does_the_same_without_scripts(app) {
        let acme = app.organization("Acme").await;
        let (ada, admin) = (app.client_of(&acme.session), app.role(&acme, "admin").await);
        let ids = [app.invites(&acme, "grace@example.com").await, app.invites(&acme, "joan@example.com").await];
        let from = "%2Fo%2Facme%2Finvitations%3Fstatus%3Dpending";
        let page = ada.get(&format!("/o/acme/invitations/edit?id={}&id={}&from={from}", ids[0], ids[1])).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("Edit 2 invitations"), "{}", page.text);
        let (_, main) = page.text.split_once("<main").unwrap();
        let held = held(main);
        let changed: Vec<(&str, &str)> = held.iter().filter(|(name, _)| name != "role_ids").map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let none = ada.post("/o/acme/invitations/edit", &changed).await;
        assert_eq!(none.status, 422);
        assert!(none.text.contains("Choose at least one role."), "{}", none.text);
        let (admin_text, all) = (admin.to_string(), [&changed[..], &[("expires_in_days", "14")]].concat());
        let saved = ada.post("/o/acme/invitations/edit", &[&all[..], &[("role_ids", &admin_text)]].concat()).await;
        assert_eq!((saved.location(), saved.flash().as_str()), ("/o/acme/invitations?status=pending", "done"));
        for id in ids {
            assert_eq!(roles_of(&app, &acme, id).await, [admin]);
        }
        let again = ada.post("/o/acme/invitations/edit", &[("id", ids[0].to_string().as_str())]).await;
        assert_eq!(again.flash(), "refused", "nothing is to be changed");
        let none = ada.get("/o/acme/invitations/edit").await;
        assert!(none.status == 200 && none.text.contains("Nothing to edit"), "{}", none.text);
    }

    async fn who_gives_more_without_a_mail_server_hears_of_the_new_link(app) {
        let app = app.restarted(false).await;
        let acme = app.organization("Acme").await;
        let (ada, admin) = (app.client_of(&acme.session), app.role(&acme, "admin").await);
        let grace = app.invites(&acme, "grace@example.com").await;
        let joan = app.invites(&acme, "joan@example.com").await;
        let one = edited(&ada, &format!("id={grace}&role_ids={admin}")).await;
        assert_eq!(one.text, "It gives more than before, so it has a new link. Copy it and hand it over yourself.");
        let two = edited(&ada, &format!("id={grace}&id={joan}&role_ids={admin}&expires_in_days=90")).await;
        assert_eq!((two.title.as_str(), two.text.as_str()), ("2 invitations updated", "1 gives more than before, so it has a new link. Copy it from its page and hand it over yourself."));
    }

    async fn what_people_write_stays_text(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let bad = "<img src=x onerror=alert(1)>";
        app.vestibule.roles().create(&acme.scope, "bad", bad, &[]).await.unwrap();
        let garden = ResourceEdit { name: Some(format!("{bad}\"'")), ..ResourceEdit::default() };
        app.vestibule.resources().create(&acme.scope, &garden).await.unwrap();
        let invite = app.invite(&acme, "\"<b>Grace</b>\" <grace@example.com>, joan@example.com", "bad").await;
        app.vestibule.invitations().invite(&acme.scope, &invite).await.unwrap();
        let rows = app.vestibule.invitations().page(&acme.scope, &InvitationFilter::default(), None, 9).await.unwrap();
        let ids: Vec<InvitationId> = rows.page.items.iter().map(|row| row.invitation.id).collect();
        let query: Vec<String> = ids.iter().map(|id| format!("id={id}")).collect();
        let page = ada.get(&format!("/o/acme/invitations/edit?{}&from=%22%3E{bad}", query.join("&"))).await.text;
        for html in [dialog(&ada, &ids).await, page, ada.get("/o/acme/invitations/new").await.text] {
            assert!(html.contains("&lt;img src=x") && !html.contains("<img src=x") && !html.contains("<b>Grace"), "{html}");
        }
    }

    async fn many_roles_can_be_searched(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let id = app.invites(&acme, "grace@example.com").await;
        assert!(!dialog(&ada, &[id]).await.contains("data-finds"), "a few are all in sight");
        for number in 0..20 {
            app.vestibule.roles().create(&acme.scope, &format!("team-{number}"), &format!("Team {number}"), &[]).await.unwrap();
        }
        let member = format!("value=\"{}\"", app.role(&acme, "member").await);
        let owner = format!("value=\"{}\"", app.role(&acme, "owner").await);
        for html in [dialog(&ada, &[id]).await, ada.get("/o/acme/invitations/new").await.text, ada.get(&format!("/o/acme/invitations/{id}/edit")).await.text] {
            assert!(html.contains("data-finds") && html.contains("Find a role") && html.contains(" of 23 chosen"), "{html}");
            let (_, boxes) = html.split_once("choices--many").unwrap();
            assert!(boxes.find(&member) < boxes.find(&owner), "what is chosen comes first: {html}");
        }
    }
}
