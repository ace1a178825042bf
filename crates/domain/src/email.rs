//! Email addresses: which are accepted, how two are compared, how one is shown to strangers.
//!
//! Two email addresses are the same if their normal forms are equal: trimmed, local part in lower case, domain
//! converted by UTS 46 (non-transitional, STD3) to lower-case ASCII. `+tags` and dots are never removed.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An email address in both forms: `normal` identifies it, `typed` is what mail is sent to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EmailAddress {
    normal: String,
    typed: String,
}

/// The reason why a text is not accepted as an email address. `Display` is the sentence for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum EmailError {
    #[error("Write an email address, like ada@example.org.")]
    Empty,
    #[error("This is not an email address: it has no @.")]
    NoAt,
    #[error("This is not an email address: it has more than one @.")]
    Several,
    #[error("There is a comma after the @. Write a full stop instead.")]
    CommaInDomain,
    #[error("This contains a space or an invisible character.")]
    Invisible,
    #[error("Before the @, only letters a–z, digits and symbols work here.")]
    NonAsciiLocalPart,
    #[error("This is not an email address: mail servers don’t accept the part before the @.")]
    LocalPart,
    #[error("The part before the @ is longer than 64 characters.")]
    LocalPartTooLong,
    #[error("The email address is longer than 254 characters.")]
    TooLong,
    #[error("This is not an email address: the part after the @ is not a domain, like example.org.")]
    Domain,
}

impl EmailError {
    /// Returns the stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NoAt => "no_at",
            Self::Several => "several_at",
            Self::CommaInDomain => "comma_in_domain",
            Self::Invisible => "invisible_character",
            Self::NonAsciiLocalPart => "non_ascii_local_part",
            Self::LocalPart => "local_part",
            Self::LocalPartTooLong => "local_part_too_long",
            Self::TooLong => "too_long",
            Self::Domain => "domain",
        }
    }
}

/// The ending of the email addresses that replace those of erased people.
pub const ERASED: &str = "@erased.invalid";

impl EmailAddress {
    /// Parses an email address within the limits of RFC 5321, 4.5.3.1 (64 characters before the @, 254 in all). Quoted
    /// local parts, address literals and domains without a dot are rejected: no invitation needs them, and each has
    /// been used to smuggle something.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmailError::Empty);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::NoAt)?;
        if text.chars().any(|c| c.is_whitespace() || super::text::is_invisible(c)) {
            return Err(EmailError::Invisible);
        }
        check_local(local)?;
        let domain = ascii_domain(domain)?;
        let typed = format!("{local}@{domain}");
        if typed.len() > 254 {
            return Err(EmailError::TooLong);
        }
        if !email_address::EmailAddress::is_valid(&typed) {
            return Err(EmailError::LocalPart);
        }
        Ok(Self { normal: format!("{}@{domain}", local.to_ascii_lowercase()), typed })
    }

    /// Creates the address from what the store kept. Both forms were parsed before they were stored.
    pub fn stored(normal: String, typed: String) -> Self {
        Self { normal, typed }
    }

    /// Returns the address that replaces the one of an erased person. No mail ever reaches it (RFC 2606).
    pub fn erased(code: &str) -> Self {
        let address = format!("erased-{code}{ERASED}");
        Self { normal: address.clone(), typed: address }
    }

    /// Checks whether this address replaces the one of an erased person.
    pub fn is_erased(&self) -> bool {
        self.normal.starts_with("erased-") && self.normal.ends_with(ERASED)
    }

    /// Returns the form that identifies the mailbox.
    pub fn as_str(&self) -> &str {
        &self.normal
    }

    /// Returns the form that mail is sent to: the local part as typed, the domain in ASCII.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    pub fn domain(&self) -> &str {
        self.normal.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// Returns the masked form, like `n•••@elsayed.example`: enough for the owner to recognize it, but not for a
    /// stranger to learn it.
    pub fn mask(&self) -> String {
        let first = self.normal.chars().next().unwrap_or('•');
        format!("{first}•••@{}", self.domain())
    }

    /// Returns the mailbox without its `+tag`. It is for rate limits only, never for identity.
    pub fn bucket(&self) -> String {
        let (local, domain) = self.normal.rsplit_once('@').unwrap_or((&self.normal, ""));
        format!("{}@{domain}", local.split('+').next().unwrap_or(local))
    }

    /// Returns the domain in Unicode if one of its labels mixes alphabets, as names do that imitate others:
    /// `pаypal.com` with a Cyrillic а. Labels that are "highly restrictive" by Unicode TS #39, 5.2, do not count as
    /// mixed: Latin letters may stand next to Japanese ones.
    pub fn mixed_scripts(&self) -> Option<String> {
        use unicode_security::{RestrictionLevel::HighlyRestrictive, RestrictionLevelDetection};
        let is_plain = |label: &str| label.check_restriction_level(HighlyRestrictive);
        self.unicode_domain().filter(|domain| !domain.split('.').all(is_plain))
    }

    /// Returns the domain in Unicode if that differs from its ASCII form (`bücher.example`).
    fn unicode_domain(&self) -> Option<String> {
        let (unicode, result) = idna::domain_to_unicode(self.domain());
        (result.is_ok() && unicode != self.domain()).then_some(unicode)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.normal)
    }
}

