//! How the mail server is to behave.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

/// The places of a conversation where the server can be told what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// After the mail itself.
    Content,
}

/// What the server does there.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Says this instead, like `451 4.7.1 Try again later`.
    Say(&'static str),
    /// The usual answer, but after this time.
    Late(Duration),
    /// Nothing, with the connection left open.
    Hang,
    /// Closes the connection.
    Drop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    Clear,
    StartTls,
    Wrapped,
}

/// How the server behaves. Without further words it takes every mail.
#[derive(Clone, Debug)]
pub struct Script {
    pub(super) security: Security,
    pub(super) credentials: Option<(String, String)>,
    pub(super) certified: &'static str,
    once: HashMap<Stage, VecDeque<Answer>>,
    always: HashMap<Stage, Answer>,
}

impl Script {
    /// No TLS at all.
    pub fn in_clear() -> Self {
        let (once, always) = (HashMap::new(), HashMap::new());
        Self { security: Security::Clear, credentials: None, certified: "localhost", once, always }
    }

    /// Offers STARTTLS and takes nothing before it.
    pub fn starttls() -> Self {
        Self { security: Security::StartTls, ..Self::in_clear() }
    }

    /// TLS from the first byte.
    pub fn wrapped() -> Self {
        Self { security: Security::Wrapped, ..Self::in_clear() }
    }

    /// Takes mail only from this user.
    pub fn sign_in(self, user: &str, password: &str) -> Self {
        Self { credentials: Some((user.to_owned(), password.to_owned())), ..self }
    }

    /// Shows a certificate for this host instead of `localhost`.
    pub fn certified_for(self, host: &'static str) -> Self {
        Self { certified: host, ..self }
    }

    /// Does this the next time; several are done in turn, by whichever connection comes there.
    pub fn once(mut self, stage: Stage, answer: Answer) -> Self {
        self.once.entry(stage).or_default().push_back(answer);
        self
    }

    /// Does this every time, after what is to be done once.
    pub fn always(mut self, stage: Stage, answer: Answer) -> Self {
        self.always.insert(stage, answer);
        self
    }

    /// What is to be done there now, other than the usual.
    pub(super) fn next(&mut self, stage: Stage) -> Option<Answer> {
        let once = self.once.get_mut(&stage).and_then(VecDeque::pop_front);
        once.or_else(|| self.always.get(&stage).cloned())
    }
}
