//! A mail as it goes over the wire: headers, plain text and its HTML twin.

use crate::domain::{Instant, MailId};
use lettre::{
    Address,
    address::Envelope,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{Header, HeaderName, HeaderValue},
    },
};
use sha2::{Digest, Sha256};
use std::{fmt::Write, time::SystemTime};

/// One mail to one recipient. Every field may hold anything: what can't be sent is refused by [`Message::raw`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The address alone, without a name.
    pub to: String,
    /// The configured mailbox, like `Vestibule <vestibule@example.org>`. Its address is also the envelope's.
    pub from: String,
    /// A mailbox that answers go to.
    pub reply_to: Option<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Without `<` and `>`; the same for every try, so that a mail that came twice shows as one. See [`message_id`].
    pub message_id: String,
    pub date: Instant,
}

/// Which field holds what no mail can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageRefused {
    #[error("The recipient is not an address that mail can be sent to.")]
    To,
    #[error("The sender is not a mailbox, like Vestibule <vestibule@example.org>: check VESTIBULE_MAIL_FROM.")]
    From,
    #[error("The address for answers is not a mailbox.")]
    ReplyTo,
    #[error("The message id holds a character that none may.")]
    MessageId,
    #[error("The mail could not be put together: {0}")]
    Form(&'static str),
}

/// The Message-ID of a mail of the outbox, without `<` and `>`: `<mail id>@<host of the public URL>`.
pub fn message_id(mail: MailId, public_url: &str) -> String {
    let url = url::Url::parse(public_url).ok();
    let host = url.as_ref().and_then(url::Url::host_str).unwrap_or("localhost");
    format!("{mail}@{host}")
}

impl Message {
    /// Headers and both parts, in 7 bits with CRLF at the line ends. The same message gives the same bytes.
    pub fn raw(&self) -> Result<Vec<u8>, MessageRefused> {
        Ok(self.built()?.formatted())
    }

    /// Sender and recipient as the mail server is told them.
    pub(super) fn envelope(&self) -> Result<Envelope, MessageRefused> {
        Ok(self.built()?.envelope().clone())
    }

    fn built(&self) -> Result<lettre::Message, MessageRefused> {
        let to: Address = self.to.parse().map_err(|_| MessageRefused::To)?;
        let from = mailbox(&self.from).ok_or(MessageRefused::From)?;
        let mut builder = lettre::Message::builder()
            .message_id(Some(format!("<{}>", self.checked_id()?)))
            .date(SystemTime::from(self.date))
            .from(from)
            .to(Mailbox::new(None, to))
            .subject(super::wording::one_line(&self.subject))
            .header(AutoSubmitted);
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(mailbox(reply_to).ok_or(MessageRefused::ReplyTo)?);
        }
        builder.multipart(self.parts()).map_err(|_| MessageRefused::Form("lettre refused its headers"))
    }

    fn parts(&self) -> MultiPart {
        MultiPart::alternative()
            .boundary(self.boundary())
            .singlepart(SinglePart::plain(self.text.clone()))
            .singlepart(SinglePart::html(self.html.clone()))
    }

    /// Depends on all that stands between the boundaries, so that nobody can write one into their own words.
    fn boundary(&self) -> String {
        let digest = Sha256::new().chain_update(&self.message_id).chain_update(&self.text).chain_update(&self.html);
        digest.finalize().iter().take(16).fold(String::from("vestibule-"), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
    }

    fn checked_id(&self) -> Result<&str, MessageRefused> {
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-_@[]:".contains(c);
        let id = self.message_id.as_str();
        (id.len() <= 200 && id.contains('@') && id.chars().all(plain)).then_some(id).ok_or(MessageRefused::MessageId)
    }
}

/// A mailbox whose name holds nothing but what shows.
fn mailbox(text: &str) -> Option<Mailbox> {
    let mut mailbox: Mailbox = text.parse().ok()?;
    mailbox.name = mailbox.name.map(|name| super::wording::one_line(&name)).filter(|name| !name.is_empty());
    Some(mailbox)
}

/// RFC 3834: keeps out-of-office programs from answering.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
