//! Mail: letters as words, messages as bytes, and conversations with a mail server that misbehaves to order.

mod letters;
mod mailer;
mod message;
mod smtp;
