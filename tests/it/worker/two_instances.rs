//! Two instances on one PostgreSQL share the work.

use crate::harness::{Database, TestApp};
use std::collections::HashSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_mails_none_is_lost_and_none_is_sent_twice() {
    let one = TestApp::on(Database::Postgres).await;
    let acme = one.organization("Acme").await;
    let many: Vec<String> = (0..1_000).map(|n| format!("person{n}@example.com")).collect();
    let invite = one.invite(&acme, &many.join("\n"), "member").await;
    one.vestibule.invitations().invite(&acme.scope, &invite).await.unwrap();
    let two = one.sibling().await;
    let before = one.mail.messages().len();
    tokio::join!(one.settle(), two.settle());
    let mails = one.mail.messages();
    let ids: HashSet<&str> = mails.iter().map(|message| message.message_id.as_str()).collect();
    let recipients: HashSet<&str> = mails.iter().map(|message| message.to.as_str()).collect();
    assert_eq!((before, mails.len(), ids.len(), recipients.len()), (0, 1_000, 1_000, 1_000));
}
