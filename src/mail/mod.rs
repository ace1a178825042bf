//! Mail: the letters and their templates, the message on the wire, and the ways by which it leaves.

mod contents;
mod directory;
mod letters;
mod memory;
mod message;
mod smtp;
mod wording;

pub use contents::{
    CodeLetter, Contents, InvitationAcceptedLetter, InvitationDeclinedLetter, InvitationLetter, PasswordChangedLetter,
    PasswordResetLetter, WebhookDisabledLetter,
};
pub use directory::keep_private;
pub use letters::{Letters, Rendered};
pub use memory::Memory;
pub use message::{Message, MessageRefused, message_id};
pub use smtp::{Limits, Smtp, SmtpUrlRefused};

use crate::domain::Delivery;
use std::path::PathBuf;

/// The way by which mail leaves.
#[derive(Clone, Debug)]
pub enum Mailer {
    /// To a mail server.
    Smtp(Smtp),
    /// Into a folder, one `<message id>.eml` each: for trying things out, and for end-to-end tests.
    Directory(PathBuf),
    /// Kept in memory: for tests.
    Memory(Memory),
}

impl Mailer {
    /// Tries once. Whatever goes wrong is in the answer; a caller only has to write it down and obey it.
    pub async fn send(&self, message: &Message) -> Delivery {
        match self {
            Self::Smtp(smtp) => smtp.send(message).await,
            Self::Directory(folder) => directory::keep(folder, message).await,
            Self::Memory(memory) => memory.send(message),
        }
    }
}
