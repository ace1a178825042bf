//! The organization's settings in the portal.

use super::{happened, version_in};
use reqwest::StatusCode;
use vestibule_core::service::OrganizationEdit;
use vestibule_domain::Origin;

both! {
    async fn what_was_saved_holds_for_the_next_invitation(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let form = ada.get("/o/acme/settings").await;
        let settings = [
            ("version", &*version_in(&form)),
            ("name", "Acme Works"),
            ("invitation_lifetime_days", "14"),
            ("reminder_days", "5"),
            ("allowed_domains", "example.com\r\n\r\n  BÜCHER.example \r\n"),
            ("redirect_origins", "https://app.example"),
        ];
        let saved = ada.post("/o/acme/settings", &settings).await;
        assert_eq!((saved.location(), saved.flash()), ("/o/acme/settings", "settings_saved".into()));
        let page = ada.get("/o/acme/settings").await;
        assert!(page.text.contains("Settings saved") && page.text.contains("example.com\nxn--bcher-kva.example</textarea>"), "{}", page.text);
        let scope = app.vestibule.enter(&acme.user, "acme").await.unwrap();
        let organization = scope.organization();
        assert_eq!((organization.name.as_str(), organization.invitation_lifetime_days), ("Acme Works", 14));
        assert_eq!((organization.reminder_days, &organization.redirect_origins[..].iter().map(Origin::as_str).collect::<Vec<_>>()[..]), (Some(5), &["https://app.example"][..]));
        let same = [("version", &*version_in(&page)), ("name", "Acme Works"), ("invitation_lifetime_days", "14"), ("reminder_days", " "), ("allowed_domains", "example.com\nxn--bcher-kva.example"), ("redirect_origins", "https://app.example")];
        assert_eq!(ada.post("/o/acme/settings", &same).await.flash(), "settings_saved");
        assert_eq!(app.vestibule.enter(&acme.user, "acme").await.unwrap().organization().reminder_days, None);
        assert_eq!(happened(&app, &acme).await, ["member.added", "organization.edited", "organization.edited"]);
    }

    async fn what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let wrong = [
            ("name", "evil.com"),
            ("invitation_lifetime_days", "a week"),
            ("reminder_days", "7"),
            ("allowed_domains", "example.com\n\nno domain"),
            ("redirect_origins", "https://app.example/path\nhttps://fine.example"),
        ];
        let answer = ada.post("/o/acme/settings", &wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let told = ["can’t contain a web address", "Choose from 1 to 365 days.", "Line 3: Write a domain like example.com.", "Line 1: "];
        let typed = ["value=\"evil.com\"", "value=\"a week\"", "value=\"7\"", "example.com\n\nno domain</textarea>", "https://app.example/path\nhttps://fine.example</textarea>"];
        for words in told.iter().chain(&typed) {
            assert!(answer.text.contains(words), "{words}: {}", answer.text);
        }
        for field in ["name", "invitation_lifetime_days", "allowed_domains", "redirect_origins"] {
            assert!(answer.text.contains(&format!("href=\"#{field}\"")), "{field} in the summary: {}", answer.text);
            assert!(answer.text.contains(&format!("id=\"{field}-error\"")), "{field}: {}", answer.text);
        }
        let late = ada.post("/o/acme/settings", &[("name", "Acme"), ("invitation_lifetime_days", "7"), ("reminder_days", "7")]).await;
        assert!(late.text.contains("Choose from 1 to 6 days: a reminder is sent before the end."), "{}", late.text);
        assert_eq!(happened(&app, &acme).await, ["member.added"]);
    }

    async fn a_change_that_comes_too_late_is_told_what_holds_now(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let version = version_in(&ada.get("/o/acme/settings").await);
        let edit = OrganizationEdit { invitation_lifetime_days: Some(30), ..OrganizationEdit::default() };
        app.vestibule.organizations().edit(&acme.scope, &edit).await.unwrap();
        let before = happened(&app, &acme).await;
        let late = [("version", &*version), ("name", "Acme Works"), ("invitation_lifetime_days", "7")];
        let answer = ada.post("/o/acme/settings", &late).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let now = "The name is now “Acme”. How long invitations stay open is now “30”.";
        assert!(answer.text.contains("Somebody has changed this") && answer.text.contains(now), "{}", answer.text);
        assert!(answer.text.contains("value=\"Acme Works\""), "{}", answer.text);
        assert_eq!(happened(&app, &acme).await, before);
        let again = [("version", &*version_in(&answer)), ("name", "Acme Works"), ("invitation_lifetime_days", "7")];
        assert_eq!(ada.post("/o/acme/settings", &again).await.flash(), "settings_saved");
    }
}
