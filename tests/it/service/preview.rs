//! The mail of an invite before it is sent: word for word what is sent then, and nothing happens.

use crate::harness::{Acme, Database, Setup, TestApp};
use vestibule_core::service::{Error, NotFound, OrganizationEdit};
use vestibule_domain::{Invite, MailPreview, Permission, PreviewWarning, ResourceId, RoleId, token::PREVIEW};

const GRACE: &str = "grace@example.com";

async fn previewed(app: &TestApp, at: &Acme, invite: &Invite) -> MailPreview {
    app.vestibule.invitations().preview_mail(&at.scope, invite).await.unwrap()
}

/// Invites for good, and compares the mail to Grace with what was shown before.
async fn is_sent_as_shown(app: &TestApp, at: &Acme, invite: &Invite) {
    let shown = previewed(app, at, invite).await;
    assert_eq!(shown.warnings, []);
    app.vestibule.invitations().invite(&at.scope, invite).await.unwrap();
    app.settle().await;
    let (sent, token) = (app.newest_mail(GRACE), app.mailed_token(GRACE));
    let without_link = |text: &str| text.replace(&token, PREVIEW);
    assert_eq!((shown.from, shown.to, shown.subject), (sent.sender(), sent.to, sent.subject));
    assert_eq!(shown.text, without_link(&sent.text));
    assert_eq!(shown.html, without_link(&sent.html));
    assert!(!shown.text.contains("vst_") && !shown.html.contains("vst_"), "{}", shown.text);
}

