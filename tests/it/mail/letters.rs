//! Each letter as people get it.

use chrono::{TimeZone, Utc};
use proptest::prelude::*;
use vestibule_core::mail::{
    CodeLetter, InvitationAcceptedLetter, InvitationDeclinedLetter, InvitationLetter, LetterContents, Letters,
    PasswordChangedLetter, PasswordResetLetter, Rendered, WebhookDisabledLetter,
};

const TOKEN: &str = "vst_AZqyLdVmcYiTq1kOJ3sYxgAAAAEAq0xkP2pTn7gk3b1xO0m1l4mW8Yz5u_pQ-2rT6vXnJcA";

fn invitation() -> InvitationLetter {
    InvitationLetter {
        organization: "Saltmarsh Press".to_owned(),
        inviter: Some("Joan Whitlock".to_owned()),
        reply_to: Some("joan@saltmarsh.example".to_owned()),
        invitee_name: None,
        roles: vec!["Editor".to_owned(), "Reviewer".to_owned()],
        email: "noor@elsayed.example".to_owned(),
        message: Some("Your notes on the hedgerow plates were a joy. Come and do the rest with us?".to_owned()),
        url: format!("https://join.saltmarsh.example/i/{TOKEN}"),
        expires_at: Utc.with_ymd_and_hms(2026, 11, 28, 9, 44, 0).unwrap(),
        public_host: "join.saltmarsh.example".to_owned(),
    }
}

fn declined() -> InvitationDeclinedLetter {
    InvitationDeclinedLetter {
        organization: "Saltmarsh Press".to_owned(),
        invitee: Some("Noor El-Sayed".to_owned()),
        email: "noor@elsayed.example".to_owned(),
        reason: Some("I am away until March.\n\nAsk me again then.".to_owned()),
        url: "https://join.saltmarsh.example/saltmarsh/invitations/0199".to_owned(),
        public_host: "join.saltmarsh.example".to_owned(),
    }
}

fn code() -> CodeLetter {
    CodeLetter {
        organization: "Saltmarsh Press".to_owned(),
        email: "noor@elsayed.example".to_owned(),
        code: "482913".to_owned(),
        public_host: "join.saltmarsh.example".to_owned(),
    }
}

/// Every letter, with and without what is optional.
fn all() -> Vec<(&'static str, LetterContents)> {
    let url = "https://join.saltmarsh.example/saltmarsh/invitations/0199".to_owned();
    let public_host = "join.saltmarsh.example".to_owned();
    let (name, email) = ("Noor El-Sayed".to_owned(), "noor@elsayed.example".to_owned());
    let at = Utc.with_ymd_and_hms(2026, 11, 22, 9, 44, 0).unwrap();
    let plain = InvitationLetter { roles: vec![], message: None, ..invitation() };
    let named = InvitationLetter { invitee_name: Some(name.clone()), ..invitation() };
    let (plain_again, named_again) = (plain.clone(), named.clone());
    let accepted = InvitationAcceptedLetter {
        organization: "Saltmarsh Press".to_owned(),
        invitee: name.clone(),
        email: email.clone(),
        roles: vec!["Editor".to_owned()],
        url: url.clone(),
        public_host: public_host.clone(),
    };
    let roleless = InvitationAcceptedLetter { roles: vec![], ..accepted.clone() };
    let wordless = InvitationDeclinedLetter { invitee: None, reason: None, ..declined() };
    let reset = PasswordResetLetter {
        name: name.clone(),
        email: email.clone(),
        url: "https://join.saltmarsh.example/password/vsr_AZqyLdVmcYiTq1kOJ3sYxg".to_owned(),
        until: at,
        public_host: public_host.clone(),
    };
    let url = "https://join.saltmarsh.example/password/forgotten".to_owned();
    let changed = PasswordChangedLetter { name, email, changed_at: at, url, public_host };
    let disabled = WebhookDisabledLetter {
        organization: "Saltmarsh Press".to_owned(),
        endpoint: "https://hooks.saltmarsh.example/vestibule".to_owned(),
        gone: false,
        disabled_at: at,
        url: "https://join.saltmarsh.example/o/saltmarsh/webhooks/0199".to_owned(),
        public_host: "join.saltmarsh.example".to_owned(),
    };
    let gone = WebhookDisabledLetter { gone: true, ..disabled.clone() };
    vec![
        ("invitation", LetterContents::Invitation(invitation())),
        ("invitation_named", LetterContents::Invitation(named)),
        ("invitation_plain", LetterContents::Invitation(plain)),
        ("reminder", LetterContents::Reminder(invitation())),
        ("reminder_named", LetterContents::Reminder(named_again)),
        ("reminder_plain", LetterContents::Reminder(plain_again)),
        ("invitation_accepted", LetterContents::InvitationAccepted(accepted)),
        ("invitation_accepted_roleless", LetterContents::InvitationAccepted(roleless)),
        ("invitation_declined", LetterContents::InvitationDeclined(declined())),
        ("invitation_declined_wordless", LetterContents::InvitationDeclined(wordless)),
        ("code", LetterContents::Code(code())),
        ("password_reset", LetterContents::PasswordReset(reset)),
        ("webhook_disabled", LetterContents::WebhookDisabled(disabled)),
        ("webhook_disabled_gone", LetterContents::WebhookDisabled(gone)),
        ("password_changed", LetterContents::PasswordChanged(changed)),
    ]
}

