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
use crate::telemetry::{metrics, traces};
use std::{path::PathBuf, time::Instant};
use tracing::{Instrument, Span};

/// The conversation about one mail, without whom it is for and what was said.
fn span() -> Span {
    tracing::info_span!(
        target: traces::TARGET,
        "mail",
        otel.name = "send mail",
        otel.kind = "client",
        mail.outcome = tracing::field::Empty,
        otel.status_code = tracing::field::Empty,
    )
}

fn tell(span: &Span, delivery: &Delivery) {
    let outcome = match delivery {
        Delivery::Sent { .. } => "sent",
        Delivery::Deferred { .. } => "deferred",
        Delivery::Failed { .. } => "failed",
    };
    span.record("mail.outcome", outcome);
    if outcome != "sent" {
        traces::failed(span);
    }
}

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
        let (begun, span) = (Instant::now(), span());
        let delivery = match self {
            Self::Smtp(smtp) => smtp.send(message).instrument(span.clone()).await,
            Self::Directory(folder) => directory::keep(folder, message).await,
            Self::Memory(memory) => memory.send(message),
        };
        metrics::mail_handed_over(begun.elapsed());
        tell(&span, &delivery);
        delivery
    }
}
