//! Recipients are looked up while they are typed.

use super::error_of;
use crate::harness::{Acme, TestApp};
use serde_json::{Value, json};
use vestibule_functions::invitations::{RecipientNote, RecipientsPreview};

const PATH: &str = "/fn/invitations/look_up";

fn asked(recipients: &str) -> Value {
    json!({ "slug": "acme", "recipients": recipients })
}

async fn events(app: &TestApp, at: &Acme) -> usize {
    app.vestibule.feed().events(&at.scope, 0, 500).await.unwrap().len()
}

/// One line for each address to look at.
fn notes(preview: &RecipientsPreview) -> Vec<String> {
    let line = |RecipientNote { address, kind, sentence, likely, .. }: &RecipientNote| {
        format!(
            "{address}: {kind:?} {}{sentence}",
            likely.as_deref().map(|likely| format!("[{likely}] ")).unwrap_or_default()
        )
    };
    preview.notes.iter().map(line).collect()
}

both! {
    async fn each_address_says_what_would_come_of_it(app) {
        let acme = app.organization("Acme").await;
        let invitation = app.invites(&acme, "grace@example.com").await;
        let ada = app.client_of(&acme.session);
        let before = (events(&app, &acme).await, app.count_invitations(&acme).await);
        let typed = "joan@example.com, Grace <GRACE@example.com>; ada@acme.example\nnobody\nkim@gmial.com\njoan@example.com\nlee@example.com";
        let preview: RecipientsPreview = ada.ask(PATH, &asked(typed)).await;
        assert_eq!((preview.invited, preview.summary.as_str()), (3, "2 ready, 2 to check, 3 left out"));
        assert_eq!(notes(&preview), [
            "nobody: Wrong This is not an email address: it has no @.",
            "kim@gmial.com: Doubtful [kim@gmail.com] Did you mean kim@gmail.com?",
            "GRACE@example.com: LeftOut Already invited by \u{2068}Ada Byrne\u{2069} (7 days left).",
            "ada@acme.example: LeftOut Already a member (Owner).",
            "joan@example.com: LeftOut Written twice; invited once.",
        ]);
        assert_eq!(preview.notes[2].href.as_deref(), Some(format!("/o/acme/invitations/{invitation}").as_str()));
        assert_eq!((events(&app, &acme).await, app.count_invitations(&acme).await), before, "looking invites nobody");
    }

    async fn an_expired_invitation_is_no_obstacle(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        app.advance(chrono::Duration::days(8));
        let acme = app.enter("acme", "ada@acme.example").await;
        let preview: RecipientsPreview = app.client_of(&acme.session).ask(PATH, &asked("grace@example.com")).await;
        assert_eq!((preview.invited, preview.notes.len()), (1, 0));
    }

    async fn what_is_too_much_is_said_before_it_is_sent(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let many = |count: usize| (0..count).map(|n| format!("p{n}@example.com")).collect::<Vec<_>>().join("\n");
        let preview: RecipientsPreview = ada.ask(PATH, &asked(&many(1_000))).await;
        assert_eq!((preview.invited, preview.summary.as_str()), (1_000, "1,000 ready"));
        let preview: RecipientsPreview = ada.ask(PATH, &asked(&many(1_001))).await;
        assert_eq!(preview.invited, 0);
        assert!(preview.summary.starts_with("Invite at most 1,000 people at a time; these are 1,001."));
        let invite = app.invite(&acme, &many(900), "member").await;
        app.vestibule.invitations().invite(&acme.scope, &invite).await.unwrap();
        let preview: RecipientsPreview = ada.ask(PATH, &asked(&many(1_000).replace("example.com", "example.org"))).await;
        assert!(preview.summary.starts_with("You can invite 100 more people now"), "{}", preview.summary);
    }

    async fn only_so_many_questions_are_answered_in_a_minute(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let mut refused = None;
        for _ in 0..1_300 {
            let answer = ada.call(PATH, &asked("grace@example.com")).await;
            if answer.status != 200 {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.expect("nothing is refused");
        assert_eq!((refused.status.as_u16(), error_of(&refused).code.as_str()), (429, "throttled"));
        assert!(refused.header("retry-after").parse::<u32>().unwrap() >= 1);
    }
}
