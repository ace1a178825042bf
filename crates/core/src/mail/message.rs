//! A mail as it is transmitted: headers, plain text and HTML.

use super::wording::one_line;
use base64::{Engine, engine::general_purpose::STANDARD};
use lettre::{
    Address,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};
use sha2::{Digest, Sha256};
use std::{fmt::Write, time::SystemTime};
use vestibule_domain::{Instant, MailId};

const SUBJECT: HeaderName = HeaderName::new_from_ascii_str("Subject");
/// The header that keeps out-of-office programs from answering (RFC 3834).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");
/// The bytes that make 60 characters of base64: an encoded word has at most 75 (RFC 2047, 2).
const ENCODED_WORD_BYTES: usize = 45;

/// One mail to one recipient. Fields are not checked until [`MailMessage::raw`], which rejects what can't be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailMessage {
    /// The recipient's email address, without a name.
    pub to: String,
    /// The configured mailbox, like `Vestibule <vestibule@example.org>`. Its address is also the envelope's.
    pub from: String,
    /// The display name in place of the configured one.
    pub from_name: Option<String>,
    /// The email address for replies, without a name.
    pub reply_to: Option<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The Message-ID without `<` and `>`. It is the same for every attempt, so that a mail that arrives twice is shown
    /// once. See [`message_id`].
    pub message_id: String,
    pub date: Instant,
}

/// The field that makes a message impossible to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("The recipient is not an address that mail can be sent to.")]
    To,
    #[error("The sender is not a mailbox, like Vestibule <vestibule@example.org>: check VESTIBULE_MAIL_FROM.")]
    From,
    #[error("The reply address is not an address that mail can be sent to.")]
    ReplyTo,
    #[error("The message id contains a character that is not allowed.")]
    MessageId,
    #[error("The mail could not be built: {0}")]
    Form(&'static str),
}

/// Returns the Message-ID of a mail of the outbox, without `<` and `>`: `<mail id>@<host>`, where the host has no port.
pub fn message_id(mail: MailId, public_host: &str) -> String {
    let host = match public_host.split_once(']') {
        Some((ipv6, _)) => format!("{ipv6}]"),
        None => public_host.split([':', '/']).next().unwrap_or(public_host).to_owned(),
    };
    format!("{mail}@{host}")
}

impl MailMessage {
    /// Returns the sender as people read it: `Ada Byrne via Saltmarsh Press <vestibule@example.org>`.
    pub fn sender(&self) -> String {
        match (self.sender_name(), self.from.parse::<Mailbox>()) {
            (Some(name), Ok(from)) => format!("{name} <{}>", from.email),
            _ => self.from.clone(),
        }
    }

    /// Returns the headers and both parts in 7-bit encoding with CRLF line ends. The same message gives the same bytes.
    pub fn raw(&self) -> Result<Vec<u8>, MessageError> {
        Ok(self.built()?.formatted())
    }

    /// Builds the message for lettre, or returns the field that can't be sent.
    pub(super) fn built(&self) -> Result<lettre::Message, MessageError> {
        let to = address(&self.to).ok_or(MessageError::To)?;
        let from: Mailbox = self.from.parse().map_err(|_| MessageError::From)?;
        let _ = address(from.email.as_ref()).ok_or(MessageError::From)?;
        let from = match self.sender_name() {
            Some(name) => Mailbox::new(Some(name), from.email),
            None => from,
        };
        let mut builder = lettre::Message::builder()
            .message_id(Some(format!("<{}>", self.checked_id()?)))
            .date(SystemTime::from(self.date))
            .from(from)
            .to(Mailbox::new(None, to))
            .raw_header(subject(&one_line(&self.subject)))
            .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()));
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(Mailbox::new(None, address(reply_to).ok_or(MessageError::ReplyTo)?));
        }
        builder.multipart(self.parts()).map_err(|_| MessageError::Form("lettre refused its headers"))
    }

    fn sender_name(&self) -> Option<String> {
        self.from_name.as_deref().map(one_line).filter(|name| !name.is_empty())
    }

    fn parts(&self) -> MultiPart {
        MultiPart::alternative()
            .boundary(self.boundary())
            .singlepart(SinglePart::plain(self.text.clone()))
            .singlepart(SinglePart::html(self.html.clone()))
    }

    /// Returns the boundary of the parts. It depends on their content, so that nobody can write one into a text.
    fn boundary(&self) -> String {
        let digest = Sha256::new().chain_update(&self.message_id).chain_update(&self.text).chain_update(&self.html);
        digest.finalize().iter().take(16).fold(String::from("vestibule-"), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
    }

    fn checked_id(&self) -> Result<&str, MessageError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-_@[]:".contains(c);
        let id = self.message_id.as_str();
        (id.len() <= 200 && id.contains('@') && id.chars().all(plain)).then_some(id).ok_or(MessageError::MessageId)
    }
}

/// Parses an email address, if it can be used unchanged in a header and in a command.
fn address(text: &str) -> Option<Address> {
    let plain = text.chars().all(|c| c.is_ascii_graphic() && !"<>()\",;\\".contains(c));
    plain.then(|| text.parse().ok()).flatten()
}

/// Returns the subject's header. A text that looks like an encoded word (RFC 2047) is encoded as a whole, because it
/// would be shown decoded otherwise.
fn subject(text: &str) -> HeaderValue {
    if !text.contains("=?") {
        return HeaderValue::new(SUBJECT, text.to_owned());
    }
    let mut words = vec![String::new()];
    for c in text.chars() {
        if words.last().is_some_and(|word| word.len() + c.len_utf8() > ENCODED_WORD_BYTES) {
            words.push(String::new());
        }
        words.last_mut().expect("there is one from the start").push(c);
    }
    let encoded = words.iter().map(|word| format!("=?utf-8?b?{}?=", STANDARD.encode(word))).collect::<Vec<_>>();
    HeaderValue::dangerous_new_pre_encoded(SUBJECT, text.to_owned(), encoded.join("\r\n "))
}
