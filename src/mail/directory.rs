//! Mail as files: `<message id>.eml`, which mail programs open.

use super::{Message, MessageRefused};
use crate::domain::Delivery;
use std::{io, path::Path};
use tokio::{fs, io::AsyncWriteExt};

/// Writes the mail under another name first: whoever watches the folder never reads half of one. Sent again it
/// takes the place of the earlier try.
pub async fn keep(folder: &Path, message: &Message) -> Delivery {
    let raw = match message.raw() {
        Ok(raw) => raw,
        Err(refused) => return refused.into(),
    };
    let name = format!("{}.eml", message.message_id);
    match write(folder, &name, &raw).await {
        Ok(()) => Delivery::Sent { response: format!("Written to {name}.") },
        Err(error) => Delivery::Deferred {
            response: format!("The folder for mail can’t be written to: {error}."),
            our_fault: true,
        },
    }
}

async fn write(folder: &Path, name: &str, raw: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder).await?;
    let draft = folder.join(format!(".{name}.part"));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    // it holds links that let people in
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(&draft).await?;
    file.write_all(raw).await?;
    file.sync_all().await?;
    fs::rename(&draft, folder.join(name)).await
}

impl From<MessageRefused> for Delivery {
    fn from(refused: MessageRefused) -> Self {
        let response = refused.to_string();
        match refused {
            MessageRefused::To => Self::Failed { response },
            // these come from settings and from us, and the recipient can't help it
            MessageRefused::From | MessageRefused::ReplyTo | MessageRefused::MessageId | MessageRefused::Form(_) => {
                Self::Deferred { response, our_fault: true }
            }
        }
    }
}
