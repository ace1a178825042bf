//! Where an invitee may be sent after accepting: only to origins that the organization has listed.

use super::Violation;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};
use url::{Host, Url};

/// A scheme, a host and an optional port, like `https://app.example`. The scheme `http` is allowed for this machine
/// only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Origin(String);

/// An absolute web address (`http` or `https`) without a user name or password in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RedirectUrl(String);

/// The invitee's language as a BCP 47 tag, like `de` or `pt-BR`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Locale(String);

impl Origin {
    /// The number of origins that an organization may list.
    pub const MAX: usize = 50;

    /// Parses an origin. Returns a violation if the text has a path, or is `http` for another machine.
    pub fn parse(field: impl Into<Cow<'static, str>>, text: &str) -> Result<Self, Violation> {
        let sentence = "Write an origin like https://app.example, without a path. http is for this machine only.";
        let refused = Violation::new(field, "origin", sentence);
        let Some(url) = web(text) else { return Err(refused) };
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let is_safe = url.scheme() == "https" || is_this_machine(&url);
        if is_bare && is_safe { Ok(Self(url.origin().ascii_serialization())) } else { Err(refused) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl RedirectUrl {
    pub const MAX_BYTES: usize = 2_000;

    /// Parses an address whose origin is one of `allowed`. Whole origins are compared, never prefixes of the text.
    pub fn parse(field: &'static str, text: &str, allowed: &[Origin]) -> Result<Self, Violation> {
        let sentence = "Write an address like https://app.example/welcome.";
        let url = web(text).ok_or_else(|| Violation::new(field, "redirect_url", sentence))?;
        let origin = url.origin().ascii_serialization();
        if !allowed.iter().any(|allowed| allowed.as_str() == origin) {
            let sentence = "The organization’s settings don’t list this origin. Add it there first.";
            return Err(Violation::new(field, "redirect_origin", sentence));
        }
        Ok(Self(url.into()))
    }

    pub fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the scheme, host and port.
    pub fn origin(&self) -> String {
        Url::parse(&self.0).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }

    /// Returns the address with two more parameters in its query.
    pub fn with(&self, first: (&str, &str), second: (&str, &str)) -> String {
        let Ok(mut url) = Url::parse(&self.0) else { return self.0.clone() };
        url.query_pairs_mut().append_pair(first.0, first.1).append_pair(second.0, second.1);
        url.into()
    }
}

impl Locale {
    /// Parses a language tag. Only its form is checked (RFC 5646, 2.1, without private use).
    pub fn parse(field: &'static str, text: &str) -> Result<Self, Violation> {
        let mut parts = text.split('-');
        let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
        let language = parts.next().is_some_and(|part| (2..=3).contains(&part.len()) && letters(part));
        let rest = parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
        if !language || !rest || text.len() > 35 {
            return Err(Violation::new(field, "locale", "Write a language tag like de or pt-BR."));
        }
        Ok(Self(text.to_owned()))
    }

    pub fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Parses a web address, but only one that all parsers of URLs read the same way.
fn web(text: &str) -> Option<Url> {
    let strange = |c: char| c.is_control() || c.is_whitespace() || c == '\\' || c == '@';
    let authority = text.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(rest));
    if text.len() > RedirectUrl::MAX_BYTES
        || text.contains(|c: char| c.is_control() || c == '\\')
        || authority.contains(strange)
    {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && text.starts_with(&format!("{}://", url.scheme()));
    // a host that is spelled differently from how it is parsed (full-width dots, an IP address as one number) is a
    // disguise
    let is_plain =
        authority.is_ascii() && url.host_str().is_some_and(|host| authority.to_lowercase().starts_with(host));
    let has_user = !url.username().is_empty() || url.password().is_some();
    (is_web && is_plain && !has_user).then_some(url)
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_go_only_where_the_organization_allowed() {
        let allowed = [Origin::parse("origin", "https://app.example").unwrap()];
        let parse = |text: &str| RedirectUrl::parse("redirect_url", text, &allowed);
        for text in [
            "https://app.example",
            "https://app.example/a?b=c#d",
            "https://APP.example:443/",
            "https://app.example/a@b",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
        for text in [
            "//evil.example",
            "/\\evil.example",
            "https:evil.example",
            "https:app.example",
            "https://app.example@evil.example",
            "https://user@app.example",
            "https://app.example.evil.tld",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://app.ex\tample",
            "https://app.example\n",
            "https:%2f%2fapp.example",
            "https://app.example:444",
            "http://app.example",
            "https://app\u{3002}example",
            "https://аpp.example",
            "https://app.example\\@evil.example",
            "",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_is_added_stands_in_the_query() {
        let url = |text: &str| RedirectUrl::stored(text.to_owned());
        let with = |text: &str| url(text).with(("ticket", "t"), ("status", "s"));
        assert_eq!(with("https://app.example/"), "https://app.example/?ticket=t&status=s");
        assert_eq!(with("https://app.example/a?b=c#d"), "https://app.example/a?b=c&ticket=t&status=s#d");
        assert_eq!(url("https://app.example:444/a").origin(), "https://app.example:444");
    }

    #[test]
    fn origins_are_bare_and_safe() {
        for text in ["https://app.example", "https://app.example/", "http://localhost:8080", "http://127.0.0.1:3000"] {
            assert!(Origin::parse("origin", text).is_ok(), "{text}");
        }
        for text in ["http://app.example", "https://app.example/x", "https://app.example?x", "app.example", "*"] {
            assert!(Origin::parse("origin", text).is_err(), "{text}");
        }
    }

    #[test]
    fn locales_are_language_tags() {
        for text in ["de", "pt-BR", "zh-Hant-TW"] {
            assert!(Locale::parse("locale", text).is_ok(), "{text}");
        }
        for text in ["", "d", "german", "de_DE", "de-", "../x"] {
            assert!(Locale::parse("locale", text).is_err(), "{text}");
        }
    }
}
