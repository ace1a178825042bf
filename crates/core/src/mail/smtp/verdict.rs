//! The meaning of a failed attempt: what becomes of the mail, and how the outbox explains it.

use super::address::{Server, Tls};
use lettre::transport::smtp::{Error, response::Code};
use std::{error::Error as _, io, time::Duration};
use vestibule_domain::SendOutcome;

/// The stage that a conversation had reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The connection, TLS if it comes first, greeting and EHLO.
    Connect,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// The mail itself was handed over, and the answer is missing.
    Content,
}

/// The reason why a mail was not accepted.
#[derive(Debug)]
pub enum SmtpError {
    Refused(Stage, Error),
    /// There was no answer within this time.
    Silent(Stage, Duration),
    /// The settings require STARTTLS, and the server doesn't offer it.
    NoStartTls,
    /// Every answer came in time, but all of them together took too long.
    TookTooLong(Duration),
}

impl SmtpError {
    /// Checks whether the server itself rejected the mail.
    pub fn is_of_the_server(&self) -> bool {
        match self {
            Self::Refused(_, error) => error.status().is_some(),
            Self::Silent(..) | Self::NoStartTls | Self::TookTooLong(_) => false,
        }
    }

    /// Returns what the failure means for the mail. Only a permanent rejection of this very mail fails it. A rejection
    /// of Vestibule's sender or credentials is our fault: the mail waits until the settings are fixed. Everything else
    /// is tried again.
    pub fn verdict(self, server: &Server) -> SendOutcome {
        let deferred =
            |response: String| SendOutcome::Deferred { response: server.redact(&response), our_fault: false };
        let our_fault =
            |response: String| SendOutcome::Deferred { response: server.redact(&response), our_fault: true };
        match self {
            Self::NoStartTls => {
                our_fault(format!("The mail server {server} offers no STARTTLS, so nothing was sent to it in clear."))
            }
            Self::Silent(stage, limit) => {
                deferred(format!("The mail server {server} {} within {}.", stage.silence(), seconds(limit)))
            }
            Self::TookTooLong(limit) => {
                deferred(format!("The mail server {server} did not take the mail within {}.", seconds(limit)))
            }
            Self::Refused(Stage::Auth, error) if error.is_client() => {
                our_fault(format!("The mail server {server} offers no sign-in method that Vestibule supports."))
            }
            Self::Refused(stage, error) => match error.status() {
                Some(code) if error.is_permanent() => permanent(stage, code, &error, server),
                Some(code) => deferred(said(code, &error)),
                None if is_tls(&error) => our_fault(tls(&error, server)),
                None => deferred(format!("{} {server}: {}.", stage.loss(), cause(&error))),
            },
        }
    }
}

/// Returns the meaning of a permanent rejection (5xx).
fn permanent(stage: Stage, code: Code, error: &Error, server: &Server) -> SendOutcome {
    let words = said(code, error);
    let about_us = match stage {
        Stage::Connect => Some("refuses our connection"),
        Stage::StartTls => Some("refuses STARTTLS"),
        Stage::Auth => Some("refuses our user name or password"),
        Stage::Mail if !wants_credentials(code) => Some("refuses our sender’s address"),
        Stage::Mail | Stage::Rcpt | Stage::Data | Stage::Content => {
            wants_credentials(code).then_some("wants us to sign in first")
        }
    };
    match about_us {
        Some(what) => SendOutcome::Deferred {
            response: server.redact(&format!("The mail server {server} {what}: {words}")),
            our_fault: true,
        },
        None => SendOutcome::Failed { response: server.redact(&words) },
    }
}

/// Checks whether the code is about signing in, which 530, 534, 535 and 538 are at any stage (RFC 4954, 6).
fn wants_credentials(code: Code) -> bool {
    matches!(u16::from(code), 530 | 534 | 535 | 538)
}

/// Returns the server's answer, unchanged.
fn said(code: Code, error: &Error) -> String {
    match error.source() {
        Some(words) => format!("{code} {words}"),
        None => code.to_string(),
    }
}

/// Checks whether TLS failed. It is reported as an I/O error of this kind, whatever is wrong with the certificate or
/// the protocol.
fn is_tls(error: &Error) -> bool {
    error.is_tls() || io_error(error).is_some_and(|error| error.kind() == io::ErrorKind::InvalidData)
}

fn tls(error: &Error, server: &Server) -> String {
    let cause = cause(error);
    match (&server.tls, cause.contains("certificate")) {
        (_, true) => format!("The certificate of the mail server {server} is not trusted: {cause}."),
        (Tls::Wrapped(_), false) => {
            format!("TLS with the mail server {server} failed: {cause}. Does this port use TLS from the start?")
        }
        (_, false) => format!("TLS with the mail server {server} failed: {cause}."),
    }
}

fn io_error(error: &Error) -> Option<&io::Error> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            return Some(io);
        }
        source = error.source();
    }
    None
}

/// Returns the innermost cause; the outer ones say only that there was one.
fn cause(error: &Error) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string().trim_end_matches('.').to_owned()
}

fn seconds(limit: Duration) -> String {
    match limit.as_secs_f32() {
        1.0 => "a second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}

impl Stage {
    fn silence(self) -> &'static str {
        match self {
            Self::Connect => "did not greet",
            Self::StartTls => "did not respond to STARTTLS",
            Self::Auth => "did not respond to our credentials",
            Self::Mail => "did not respond to our sender’s address",
            Self::Rcpt => "did not respond to the recipient’s address",
            Self::Data => "did not respond to DATA",
            Self::Content => "did not confirm the mail",
        }
    }

    fn loss(self) -> &'static str {
        match self {
            Self::Connect => "Can’t reach the mail server",
            Self::StartTls | Self::Auth | Self::Mail | Self::Rcpt | Self::Data => {
                "Lost the connection to the mail server"
            }
            Self::Content => "Lost the connection before the mail was accepted by the mail server",
        }
    }
}
