//! Nothing that opens a door lies in the database: not in a row, the log of its writes, or a copy.

use crate::harness::{Database, Setup, TestApp};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::path::Path;
use vestibule_core::mail::Mailer;
use vestibule_domain::token::{Channel, LinkClaims};

const PEOPLE: usize = 100;

/// The forms in which somebody might have written a secret down.
fn forms(token: &str) -> Vec<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(token.trim_start_matches("vst_")).unwrap();
    let signature = bytes[bytes.len() - 32..].to_vec();
    let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    vec![
        token.as_bytes().to_vec(),
        token.replace('_', "%5F").into_bytes(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        signature,
    ]
}

fn files(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        all.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    all
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(all, part).is_some()
}

/// A hundred invitations, and the tokens of their links by both ways.
async fn tokens(app: &TestApp) -> Vec<String> {
    let acme = app.organization("Acme").await;
    let many: Vec<String> = (0..PEOPLE).map(|n| format!("person{n}@example.com")).collect();
    let results = app
        .vestibule
        .invitations()
        .invite(&acme.scope, &app.invite(&acme, &many.join("\n"), "member").await)
        .await
        .unwrap();
    app.settle().await;
    let mut tokens = Vec::new();
    for result in results {
        let vestibule_domain::InviteOutcome::Invited { id } = result.outcome else { panic!("{result:?}") };
        for channel in [Channel::Mail, Channel::Shared] {
            tokens.push(
                app.signing_keys.token(LinkClaims { invitation_id: id, generation: 1, channel }).as_str().to_owned(),
            );
        }
    }
    if app.vestibule.has_mail_server() {
        let acceptance_session = app.vestibule.acceptance().open(&tokens[0]).await.unwrap();
        tokens.push(format!("vst_{}", acceptance_session.as_str()));
        assert_eq!(
            app.mailed_token("person0@example.com"),
            tokens[0],
            "the tokens looked for are those that are mailed"
        );
    }
    tokens
}

async fn nothing_lies_in(app: TestApp) {
    let tokens = tokens(&app).await;
    let copy = app.folder().join("copy.db");
    app.copy_database(&copy).await;
    let all = files(app.folder());
    assert!(contains(&all, b"person42@example.com"), "the right files are read");
    for token in &tokens[..PEOPLE * 2] {
        for form in forms(token) {
            assert!(!contains(&all, &form), "a token lies in the files");
        }
    }
    for acceptance_session in &tokens[PEOPLE * 2..] {
        assert!(
            !contains(&all, acceptance_session.trim_start_matches("vst_").as_bytes()),
            "a visit's secret lies in the files"
        );
    }
}

#[tokio::test]
async fn no_token_lies_in_the_files_when_mail_is_sent() {
    nothing_lies_in(TestApp::on(Database::Sqlite).await).await;
}

#[tokio::test]
async fn no_token_lies_in_the_files_when_there_is_no_mail_server() {
    nothing_lies_in(TestApp::with(Setup { mailer: Some(None::<Mailer>), ..Setup::default() }).await).await;
}
