//! The mail of an invite, shown while the form is filled in.

use super::error_of;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;
use vestibule_domain::RoleId;
use vestibule_functions::preview::MailPreview;

const PATH: &str = "/fn/invitations/preview";

/// A call with the form as it would be posted.
fn asked(fields: &[(&str, &str)]) -> Value {
    let form = Serializer::new(String::new()).extend_pairs(fields).finish();
    json!({ "slug": "acme", "form": form })
}

fn invite<'a>(role: &'a str, recipients: &'a str, message: &'a str) -> [(&'a str, &'a str); 5] {
    [("recipients", recipients), ("role_ids", role), ("message", message), ("expires_in_days", "7"), ("notify", "true")]
}

both! {
    async fn the_envelope_and_the_text_are_those_of_the_mail(app) {
        let acme = app.organization("Acme").await;
        let member = app.role(&acme, "member").await.to_string();
        let ada = app.client_of(&acme.session);
        let mail: MailPreview = ada.ask(PATH, &asked(&invite(&member, "Grace <grace@example.com>", "Come & do the plates."))).await;
        assert_eq!((mail.to.as_str(), mail.warning.as_str()), ("grace@example.com", ""));
        assert_eq!((mail.from.as_str(), mail.subject.as_str()), ("Ada Byrne via Acme <vestibule@localhost>", "Ada Byrne invites you to join Acme"));
        assert!(mail.preheader.starts_with("As Member. The invitation is open until "), "{}", mail.preheader);
        assert!(mail.text.starts_with("Grace, Ada Byrne invites you") && mail.text.contains("\"Come & do the plates.\""), "{}", mail.text);
        assert!(mail.text.contains("/i/this-is-a-preview"), "{}", mail.text);
    }

    async fn what_is_missing_is_said_in_sentences(app) {
        let acme = app.organization("Acme").await;
        let member = app.role(&acme, "member").await.to_string();
        let ada = app.client_of(&acme.session);
        let mail: MailPreview = ada.ask(PATH, &asked(&[("notify", "false")])).await;
        assert_eq!(mail.warning, "No email address is entered yet, so this goes to someone made up. No role is chosen yet. This is not sent, because you chose to only create links.");
        let mail: MailPreview = ada.ask(PATH, &asked(&invite(&member, "ada@acme.example", ""))).await;
        assert_eq!(mail.warning, "Nobody would get this: see the notes below the addresses.");
    }

    async fn what_can_not_be_sent_is_refused_with_the_forms_words(app) {
        let acme = app.organization("Acme").await;
        let joan = app.client_of(&app.joins(&acme, "joan@acme.example", "Joan", "admin").await.session);
        let refused = async |role: RoleId, message: &str| {
            let answer = joan.call(PATH, &asked(&invite(&role.to_string(), "", message))).await;
            let error = error_of(&answer);
            assert_eq!(answer.status, error.status);
            (error.status, error.code, error.title, error.sentence)
        };
        let (status, code, title, sentence) = refused(app.role(&acme, "member").await, "see https://evil.example").await;
        assert_eq!((status, code.as_str(), title.as_str()), (422, "invalid", "This can’t be sent as it is"));
        assert!(sentence.contains("In its first week"), "{sentence}");
        let (status, code, ..) = refused(app.role(&acme, "owner").await, "").await;
        assert_eq!((status, code.as_str()), (403, "forbidden"));
    }
}
