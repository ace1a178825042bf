//! Mail: the letters and their templates, the message, and the transports that send it.

mod contents;
mod directory;
mod handover;
mod letters;
mod memory;
mod message;
mod scheme;
mod smtp;
mod wording;

pub use contents::{
    CodeLetter, InvitationAcceptedLetter, InvitationDeclinedLetter, InvitationLetter, LetterContents,
    PasswordChangedLetter, PasswordResetLetter, WebhookDisabledLetter,
};
pub use directory::keep_private;
pub use handover::Handover;
pub use letters::{Letters, Rendered};
pub use memory::Memory;
pub use message::{MailMessage, MessageError, message_id};
pub use scheme::Scheme;
pub use smtp::{Smtp, SmtpLimits, SmtpUrlError};

use std::convert::Infallible;
use std::{path::PathBuf, time::Instant};
use tracing::{Instrument, Span};
use vestibule_domain::SendOutcome;
use vestibule_telemetry::{metrics, traces};

/// Returns the span of sending one mail, without its recipient and content.
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

/// Records the outcome in the span.
fn record_outcome(span: &Span, outcome: &SendOutcome) {
    let outcome = match outcome {
        SendOutcome::Sent { .. } => "sent",
        SendOutcome::Deferred { .. } => "deferred",
        SendOutcome::Failed { .. } => "failed",
    };
    span.record("mail.outcome", outcome);
    if outcome != "sent" {
        traces::failed(span);
    }
}

/// A transport for mails.
#[derive(Clone, Debug)]
pub enum Mailer {
    /// Sends to a mail server.
    Smtp(Smtp),
    /// Writes each mail to a folder, as `<message id>.eml`, for trials and end-to-end tests.
    Directory(PathBuf),
    /// Keeps mails in memory, for tests.
    Memory(Memory),
}

impl Mailer {
    /// Makes one attempt to send. Every failure is part of the result, which tells whether to try again.
    pub async fn send(&self, message: &MailMessage) -> SendOutcome {
        let again = async || Ok::<_, Infallible>(Some(message.clone()));
        match self.send_if_wanted(message, &Handover::default(), again).await {
            Ok(Some(outcome)) => outcome,
            Ok(None) => unreachable!("it is wanted"),
            Err(never) => match never {},
        }
    }

    /// Makes one attempt to send, and asks `again` for the mail if the server took long to be ready: a mail that is no
    /// longer wanted by then must not be sent. Returns `Ok(None)`, and sends nothing, when `again` returns no mail.
    pub async fn send_if_wanted<E>(
        &self,
        message: &MailMessage,
        handover: &Handover,
        again: impl AsyncFnOnce() -> Result<Option<MailMessage>, E>,
    ) -> Result<Option<SendOutcome>, E> {
        let (begun, span) = (Instant::now(), span());
        let outcome = self.hand_over(message, handover, again).instrument(span.clone()).await;
        if let Ok(Some(outcome)) = &outcome {
            metrics::mail_handed_over(begun.elapsed());
            record_outcome(&span, outcome);
        }
        outcome
    }

    async fn hand_over<E>(
        &self,
        message: &MailMessage,
        handover: &Handover,
        again: impl AsyncFnOnce() -> Result<Option<MailMessage>, E>,
    ) -> Result<Option<SendOutcome>, E> {
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
