//! A facade as the rest of the product knows it: what it is called, where it is, what its clients are told.

use crate::domain::{ApiKey, Arrival, Organization, Surface, UserId};
use crate::service::Settings;

/// One for each facade; see `facade::VENDORS`.
pub struct Vendor {
    pub surface: Surface,
    /// As people call it.
    pub name: &'static str,
    /// Where it is below the public address, like `/clerk`.
    pub root: &'static str,
    /// What a client is configured with, in the vendor's words.
    pub credentials: fn(&Connection<'_>) -> Vec<Credential>,
    /// Working code in the vendor's clients.
    pub snippets: &'static [Snippet],
    pub handover: Handover,
}

/// A new key, and whom and what it was made for.
pub struct Connection<'a> {
    pub organization: &'a Organization,
    pub key: &'a ApiKey,
    /// The key itself, which is shown this once.
    pub token: &'a str,
    /// What stands for it for a while.
    pub access_token: &'a str,
    /// In whose name the client may invite.
    pub person: Option<UserId>,
}

/// One line of a client's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// As `vestibule key create --json` and the snippets name it.
    pub name: &'static str,
    /// As people call it.
    pub label: &'static str,
    pub value: String,
    /// Whether who has it can act.
    pub is_secret: bool,
}

/// A program that invites somebody, in one of the vendor's clients.
pub struct Snippet {
    /// The client's package, with its version.
    pub client: &'static str,
    pub language: &'static str,
    /// How to install it.
    pub install: &'static str,
    /// With `{{base_url}}` and `{{name}}` where the address and the public credentials go. Secrets come from the
    /// environment, under their names in capitals.
    pub text: &'static str,
}

/// How a site that gets an invitee back is told who it is: names of the query's parts.
#[derive(Clone, Copy)]
pub struct Handover {
    pub ticket: &'static str,
    pub status: &'static str,
    pub word: fn(Arrival) -> &'static str,
}

impl Handover {
    /// Vestibule's own.
    pub const NATIVE: Self = Self { ticket: "ticket", status: "status", word: Arrival::as_str };
}

impl Vendor {
    /// The address that clients are given: at a host name of its own where it has one.
    pub fn base_url(&self, settings: &Settings) -> String {
        match settings.facade_host(self.surface) {
            Some(host) => format!("{}://{host}", if settings.is_https() { "https" } else { "http" }),
            None => settings.url(self.root),
        }
    }
}

impl Snippet {
    /// With the address and the credentials that are no secrets filled in.
    pub fn filled(&self, base_url: &str, credentials: &[Credential]) -> String {
        let filled = self.text.replace("{{base_url}}", base_url);
        let public = credentials.iter().filter(|credential| !credential.is_secret);
        public.fold(filled, |text, credential| text.replace(&format!("{{{{{}}}}}", credential.name), &credential.value))
    }
}
