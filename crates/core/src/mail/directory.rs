//! Mails as files: `<message id>.eml`, which mail programs open.

use super::{MailMessage, MessageError};
use std::io;
use std::path::{Path, PathBuf};
use tokio::{fs, io::AsyncWriteExt};
use vestibule_domain::SendOutcome;
use vestibule_store::private;

/// Writes the mail to the folder, under a temporary name first, so that a program that watches the folder never reads
/// half a mail. A mail that is sent again replaces the file of the earlier attempt.
pub async fn keep(folder: &Path, message: &MailMessage) -> SendOutcome {
    let raw = match message.raw() {
        Ok(raw) => raw,
        Err(refused) => return refused.into(),
    };
    let name = format!("{}.eml", message.message_id);
    match write(folder, &name, &raw).await {
        Ok(()) => SendOutcome::Sent { response: format!("Written to {name}.") },
        Err(error) => SendOutcome::Deferred {
            response: format!("The folder for mails can’t be written to: {error}."),
            our_fault: true,
        },
    }
}

/// Makes the folder, if it exists, and the mails in it unreadable for other users, because they contain links that let
/// people in.
pub fn keep_private(folder: &Path) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let mut mails = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "eml" || extension == "part") {
            mails.push(path);
        }
    }
    private::keep_folder(folder, !mails.is_empty())?;
    mails.iter().for_each(|mail| private::keep_file(mail));
    Ok(())
}

async fn write(folder: &Path, name: &str, raw: &[u8]) -> io::Result<()> {
    let draft = folder.join(format!(".{name}.part"));
    let mut file = fs::File::from_std(begin(folder.to_owned(), draft.clone()).await?);
    file.write_all(raw).await?;
    file.sync_all().await?;
    fs::rename(&draft, folder.join(name)).await
}

/// Creates a new file in the folder. It replaces one that an earlier attempt left, which other users may have open.
async fn begin(folder: PathBuf, draft: PathBuf) -> io::Result<std::fs::File> {
    let work = move || {
        private::make_folder(&folder)?;
        match std::fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        private::make_file(&draft)
    };
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

impl From<MessageError> for SendOutcome {
    fn from(refused: MessageError) -> Self {
        let response = refused.to_string();
        match refused {
            MessageError::To => Self::Failed { response },
            // these come from the settings or from Vestibule, and the recipient can't help it
            MessageError::From | MessageError::ReplyTo | MessageError::MessageId | MessageError::Form(_) => {
                Self::Deferred { response, our_fault: true }
            }
        }
    }
}
