//! Mail by SMTP: connections are kept for the next mail, every step has a time limit, and answers are interpreted.
//!
//! lettre implements the protocol, but its own transport and pool are not used. That pool takes a connection back in
//! the middle of an answer when a caller stops waiting, so that the next mail reads the answers of the last one, and it
//! has no limit for a server that never answers.

mod address;
mod conversation;
mod verdict;

pub use address::SmtpUrlError;

use super::{Handover, MailMessage, MessageError};
use address::Server;
use conversation::Conversation;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout};
use verdict::SmtpError;
use vestibule_domain::SendOutcome;

/// A mail server, and the connections to it. Clones share them.
#[derive(Clone)]
pub struct Smtp(Arc<Inner>);

struct Inner {
    server: Server,
    limits: SmtpLimits,
    idle: Mutex<Vec<(Instant, Conversation)>>,
}

/// The time limits for the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmtpLimits {
    /// The limit for connecting. A server that is up answers in less than a second.
    pub connect: Duration,
    /// The limit for each answer: servers that check a mail before they accept it need some seconds.
    pub command: Duration,
    /// The limit for one whole mail. The worker's lease is longer, so no other worker takes a mail that is still being
    /// sent.
    pub total: Duration,
}

impl Default for SmtpLimits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), command: Duration::from_secs(30), total: Duration::from_secs(60) }
    }
}

/// The number of connections kept between mails. When more mails are sent at once, more are opened and closed
/// afterwards.
const MAX_IDLE: usize = 4;
/// The time after which, if the server is not ready, the caller is asked again whether the mail is wanted.
const FRESH: Duration = Duration::from_millis(200);
/// The time that an idle connection is kept. It is shorter than most servers wait, which is a minute or more.
const IDLE_LIMIT: Duration = Duration::from_secs(30);

impl Smtp {
    /// Reads the forms of `VESTIBULE_SMTP_URL`:
    ///
    /// - `smtp://user:password@mail.example.org:587`: STARTTLS, without which nothing is sent. Port 587 if none is given.
    /// - `smtps://user:password@mail.example.org:465`: TLS from the start. Port 465 if none is given.
    /// - `smtp://localhost:25?tls=none`: unencrypted. Port 25 if none is given. Credentials only to this machine.
    ///
    /// `?ca=/path/to/ca.pem` trusts the certificates in that file in addition to the well-known ones. User and password
    /// are percent-encoded if they contain `:`, `@`, `/`, `?`, `#` or `%`. This opens no connection.
    pub fn new(url: &str) -> Result<Self, SmtpUrlError> {
        Ok(Self::with(Server::parse(url)?, SmtpLimits::default()))
    }

    /// Returns the same server with other limits and no connections.
    #[must_use]
    pub fn with_limits(self, limits: SmtpLimits) -> Self {
        Self::with(self.0.server.clone(), limits)
    }

    fn with(server: Server, limits: SmtpLimits) -> Self {
        Self(Arc::new(Inner { server, limits, idle: Mutex::default() }))
    }

    /// Makes one attempt to send, for at most [`SmtpLimits::total`]. When the server takes long to be ready, the mail
    /// is the one that `again` returns; without one, nothing is sent. Dropping the future closes the connection.
    pub async fn send<E>(
        &self,
        message: &MailMessage,
        handover: &Handover,
        again: impl AsyncFnOnce() -> Result<Option<MailMessage>, E>,
    ) -> Result<Option<SendOutcome>, E> {
        if let Err(refused) = message.built() {
            return Ok(Some(refused.into()));
        }
        let limit = self.0.limits.total;
        let answer = match timeout(limit, self.0.deliver(message, handover, again)).await {
            Ok(answer) => answer?,
            Err(_) => ConversationOutcome::Troubled(SmtpError::TookTooLong(limit)),
        };
        Ok(match answer {
            ConversationOutcome::Taken(response) => {
                Some(SendOutcome::Sent { response: self.0.server.redact(&response) })
            }
            ConversationOutcome::Troubled(trouble) => Some(trouble.verdict(&self.0.server)),
            ConversationOutcome::Unfit(refused) => Some(refused.into()),
            ConversationOutcome::Nothing => None,
        })
    }
}

/// The result of a conversation.
enum ConversationOutcome {
    /// The server accepted the mail, with this answer.
    Taken(String),
    Troubled(SmtpError),
    /// The mail can't be built.
    Unfit(MessageError),
    /// The mail was no longer wanted.
    Nothing,
}

impl Inner {
    async fn deliver<E>(
        &self,
        message: &MailMessage,
        handover: &Handover,
        again: impl AsyncFnOnce() -> Result<Option<MailMessage>, E>,
    ) -> Result<ConversationOutcome, E> {
        let begun = Instant::now();
        let mut conversation = match self.conversation().await {
            Ok(conversation) => conversation,
            Err(trouble) => return Ok(ConversationOutcome::Troubled(trouble)),
        };
        let by_now = if begun.elapsed() < FRESH { Some(message.clone()) } else { again().await? };
        let message = match by_now.map(|message| message.built()) {
            Some(Ok(message)) => message,
            unfit => {
                self.keep(conversation);
                return Ok(unfit
                    .and_then(Result::err)
                    .map_or(ConversationOutcome::Nothing, ConversationOutcome::Unfit));
            }
        };
        match conversation.deliver(&message, handover).await {
            Ok(response) => {
                self.keep(conversation);
                Ok(ConversationOutcome::Taken(response))
            }
            Err(trouble) => {
                conversation.close();
                Ok(ConversationOutcome::Troubled(trouble))
            }
        }
    }

    async fn conversation(&self) -> Result<Conversation, SmtpError> {
        match self.kept().await {
            Some(conversation) => Ok(conversation),
            None => Conversation::open(&self.server, &self.limits).await,
        }
    }

    /// Returns a kept connection that still answers.
    async fn kept(&self) -> Option<Conversation> {
        loop {
            let (since, mut conversation) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if since.elapsed() < IDLE_LIMIT && conversation.is_alive().await {
                return Some(conversation);
            }
            conversation.close();
        }
    }

    fn keep(&self, conversation: Conversation) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        match idle.len() < MAX_IDLE {
            true => idle.push((Instant::now(), conversation)),
            false => conversation.close(),
        }
    }
}

/// Shows the server and nothing secret.
impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp({})", self.0.server)
    }
}
