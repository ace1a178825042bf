//! Mail by SMTP: connections that are kept for the next mail, limits in time, and what an answer means.
//!
//! lettre has the protocol; its own transport and pool are not used. That pool takes a conversation back in the
//! middle when a caller gives up waiting, so that the next mail reads the answers of the last; and it has no limit
//! for a server that never answers.

mod address;
mod conversation;
mod verdict;

pub use address::SmtpUrlRefused;

use super::{Handover, Message, MessageRefused};
use address::Server;
use conversation::Conversation;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout};
use verdict::Trouble;
use vestibule_domain::Delivery;

/// A mail server, and the connections to it. Clones share them.
#[derive(Clone)]
pub struct Smtp(Arc<Inner>);

struct Inner {
    server: Server,
    limits: Limits,
    idle: Mutex<Vec<(Instant, Conversation)>>,
}

/// How long to wait for the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For the connection to be made. A server that is up answers in less than a second.
    pub connect: Duration,
    /// For each answer: servers that check a mail before they take it need some seconds.
    pub command: Duration,
    /// For one mail in all. The worker's lease is longer, so nobody else takes up a mail that is still being sent.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), command: Duration::from_secs(30), total: Duration::from_secs(60) }
    }
}

/// Connections kept between mails; more are made when more mails leave at once, and closed after.
const MAX_IDLE: usize = 4;
/// When it takes longer until the server is ready, it is asked again whether the mail is wanted.
const FRESH: Duration = Duration::from_millis(200);
/// Shorter than servers wait: many hang up after a minute or more.
const IDLE_LIMIT: Duration = Duration::from_secs(30);

impl Smtp {
    /// Reads the forms of `VESTIBULE_SMTP_URL`:
    ///
    /// - `smtp://user:password@mail.example.org:587`: STARTTLS, without which nothing is sent. Port 587 if none is given.
    /// - `smtps://user:password@mail.example.org:465`: TLS from the start. Port 465 if none is given.
    /// - `smtp://localhost:25?tls=none`: in clear. Port 25 if none is given. With credentials only to this machine.
    ///
    /// `?ca=/path/to/ca.pem` trusts the certificates in that file beside the well-known ones. User and password are
    /// percent-encoded where they hold `:`, `@`, `/`, `?`, `#` or `%`. Nothing is sent, and no connection made.
    pub fn new(url: &str) -> Result<Self, SmtpUrlRefused> {
        Ok(Self::with(Server::parse(url)?, Limits::default()))
    }

    /// The same server with other limits and no connections.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self::with(self.0.server.clone(), limits)
    }

    fn with(server: Server, limits: Limits) -> Self {
        Self(Arc::new(Inner { server, limits, idle: Mutex::default() }))
    }

    /// Tries once, for [`Limits::total`] at most. When the server takes its time to be ready, `again` says what the mail
    /// is by then; without one nothing is sent. Dropped on the way, it closes its connection.
    pub async fn send<E>(
        &self,
        message: &Message,
        handover: &Handover,
        again: impl AsyncFnOnce() -> Result<Option<Message>, E>,
    ) -> Result<Option<Delivery>, E> {
        if let Err(refused) = message.built() {
            return Ok(Some(refused.into()));
        }
        let limit = self.0.limits.total;
        let answer = match timeout(limit, self.0.deliver(message, handover, again)).await {
            Ok(answer) => answer?,
            Err(_) => Outcome::Troubled(Trouble::TookTooLong(limit)),
        };
        Ok(match answer {
            Outcome::Taken(response) => Some(Delivery::Sent { response: self.0.server.redact(&response) }),
            Outcome::Troubled(trouble) => Some(trouble.verdict(&self.0.server)),
            Outcome::Unfit(refused) => Some(refused.into()),
            Outcome::Nothing => None,
        })
    }
}

/// What came of a conversation.
enum Outcome {
    /// The server's words.
    Taken(String),
    Troubled(Trouble),
    /// The mail can't be written as it is.
    Unfit(MessageRefused),
    /// There was no mail any more.
    Nothing,
}

impl Inner {
    async fn deliver<E>(
        &self,
        message: &Message,
        handover: &Handover,
        again: impl AsyncFnOnce() -> Result<Option<Message>, E>,
    ) -> Result<Outcome, E> {
        let begun = Instant::now();
        let mut conversation = match self.conversation().await {
            Ok(conversation) => conversation,
            Err(trouble) => return Ok(Outcome::Troubled(trouble)),
        };
        let by_now = if begun.elapsed() < FRESH { Some(message.clone()) } else { again().await? };
        let message = match by_now.map(|message| message.built()) {
            Some(Ok(message)) => message,
            unfit => {
                self.keep(conversation);
                return Ok(unfit.and_then(Result::err).map_or(Outcome::Nothing, Outcome::Unfit));
            }
        };
        match conversation.deliver(&message, handover).await {
            Ok(response) => {
                self.keep(conversation);
                Ok(Outcome::Taken(response))
            }
            Err(trouble) => {
                conversation.close();
                Ok(Outcome::Troubled(trouble))
            }
        }
    }

    async fn conversation(&self) -> Result<Conversation, Trouble> {
        match self.kept().await {
            Some(conversation) => Ok(conversation),
            None => Conversation::open(&self.server, &self.limits).await,
        }
    }

    /// A kept connection that still answers.
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

/// Names the server and nothing secret.
impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp({})", self.0.server)
    }
}
