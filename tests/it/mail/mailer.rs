//! Mail that goes nowhere: into a folder, and into memory.

use super::message::to_noor;
use vestibule_core::mail::{MailMessage, Mailer, Memory};
use vestibule_domain::SendOutcome;

#[tokio::test]
async fn the_folder_holds_each_mail_once_under_its_id() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail");
    let mailer = Mailer::Directory(path.clone());
    for _ in 0..2 {
        assert!(matches!(mailer.send(&to_noor()).await, SendOutcome::Sent { .. }));
    }
    let names: Vec<_> = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, [format!("{}.eml", to_noor().message_id).as_str()]);
    assert_eq!(std::fs::read(path.join(&names[0])).unwrap(), to_noor().raw().unwrap());
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_reads_the_folders_mail() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    Mailer::Directory(folder.path().to_owned()).send(&to_noor()).await;
    let mail = folder.path().join(format!("{}.eml", to_noor().message_id));
    assert_eq!(std::fs::metadata(mail).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_our_fault() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mail");
    std::fs::write(&file, "").unwrap();
    let outcome = Mailer::Directory(file).send(&to_noor()).await;
    assert!(matches!(outcome, SendOutcome::Deferred { our_fault: true, .. }), "{outcome:?}");
}

#[tokio::test]
async fn memory_keeps_what_was_sent_and_fails_to_order() {
    let memory = Memory::default();
    let mailer = Mailer::Memory(memory.clone());
    let deferred = SendOutcome::Deferred { response: "451 Later".to_owned(), our_fault: false };
    memory.answer_with(vec![deferred.clone()]);
    assert_eq!(mailer.send(&to_noor()).await, deferred);
    assert_eq!((memory.messages().len(), memory.tries().len()), (0, 1));
    assert!(matches!(mailer.send(&to_noor()).await, SendOutcome::Sent { .. }));
    assert_eq!(memory.messages(), [to_noor()]);
}

#[tokio::test]
async fn a_sender_that_is_no_mailbox_is_our_fault_and_a_recipient_is_not() {
    let mailer = Mailer::Memory(Memory::default());
    let message = MailMessage { from: "nobody".to_owned(), ..to_noor() };
    assert!(matches!(mailer.send(&message).await, SendOutcome::Deferred { our_fault: true, .. }));
    let message = MailMessage { to: "nobody".to_owned(), ..to_noor() };
    assert!(matches!(mailer.send(&message).await, SendOutcome::Failed { .. }));
}
