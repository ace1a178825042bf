//! Whose name an invitation's mail comes under, and whom an answer reaches.

use crate::harness::{Setup, TestApp};
use serde_json::json;
use vestibule_core::service::MailFromName;

const GRACE: &str = "grace@example.com";

both! {
    async fn an_invitation_comes_from_the_inviter_by_the_organization(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, GRACE).await;
        app.settle().await;
        let mail = app.newest_mail(GRACE);
        assert_eq!(mail.sender(), "Ada Byrne via Acme <vestibule@localhost>");
        assert_eq!(mail.reply_to.as_deref(), Some("ada@acme.example"));
        app.client().post("/forgot-password", &[("email", &acme.owner)]).await;
        app.settle().await;
        let mail = app.newest_mail(&acme.owner);
        assert_eq!((mail.sender().as_str(), mail.reply_to), ("Vestibule <vestibule@localhost>", None));
    }

    async fn a_programs_invitation_comes_from_the_organization(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        assert_eq!(program.post("/invitations", &json!({ "email": GRACE })).await.status, 201);
        app.settle().await;
        let mail = app.newest_mail(GRACE);
        assert_eq!((mail.sender().as_str(), mail.reply_to), ("Acme <vestibule@localhost>", None));
    }

    async fn a_name_that_could_pass_for_an_address_is_left_out(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@example.com", "Security @PayPal", "admin").await;
        app.invites(&joan, GRACE).await;
        app.settle().await;
        let mail = app.newest_mail(GRACE);
        assert_eq!(mail.sender(), "Acme <vestibule@localhost>");
        assert_eq!(mail.reply_to.as_deref(), Some("joan@example.com"));
    }
}

#[tokio::test]
async fn the_operator_may_have_one_name_for_all_mails() {
    let settings = Box::new(|settings: &mut vestibule_core::service::Settings| {
        settings.mail_from_name = MailFromName::Fixed;
    });
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    app.invites(&acme, GRACE).await;
    app.settle().await;
    let mail = app.newest_mail(GRACE);
    assert_eq!(mail.sender(), "Vestibule <vestibule@localhost>");
    assert_eq!(mail.reply_to.as_deref(), Some("ada@acme.example"));
}
