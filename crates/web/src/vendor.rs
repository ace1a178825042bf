//! A facade as the rest of the product knows it: its name, its place, and what its clients need.

use vestibule_core::service::Settings;
use vestibule_domain::{AcceptanceKind, ApiKey, Organization, Surface, UserId};

/// The description of a facade; see `vendors` of the facades.
pub struct Vendor {
    pub surface: Surface,
    /// The vendor's usual name.
    pub name: &'static str,
    /// The path of the facade below the public address, like `/clerk`.
    pub root: &'static str,
    /// Returns what a client is configured with, in the vendor's words.
    pub credentials: fn(&Connection<'_>) -> Vec<Credential>,
    /// Working code for the vendor's clients.
    pub snippets: &'static [Snippet],
    /// How a site learns who the invitee is that it gets back.
    pub redirect_params: RedirectParams,
}

/// A new key, and the organization and person that it was created for.
pub struct Connection<'a> {
    pub organization: &'a Organization,
    pub key: &'a ApiKey,
    /// The key itself, which is shown only now.
    pub token: &'a str,
    /// A token that stands for the key for a while.
    pub access_token: &'a str,
    /// The person in whose name the client may invite.
    pub person: Option<UserId>,
}

/// One line of a client's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The name in `vestibule key create --json` and in the snippets.
    pub name: &'static str,
    /// The usual name for people.
    pub label: &'static str,
    pub value: String,
    /// Whether its holder can act with it.
    pub is_secret: bool,
}

/// A program that invites somebody through one of the vendor's clients.
pub struct Snippet {
    /// The package of the client, with its version.
    pub client: &'static str,
    pub language: &'static str,
    /// The command that installs it.
    pub install: &'static str,
    /// The code, with `{{base_url}}` and `{{name}}` in place of the address and the public credentials. Secrets come
    /// from environment variables with the credentials' names in capitals.
    pub text: &'static str,
}

/// How a site that gets an invitee back learns who it is: the names of the query parameters.
#[derive(Clone, Copy)]
pub struct RedirectParams {
    pub ticket: &'static str,
    pub status: &'static str,
    pub word: fn(AcceptanceKind) -> &'static str,
}

impl RedirectParams {
    /// The names of Vestibule itself.
    pub const NATIVE: Self = Self { ticket: "ticket", status: "status", word: AcceptanceKind::as_str };
}

impl Vendor {
    /// Returns the address that clients are configured with. It has the facade's own host name if there is one.
    pub fn base_url(&self, settings: &Settings) -> String {
        match settings.facade_host(self.surface) {
            Some(host) => format!("{}://{host}", if settings.is_https() { "https" } else { "http" }),
            None => settings.url(self.root),
        }
    }

    /// Returns the place of the facade in short: its host name if it has one, else its path.
    pub fn place<'a>(&self, settings: &'a Settings) -> &'a str {
        settings.facade_host(self.surface).unwrap_or(self.root)
    }
}

impl Credential {
    /// Returns the name of the environment variable that snippets read it from.
    pub fn variable(&self) -> String {
        self.name.to_ascii_uppercase()
    }
}

impl Snippet {
    /// Returns the code with the address filled in, and `<name>` in place of the credentials.
    pub fn outline(&self, base_url: &str) -> String {
        let filled = self.filled(base_url, &[]);
        let mut parts = filled.split("{{");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| match part.split_once("}}") {
            Some((name, rest)) if is_name(name) => format!("{text}<{name}>{rest}"),
            // braces that belong to the code
            Some(_) | None => format!("{text}{{{{{part}"),
        })
    }

    /// Returns the secrets that the code reads from its environment.
    pub fn secrets<'a>(&self, credentials: &'a [Credential]) -> Vec<&'a Credential> {
        let asks_for = |credential: &&Credential| credential.is_secret && self.text.contains(&credential.variable());
        credentials.iter().filter(asks_for).collect()
    }

    /// Returns the code with the address and the public credentials filled in.
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
