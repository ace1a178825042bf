//! Mail: the letters and their templates, the message on the wire, and the ways by which it leaves.

mod contents;
mod directory;
mod handover;
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
pub use handover::Handover;
pub use letters::{Letters, Rendered};
pub use memory::Memory;
pub use message::{Message, MessageRefused, message_id};
pub use smtp::{Limits, Smtp, SmtpUrlRefused};

use std::convert::Infallible;
use std::{path::PathBuf, time::Instant};
use tracing::{Instrument, Span};
use vestibule_domain::Delivery;
use vestibule_telemetry::{metrics, traces};

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
        let again = async || Ok::<_, Infallible>(Some(message.clone()));
        match self.send_if_wanted(message, &Handover::default(), again).await {
            Ok(Some(delivery)) => delivery,
            Ok(None) => unreachable!("it is wanted"),
            Err(never) => match never {},
        }
    }

    /// The same, but asks once more for the mail when the server took its time to be ready for it: who waits long for a
    /// server to greet must not send what is not wanted any more by then. `Ok(None)` when `again` has no mail, and nothing was sent.
    pub async fn send_if_wanted<E>(
        &self,
        message: &Message,
        handover: &Handover,
        again: impl AsyncFnOnce() -> Result<Option<Message>, E>,
    ) -> Result<Option<Delivery>, E> {
        let (begun, span) = (Instant::now(), span());
        let delivery = self.hand_over(message, handover, again).instrument(span.clone()).await;
        if let Ok(Some(delivery)) = &delivery {
            metrics::mail_handed_over(begun.elapsed());
            tell(&span, delivery);
        }
        delivery
    }

    async fn hand_over<E>(
        &self,
        message: &Message,
        handover: &Handover,
        again: impl AsyncFnOnce() -> Result<Option<Message>, E>,
    ) -> Result<Option<Delivery>, E> {
        match self {
            Self::Smtp(smtp) => smtp.send(message, handover, again).await,
            Self::Directory(folder) => match again().await? {
                Some(message) => Ok(Some(directory::keep(folder, &message).await)),
                None => Ok(None),
            },
            Self::Memory(memory) => Ok(again().await?.map(|message| memory.send(&message))),
        }
    }
}
