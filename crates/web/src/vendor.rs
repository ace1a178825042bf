//! A facade as the rest of the product knows it: what it is called, where it is, what its clients are told.

use vestibule_core::service::Settings;
use vestibule_domain::{ApiKey, Arrival, Organization, Surface, UserId};

/// One for each facade; see `vendors` of the facades.
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

    /// Where it is, in short: its host name where it has one, else its path.
    pub fn place<'a>(&self, settings: &'a Settings) -> &'a str {
        settings.facade_host(self.surface).unwrap_or(self.root)
    }
}

impl Credential {
    /// What snippets call it in their environment.
    pub fn variable(&self) -> String {
        self.name.to_ascii_uppercase()
    }
}

impl Snippet {
    /// With the address filled in, and `<name>` where the credentials will be.
    pub fn outline(&self, base_url: &str) -> String {
        let filled = self.filled(base_url, &[]);
        let mut parts = filled.split("{{");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| match part.split_once("}}") {
            Some((name, rest)) if is_name(name) => format!("{text}<{name}>{rest}"),
            // braces of the program's own
            Some(_) | None => format!("{text}{{{{{part}"),
        })
    }

    /// The secrets that it looks for in its environment.
    pub fn secrets<'a>(&self, credentials: &'a [Credential]) -> Vec<&'a Credential> {
        let asks_for = |credential: &&Credential| credential.is_secret && self.text.contains(&credential.variable());
        credentials.iter().filter(asks_for).collect()
    }

    /// With the address and the credentials that are no secrets filled in.
    pub fn filled(&self, base_url: &str, credentials: &[Credential]) -> String {
        let filled = self.text.replace("{{base_url}}", base_url);
        let public = credentials.iter().filter(|credential| !credential.is_secret);
        public.fold(filled, |text, credential| text.replace(&format!("{{{{{}}}}}", credential.name), &credential.value))
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SNIPPET: Snippet = Snippet {
        client: "client 1",
        language: "JavaScript",
        install: "install client",
        text: r#"to("{{base_url}}", env.SECRET, "{{org}}", {a: {}}, `{{ 1 }}`)"#,
    };

    fn credential(name: &'static str, value: &str, is_secret: bool) -> Credential {
        Credential { name, label: name, value: value.to_owned(), is_secret }
    }

    #[test]
    fn a_snippet_has_the_public_credentials_and_asks_for_the_secret_ones() {
        let credentials = [credential("org", "org_1", false), credential("secret", "hush", true)];
        let filled = SNIPPET.filled("https://a.example", &credentials);
        assert_eq!(filled, r#"to("https://a.example", env.SECRET, "org_1", {a: {}}, `{{ 1 }}`)"#);
        assert_eq!(SNIPPET.secrets(&credentials), [&credentials[1]]);
        assert_eq!(SNIPPET.secrets(&[credential("other", "hush", true)]), [] as [&Credential; 0]);
    }

    #[test]
    fn an_outline_names_what_is_not_known_yet() {
        let outline = SNIPPET.outline("https://a.example");
        assert_eq!(outline, r#"to("https://a.example", env.SECRET, "<org>", {a: {}}, `{{ 1 }}`)"#);
    }
}
