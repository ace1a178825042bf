//! Mail: letters as words, messages as bytes, and conversations with a mail server that misbehaves to order.

#![expect(clippy::unwrap_used, reason = "what a test can’t go on without fails it here")]

mod letters;
mod mailer;
mod message;
mod sender;
mod smtp;
mod smtp_trust;
