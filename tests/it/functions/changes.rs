//! What is done in place, and taken back.

use super::error_of;
use crate::harness::{Acme, Client, TestApp};
use crate::worker::invites_many;
use chrono::Duration;
use serde_json::json;
use vestibule_domain::{InvitationFilter, InvitationId, Status, Total};
use vestibule_functions::changes::Done;

async fn done(client: &Client, act: &str, ids: &[InvitationId]) -> Done {
    client.ask(&format!("/fn/invitations/{act}"), &json!({ "slug": "acme", "ids": ids })).await
}

async fn taken_back(client: &Client, done: &Done) -> Done {
    client.ask("/fn/invitations/undo", &json!({ "slug": "acme", "act": done.act })).await
}

async fn status(app: &TestApp, at: &Acme, id: InvitationId) -> Status {
    app.vestibule.invitations().detail(&at.scope, id).await.unwrap().row.status
}

both! {
    async fn a_revocation_is_done_at_once_and_taken_back_with_the_same_link(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let id = app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        let link = app.mailed_token("grace@example.com");
        let revoked = done(&ada, "revoke", &[id]).await;
        assert_eq!((revoked.title.as_str(), status(&app, &acme, id).await), ("Invitation to grace@example.com revoked", Status::Revoked));
        let undone = taken_back(&ada, &revoked).await;
        assert_eq!((undone.title.as_str(), undone.text.as_str(), undone.act), ("Undone", "The link works again.", None));
        assert_eq!(status(&app, &acme, id).await, Status::Pending);
        app.vestibule.acceptance().open(&link).await.unwrap();
        assert_eq!(app.actions(&acme, id).await.iter().filter(|action| **action == "invitation.change_undone").count(), 1);
        let again = ada.call("/fn/invitations/undo", &json!({ "slug": "acme", "act": revoked.act })).await;
        assert_eq!((again.status.as_u16(), error_of(&again).code.as_str()), (404, "missing"));
    }

    async fn several_are_one_act(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let mut ids = Vec::new();
        for name in ["grace", "joan", "lee"] {
            ids.push(app.invites(&acme, &format!("{name}@example.com")).await);
        }
        app.vestibule.invitations().revoke(&acme.scope, ids[2]).await.unwrap();
        app.settle().await;
        let resent = done(&ada, "resend", &ids).await;
        assert_eq!((resent.title.as_str(), resent.text.as_str()), ("2 invitations resent", "1 was already closed and stays as it is."));
        assert!(resent.act.is_some());
        let undone = taken_back(&ada, &resent).await;
        assert_eq!((undone.title.as_str(), undone.text.as_str()), ("2 invitations undone", "The earlier link works again, and no new email is sent."));
        app.advance(Duration::seconds(20));
        app.settle().await;
        assert_eq!(app.inbox("grace@example.com").len(), 1, "the second mail was never sent");
    }

    async fn what_is_selected_on_several_pages_is_one_act(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        invites_many(&app, &acme, 130).await;
        let all = InvitationFilter::default();
        let rows = app.vestibule.invitations().page(&acme.scope, &all, None, 500).await.unwrap().page.items;
        let ids: Vec<InvitationId> = rows.iter().map(|row| row.invitation.id).collect();
        let revoked = done(&ada, "revoke", &ids).await;
        assert_eq!((ids.len(), revoked.title.as_str()), (130, "130 invitations revoked"));
        assert_eq!(taken_back(&ada, &revoked).await.title, "130 invitations undone");
        let too_many: Vec<InvitationId> = ids.iter().cycle().take(501).copied().collect();
        let refused = ada.call("/fn/invitations/revoke", &json!({ "slug": "acme", "ids": too_many })).await;
        let sentence = "Select at most 500 at once, or all that match. There are 501.";
        assert_eq!((refused.status.as_u16(), error_of(&refused).sentence.as_str()), (422, sentence));
        let counts = app.vestibule.invitations().page(&acme.scope, &all, None, 1).await.unwrap().counts;
        assert_eq!(counts.of(Status::Pending), Total::exact(130));
    }

    async fn after_ten_seconds_it_stays_and_says_so(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let id = app.invites(&acme, "grace@example.com").await;
        let revoked = done(&ada, "revoke", &[id]).await;
        app.advance(Duration::seconds(11));
        let late = ada.call("/fn/invitations/undo", &json!({ "slug": "acme", "act": revoked.act })).await;
        let error = error_of(&late);
        assert_eq!((late.status.as_u16(), error.sentence.as_str()), (409, "It is too late to undo this."));
        assert_eq!(status(&app, &acme, id).await, Status::Revoked);
    }

    async fn only_who_did_it_takes_it_back(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@example.com", "Joan", "admin").await;
        let id = app.invites(&acme, "grace@example.com").await;
        let revoked = done(&app.client_of(&acme.session), "revoke", &[id]).await;
        let answer = app.client_of(&joan.session).call("/fn/invitations/undo", &json!({ "slug": "acme", "act": revoked.act })).await;
        assert_eq!(answer.status, 404);
        assert_eq!(status(&app, &acme, id).await, Status::Revoked);
    }

    async fn a_form_is_taken_back_by_a_form(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let id = app.invites(&acme, "grace@example.com").await;
        for act in ["revoke", "resend"] {
            let answer = ada.post(&format!("/o/acme/invitations/{id}/{act}"), &[]).await;
            let page = ada.get(answer.location()).await.text;
            let undo = page.split("name=\"act\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
            let undone = ada.post("/o/acme/invitations/undo", &[("act", &undo)]).await;
            assert_eq!((undone.flash().as_str(), undone.location()), ("undone", format!("/o/acme/invitations/{id}").as_str()));
            assert_eq!((status(&app, &acme, id).await, app.invitation(&acme, id).await.generation), (Status::Pending, 1));
            assert_eq!(ada.post("/o/acme/invitations/undo", &[("act", &undo)]).await.flash(), "refused");
        }
        for rubbish in ["", "rubbish"] {
            assert_eq!(ada.post("/o/acme/invitations/undo", &[("act", rubbish)]).await.flash(), "refused");
        }
        let unchanged = ada.post(&format!("/o/acme/invitations/{id}/edit"), &[("role_ids", &app.role(&acme, "member").await.to_string())]).await;
        assert!(!ada.get(unchanged.location()).await.text.contains("name=\"act\""), "nothing was changed");
    }
}
