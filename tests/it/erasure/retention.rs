//! What an organization keeps for a time is gone afterwards, and nothing of others.

use super::GRACE;
use crate::harness::{Acme, TestApp};
use chrono::Duration;
use serde_json::json;
use vestibule_core::service::OrganizationEdit;
use vestibule_core::worker;

impl TestApp {
    /// Sets the days that invitees and mails are kept.
    async fn keeps(&self, at: &Acme, invitations: Option<u16>, mails: Option<u16>) {
        let edit = OrganizationEdit {
            invitation_retention_days: Some(invitations),
            mail_retention_days: Some(mails),
            ..OrganizationEdit::default()
        };
        self.vestibule.organizations().edit(&at.scope, &edit).await.unwrap();
    }

    /// The chores of one day.
    async fn a_round(&self) {
        worker::prune(&self.vestibule).await.unwrap();
        self.settle().await;
    }
}

both! {
    async fn an_invitee_who_did_not_join_is_erased_when_the_time_is_over(app) {
        let acme = app.organization("Acme").await;
        app.keeps(&acme, Some(30), None).await;
        app.joins(&acme, "joan@acme.example", "Joan Whitlock", "member").await;
        let program = app.program(&acme).await;
        app.grace(&program).await;
        let revoked = app.invites(&acme, "hugo@example.com").await;
        app.vestibule.invitations().revoke(&acme.scope, revoked).await.unwrap();
        // hers ends after seven days, his has ended already
        app.advance(Duration::days(29));
        app.a_round().await;
        assert!(app.everything().await.contains("hugo@example.com"), "a day is left");
        app.advance(Duration::days(1));
        app.a_round().await;
        app.holds_none_of(&["hugo@example.com"]).await;
        assert!(app.everything().await.contains("Grace Hopper"));
        app.advance(Duration::days(7));
        app.a_round().await;
        app.holds_none_of(&[GRACE, "Grace Hopper", "COBOL-1"]).await;
        assert!(app.everything().await.contains("Joan Whitlock"), "who joined is a member, and stays");
        app.verifies(&acme).await;
        assert_eq!(app.facts(&acme, "person.erased").await.len(), 2);
        app.a_round().await;
        assert_eq!(app.facts(&acme, "person.erased").await.len(), 2, "once each");
    }

    async fn whoever_is_invited_anew_or_elsewhere_is_kept(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        app.keeps(&acme, Some(1), None).await;
        for at in [&acme, &other] {
            let id = app.invites(at, "hugo@example.com").await;
            app.vestibule.invitations().revoke(&at.scope, id).await.unwrap();
        }
        app.advance(Duration::hours(23));
        app.invites(&acme, "hugo@example.com").await;
        app.advance(Duration::hours(2));
        app.a_round().await;
        assert!(app.events_text(&acme).await.contains("hugo@example.com"), "an invitation is open");
        app.advance(Duration::days(9));
        app.settle().await;
        app.a_round().await;
        assert!(!app.events_text(&acme).await.contains("hugo@example.com"));
        assert!(app.events_text(&other).await.contains("hugo@example.com"), "the other keeps for ever");
    }

    async fn a_member_who_left_is_erased_with_their_invitation(app) {
        let acme = app.organization("Acme").await;
        app.keeps(&acme, Some(10), None).await;
        let joan = app.joan_of(&acme).await;
        app.advance(Duration::days(11));
        app.a_round().await;
        assert!(app.everything().await.contains("Joan Whitlock"), "a member");
        app.vestibule.members().remove(&acme.scope, joan.member_id()).await.unwrap();
        app.a_round().await;
        app.holds_none_of(&["joan@acme.example", "Joan Whitlock"]).await;
        app.verifies(&acme).await;
    }

    async fn mails_go_earlier_where_the_organization_says_so(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        app.keeps(&acme, None, Some(3)).await;
        for at in [&acme, &other] {
            app.invites(at, GRACE).await;
        }
        app.settle().await;
        app.advance(Duration::days(2));
        app.a_round().await;
        assert_eq!(app.count("select count(*) from mails").await, 2);
        app.advance(Duration::days(1));
        app.a_round().await;
        assert_eq!(app.count("select count(*) from mails").await, 1, "of the other");
        app.keeps(&acme, None, Some(3_650)).await;
        app.invites(&acme, "hugo@example.com").await;
        app.settle().await;
        app.advance(Duration::days(91));
        app.a_round().await;
        assert_eq!(app.count("select count(*) from mails").await, 0, "no longer than the installation keeps them");
    }

    async fn the_times_are_set_over_the_api_with_an_event_and_bounds(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let body = program.get("").await.json();
        assert_eq!((&body["invitation_retention_days"], &body["mail_retention_days"]), (&json!(null), &json!(null)), "for ever");
        let set = program.patch("", &json!({ "invitation_retention_days": 180, "mail_retention_days": 30 })).await.json();
        assert_eq!((&set["invitation_retention_days"], &set["mail_retention_days"]), (&json!(180), &json!(30)));
        let events = app.facts(&acme, "organization.edited").await.len();
        for wrong in [0, 3_651] {
            let refused = program.patch("", &json!({ "invitation_retention_days": wrong, "mail_retention_days": wrong })).await;
            assert_eq!(refused.refusal(), (422, "invalid".into()));
            assert_eq!(refused.fields(), ["invitation_retention_days", "mail_retention_days"]);
        }
        assert_eq!(app.facts(&acme, "organization.edited").await.len(), events);
        let kept = program.patch("", &json!({ "invitation_retention_days": null })).await.json();
        assert_eq!((&kept["invitation_retention_days"], &kept["mail_retention_days"]), (&json!(null), &json!(30)), "what is not sent stays");
        assert_eq!(app.facts(&acme, "organization.edited").await.len(), events + 1);
    }

    async fn the_times_are_set_on_the_page(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let form = |invitations: &'static str, mails: &'static str| [("name", "Acme"), ("invitation_lifetime_days", "7"),
            ("invitation_retention_days", invitations), ("mail_retention_days", mails)];
        assert_eq!(ada.post("/o/acme/settings", &form("365", " 30 ")).await.flash(), "settings_saved");
        let page = ada.get("/o/acme/settings").await.text;
        assert!(page.contains("value=\"365\"") && page.contains("value=\"30\""), "{page}");
        let wrong = ada.post("/o/acme/settings", &form("0", "a year")).await;
        assert_eq!(wrong.status, 422);
        assert_eq!(wrong.text.matches("Choose from 1 to 3,650 days, or leave it empty.").count(), 4, "at both fields and above: {}", wrong.text);
        assert_eq!(ada.post("/o/acme/settings", &form("", "")).await.flash(), "settings_saved");
        let organization = app.vestibule.enter(&acme.user, "acme").await.unwrap().organization().clone();
        assert_eq!((organization.invitation_retention_days, organization.mail_retention_days), (None, None));
    }
}