fn check_local(local: &str) -> Result<(), EmailError> {
    if local.contains('@') {
        return Err(EmailError::Several);
    }
    if !local.is_ascii() {
        return Err(EmailError::NonAsciiLocalPart);
    }
    if local.len() > 64 {
        return Err(EmailError::LocalPartTooLong);
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    // a percent sign before two hexadecimal digits is an encoded character, as in "%0d%0abcc"
    let encoded = local.as_bytes().windows(3).any(|w| w[0] == b'%' && w[1..].iter().all(u8::is_ascii_hexdigit));
    if local.is_empty() || dots || encoded || !local.chars().all(allowed) {
        return Err(EmailError::LocalPart);
    }
    Ok(())
}

fn ascii_domain(domain: &str) -> Result<String, EmailError> {
    use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
    if domain.contains(',') {
        return Err(EmailError::CommaInDomain);
    }
    let ascii = Uts46::new()
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify)
        .map_err(|_| EmailError::Domain)?;
    let last = ascii.rsplit('.').next().unwrap_or_default();
    let numeric = last.bytes().all(|b| b.is_ascii_digit());
    if !ascii.contains('.') || last.len() < 2 || numeric {
        return Err(EmailError::Domain);
    }
    Ok(ascii.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, EmailError> {
        EmailAddress::parse(text).map(|address| address.to_string())
    }

    #[test]
    fn case_and_spaces_around_do_not_make_another_address() {
        assert_eq!(parse("  Ann@Example.COM "), parse("ann@example.com"));
        assert_eq!(EmailAddress::parse("Ann@Example.COM").unwrap().typed(), "Ann@example.com");
    }

    #[test]
    fn a_tag_makes_another_address_in_the_same_bucket() {
        let (plain, tagged) = (EmailAddress::parse("ann@x.com").unwrap(), EmailAddress::parse("ann+a@x.com").unwrap());
        assert_ne!(plain, tagged);
        assert_eq!(plain.bucket(), tagged.bucket());
    }

    #[test]
    fn an_international_domain_is_one_in_both_spellings() {
        assert_eq!(parse("a@bücher.example"), parse("a@xn--bcher-kva.example"));
        assert_eq!(
            EmailAddress::parse("a@bücher.example").unwrap().unicode_domain().as_deref(),
            Some("bücher.example")
        );
        assert_eq!(parse("a@p\u{430}ypal.com").unwrap(), "a@xn--pypal-4ve.com");
    }

    #[test]
    fn a_domain_that_mixes_alphabets_is_known_in_both_spellings() {
        let mixed = |text| EmailAddress::parse(text).unwrap().mixed_scripts();
        for text in ["a@p\u{430}ypal.com", "a@xn--pypal-4ve.com", "a@mail.p\u{430}ypal.com"] {
            assert!(mixed(text).is_some_and(|domain| domain.ends_with("p\u{430}ypal.com")), "{text}");
        }
        // one alphabet, one for each label, and those that are usually combined
        for text in ["a@paypal.com", "a@bücher.example", "a@почта-москва.example", "a@東京abcメール.example"]
        {
            assert_eq!(mixed(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_an_address_is_refused_and_the_reason_is_told() {
        let long = format!("{}@x.com", "a".repeat(65));
        let longer = format!(
            "{}@{}.com",
            "a".repeat(60),
            ["b".repeat(60), "c".repeat(60), "d".repeat(60), "e".repeat(20)].join(".")
        );
        for (text, reason) in [
            ("", EmailError::Empty),
            ("ann", EmailError::NoAt),
            ("mi\u{212a}e@x.com", EmailError::NonAsciiLocalPart),
            ("a@localhost", EmailError::Domain),
            ("a@127.0.0.1", EmailError::Domain),
            ("a@[::1]", EmailError::Domain),
            ("a@x", EmailError::Domain),
            ("\"a b\"@x.com", EmailError::Invisible),
            ("\"ab\"@x.com", EmailError::LocalPart),
            ("a@x.com,b@x.com", EmailError::Several),
            ("a;b@x.com", EmailError::LocalPart),
            ("a@x,com", EmailError::CommaInDomain),
            ("a@x.com\r\nBcc: v@y.com", EmailError::Invisible),
            ("a%0d%0a@x.com", EmailError::LocalPart),
            ("a\0@x.com", EmailError::Invisible),
            ("a\u{202e}@x.com", EmailError::Invisible),
            ("a@x.com\u{2028}", EmailError::Domain),
            (&long, EmailError::LocalPartTooLong),
            (&longer, EmailError::TooLong),
        ] {
            match (parse(text), reason) {
                // a separator at the end is trimmed like any other white space
                (Ok(_), EmailError::Domain) if text.ends_with('\u{2028}') => {}
                (answer, reason) => assert_eq!(answer, Err(reason), "{text:?}"),
            }
        }
    }

    #[test]
    fn a_masked_address_keeps_one_letter() {
        assert_eq!(EmailAddress::parse("noor@elsayed.example").unwrap().mask(), "n•••@elsayed.example");
    }
}