fn render(contents: &LetterContents) -> Rendered {
    Letters::new().render(contents)
}

#[test]
fn each_letter_reads_as_it_should() {
    let letters = Letters::new();
    for (name, contents) in all() {
        let Rendered { subject, text, html } = letters.render(&contents);
        insta::assert_snapshot!(format!("{name}.txt"), format!("Subject: {subject}\n\n{text}"));
        insta::assert_snapshot!(format!("{name}.html"), html);
    }
}

#[test]
fn plain_text_keeps_to_sixty_columns_but_for_addresses() {
    for (name, contents) in all() {
        for line in render(&contents).text.lines().filter(|line| !line.starts_with("https://")) {
            assert!(line.chars().count() <= 60, "{name}: {line:?}");
        }
    }
}

#[test]
fn both_bodies_hold_the_same_link_and_no_picture_or_script() {
    for (name, contents) in all() {
        let Rendered { text, html, .. } = render(&contents);
        assert!(!html.contains("<img") && !html.contains("<script") && !html.contains("url("), "{name}");
        if let Some(secret) = contents.secret() {
            assert!(text.contains(secret) && html.contains(secret), "{name}");
        }
    }
}

#[test]
fn words_that_people_wrote_are_shown_as_text() {
    let letter = InvitationLetter {
        organization: "Salt & <b>Marsh</b>".to_owned(),
        inviter: Some("\"Bank\" <sec@bank.com>".to_owned()),
        message: Some("<script>alert(1)</script>\nSee http://evil.com/now".to_owned()),
        roles: vec!["<i>Editor</i>".to_owned()],
        ..invitation()
    };
    let Rendered { subject, text, html } = render(&LetterContents::Invitation(letter));
    assert!(html.contains("Salt &amp; &lt;b&gt;Marsh&lt;&#x2f;b&gt;"));
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;<br>See http:\u{200c}//evil.\u{200c}com/now"));
    assert!(!html.contains("<script") && !html.contains("<i>"));
    assert!(text.contains("<script>alert(1)</script>\n     See http:\u{200c}//evil.\u{200c}com/now\""));
    assert_eq!(subject, "\"Bank\" <sec@\u{200c}bank.\u{200c}com> invites you to join Salt & <b>Marsh</b>");
}

#[test]
fn a_link_without_its_scheme_is_broken_too() {
    let letter = InvitationLetter { inviter: Some("://a".to_owned()), ..invitation() };
    assert!(render(&LetterContents::Invitation(letter)).subject.starts_with(":\u{200c}//a invites"));
}

#[test]
fn nobody_elses_words_pass_for_a_line_of_ours() {
    let message = "Hello.\n\nSee the invitation:\nhttps://evil.example/i/x\n\n--\nSaltmarsh Press".to_owned();
    let letter = InvitationLetter { message: Some(message), ..invitation() };
    let text = render(&LetterContents::Invitation(letter)).text;
    assert_eq!(text.lines().filter(|line| *line == "See the invitation:").count(), 1);
    assert_eq!(text.lines().filter(|line| *line == "--").count(), 1);
}

#[test]
fn the_outbox_shows_neither_link_nor_code() {
    let letters = Letters::new();
    for (name, contents) in all() {
        let masked = letters.render_masked(&contents);
        let Some(secret) = contents.secret() else {
            assert_eq!(masked, letters.render(&contents), "{name}");
            continue;
        };
        let token = secret.rsplit('/').next().unwrap();
        assert!(![&masked.subject, &masked.text, &masked.html].iter().any(|part| part.contains(token)), "{name}");
        assert!(masked.text.contains("•••") && masked.html.contains("•••"), "{name}");
    }
    let masked = letters.render_masked(&LetterContents::Invitation(invitation()));
    assert!(masked.text.contains("\nhttps://join.saltmarsh.example/i/vst_•••\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_written_each_letter_renders_with_our_links_only(words in "\\PC{0,40}|[a-z:/.@<>\"'&{}%\n]{0,40}") {
        prop_assume!(words.contains(char::is_alphanumeric));
        let written = |words: &str| {
            render(&LetterContents::Invitation(InvitationLetter {
                organization: words.to_owned(),
                inviter: Some(words.to_owned()),
                invitee_name: Some(words.to_owned()),
                roles: vec![words.to_owned(), words.to_owned()],
                message: Some(words.to_owned()),
                ..invitation()
            }))
        };
        let (harmless, Rendered { subject, text, html }) = (written("x"), written(&words));
        prop_assert!(!subject.contains("://") && !subject.contains('\n'));
        prop_assert_eq!(text.matches("://").count(), harmless.text.matches("://").count());
        prop_assert_eq!(html.matches("://").count(), harmless.html.matches("://").count());
        let tags = harmless.html.matches('<').count() + words.matches('\n').count();
        prop_assert_eq!(html.matches('<').count(), tags);
    }
}