both! {
    async fn what_is_shown_is_what_is_sent(app) {
        let acme = app.organization("Acme").await;
        let mut invite = app.invite(&acme, "Grace Hopper <Grace@Example.com>, joan@example.com", "member").await;
        invite.role_ids.push(app.role(&acme, "admin").await);
        invite.message = "Your notes were a joy.\r\nCome & do the rest?".into();
        invite.expires_in_days = Some(3);
        is_sent_as_shown(&app, &acme, &invite).await;
        let shown = previewed(&app, &acme, &app.invite(&acme, "lee@example.com", "member").await).await;
        assert!(shown.preheader.starts_with("As Member. The invitation is open until "), "{}", shown.preheader);
        assert!(shown.html.contains(&format!("overflow:hidden;\">{}</div>", shown.preheader)), "{}", shown.html);
    }

    async fn hostile_text_is_shown_as_it_is_sent(app) {
        let acme = app.organization("Acme").await;
        let name = OrganizationEdit { name: Some("</title><script>alert(1)</script>".into()), ..OrganizationEdit::default() };
        app.vestibule.organizations().edit(&acme.scope, &name).await.unwrap();
        let acme = app.enter("acme", "ada@acme.example").await;
        let mut invite = app.invite(&acme, "Grace & Co' onerror=alert(1) <grace@example.com>", "member").await;
        invite.message = "</head></td><script>alert(1)</script>\n@media (prefers-color-scheme: dark) {{ roles }} {% raw %}".into();
        let shown = previewed(&app, &acme, &invite).await;
        assert!(!shown.html.contains("<script") && !shown.html.contains("Grace & Co"), "{}", shown.html);
        is_sent_as_shown(&app, &acme, &invite).await;
    }

    async fn nothing_is_left_behind(app) {
        let acme = app.organization("Acme").await;
        app.settle().await;
        let invite = app.invite(&acme, "grace@example.com joan@example.com", "member").await;
        let charges = "select count(*) from rate_limits";
        let before = (app.footprints(&acme).await, app.count(charges).await, app.mail.messages().len());
        for _ in 0..5 {
            previewed(&app, &acme, &invite).await;
        }
        app.settle().await;
        assert_eq!((app.footprints(&acme).await, app.count(charges).await, app.mail.messages().len()), before);
        app.vestibule.invitations().invite(&acme.scope, &invite).await.unwrap();
        assert!(app.count(charges).await > before.1, "inviting charges nothing, so this proves nothing");
    }

    async fn it_is_to_the_first_who_would_be_invited(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "open@example.com").await;
        let to = async |recipients: &str| {
            let mut invite = app.invite(&acme, recipients, "member").await;
            invite.message = "Hello".into();
            let shown = previewed(&app, &acme, &invite).await;
            assert!(shown.text.contains(&shown.to), "{}", shown.text);
            (shown.to, shown.warnings)
        };
        assert_eq!(to("rubbish; ada@acme.example, open@example.com\nKim <kim@gmial.com>, lee@example.com").await, ("kim@gmial.com".into(), vec![]));
        assert_eq!(to("ada@acme.example open@example.com").await, ("ada@acme.example".into(), vec![PreviewWarning::NobodyInvited]));
        for nobody in ["", " ,; ", "rubbish"] {
            assert_eq!(to(nobody).await, ("somebody@example.com".into(), vec![PreviewWarning::NoRecipient]));
        }
    }

    async fn what_is_missing_is_named(app) {
        let acme = app.organization("Acme").await;
        let mut invite = app.invite(&acme, "", "member").await;
        invite.role_ids.clear();
        invite.notify = false;
        let shown = previewed(&app, &acme, &invite).await;
        assert_eq!(shown.warnings, [PreviewWarning::NoRecipient, PreviewWarning::NoRole, PreviewWarning::LinksOnly]);
        assert!(shown.preheader.starts_with("The invitation is open until ") && !shown.text.contains("Role:"), "{}", shown.text);
    }

    async fn what_could_not_be_sent_is_not_shown(app) {
        let acme = app.organization("Acme").await;
        let good = app.invite(&acme, GRACE, "member").await;
        let now = app.vestibule.now();
        let many = (0..1_001).map(|n| format!("p{n}@example.com")).collect::<Vec<_>>().join("\n");
        for (invite, field) in [
            (Invite { message: "see https://evil.example".into(), ..good.clone() }, "message"),
            (Invite { message: "x".repeat(5_000), ..good.clone() }, "message"),
            (Invite { expires_in_days: Some(366), ..good.clone() }, "expires_in_days"),
            (Invite { recipients: many, ..good.clone() }, "recipients"),
            (Invite { role_ids: vec![RoleId::new(now); 500], ..good.clone() }, "role_ids"),
        ] {
            let Err(Error::Invalid(violations)) = app.vestibule.invitations().preview_mail(&acme.scope, &invite).await else { panic!("{field}") };
            assert_eq!(violations[0].field, field);
        }
        let role = Invite { role_ids: vec![RoleId::new(now)], ..good.clone() };
        assert!(matches!(app.vestibule.invitations().preview_mail(&acme.scope, &role).await, Err(Error::NotFound(NotFound::Role))));
        let resource = Invite { resource_ids: vec![ResourceId::new(now)], ..good };
        assert!(matches!(app.vestibule.invitations().preview_mail(&acme.scope, &resource).await, Err(Error::NotFound(NotFound::Resource))));
    }

    async fn only_who_may_invite_sees_it_and_only_what_they_can_give(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let owner = app.invite(&acme, GRACE, "owner").await;
        assert!(matches!(app.vestibule.invitations().preview_mail(&joan.scope, &owner).await, Err(Error::Forbidden(Permission::OrganizationEdit))));
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "member").await;
        let member = app.invite(&acme, GRACE, "member").await;
        assert!(matches!(app.vestibule.invitations().preview_mail(&alan.scope, &member).await, Err(Error::Forbidden(Permission::UserInvite))));
        let shown = previewed(&app, &joan, &member).await;
        assert!(shown.subject.starts_with("Joan Whitlock invites you"), "{}", shown.subject);
        let other = app.organization("Other").await;
        assert!(matches!(app.vestibule.invitations().preview_mail(&other.scope, &member).await, Err(Error::NotFound(NotFound::Role))));
    }

    async fn nothing_is_known_of_who_was_erased(app) {
        let acme = app.organization("Acme").await;
        let invite = app.invite(&acme, "Grace Hopper <grace@example.com>", "member").await;
        app.vestibule.invitations().invite(&acme.scope, &invite).await.unwrap();
        app.vestibule.erasure().erase(&acme.scope, GRACE).await.unwrap();
        let shown = previewed(&app, &acme, &app.invite(&acme, GRACE, "member").await).await;
        assert_eq!((shown.to.as_str(), shown.warnings.as_slice()), (GRACE, [].as_slice()));
        assert!(!shown.html.contains("Hopper"), "{}", shown.html);
    }
}

#[tokio::test]
async fn without_a_mail_server_it_says_that_nothing_is_sent() {
    let app = TestApp::with(Setup { database: Database::Sqlite, mailer: Some(None), ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let shown = previewed(&app, &acme, &app.invite(&acme, GRACE, "member").await).await;
    assert_eq!(shown.warnings, [PreviewWarning::NoMailServer]);
}
