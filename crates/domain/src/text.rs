//! Texts that people write and other people read: names and messages, and what must not hide in them.

use super::Violation;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of a person or an organization: one line of 1 to 100 characters, without control, bidi or zero-width
/// characters, and without anything that a mail program would turn into a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    pub const MAX_CHARS: usize = 100;

    /// Parses a name. Invisible formatting is removed, and a run of spaces becomes one. Control characters and links
    /// are rejected.
    pub fn parse(field: &'static str, text: &str) -> Result<Self, Violation> {
        if text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
            return Err(Violation::new(field, "control_character", "Remove the line break or control character."));
        }
        let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
        let name = visible.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Err(Violation::new(field, "required", "Write a name."));
        }
        if name.chars().count() > Self::MAX_CHARS {
            return Err(Violation::new(field, "too_long", "Use at most 100 characters."));
        }
        if has_link(&name) {
            return Err(Violation::new(field, "link", "A name can’t contain a web address. Write it without one."));
        }
        Ok(Self(name))
    }

    /// Creates the name from what the store kept. It was parsed before it was stored.
    pub fn stored(name: String) -> Self {
        Self(name)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the initials, `AB` for Ada Byrne, for a circle in place of a picture.
    pub fn initials(&self) -> String {
        let mut words = self.0.split(' ').filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
        words.next().into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
    }

    /// Returns all words after the first, if there are any.
    pub fn rest(&self) -> Option<&str> {
        self.0.split_once(' ').map(|(_, rest)| rest)
    }

    /// Returns the first word, by which a person is called once the whole name has been given.
    pub fn first(&self) -> &str {
        self.0.split(' ').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An inviter's personal message: plain text, 1 to 2,000 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Message(String);

impl Message {
    pub const MAX_CHARS: usize = 2_000;

    /// Parses a message. Returns `None` if the text is only white space. Line breaks are kept, invisible formatting is
    /// removed, other control characters are rejected.
    pub fn parse(field: &'static str, text: &str) -> Result<Option<Self>, Violation> {
        let text: String = text.replace("\r\n", "\n").chars().filter(|c| c.is_control() || !is_invisible(*c)).collect();
        let text = text.trim();
        if text.chars().count() > Self::MAX_CHARS {
            return Err(Violation::new(field, "too_long", "Use at most 2,000 characters."));
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            return Err(Violation::new(field, "control_character", "Remove the invisible characters."));
        }
        Ok((!text.is_empty()).then(|| Self(text.to_owned())))
    }

    pub fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn has_link(&self) -> bool {
        has_link(&self.0)
    }
}

/// Checks whether the character shows nothing and changes how others look: control characters, zero width, bidi
/// embedding and isolates, tags. The joiners U+200C and U+200D do not count: Persian and emoji need both.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Checks whether a mail program would turn a part of the text into a link: a scheme, `www.`, or `word.tld`.
fn has_link(text: &str) -> bool {
    text.contains("://") || text.split(|c: char| c.is_whitespace() || "()<>\"',;".contains(c)).any(looks_like_host)
}

fn looks_like_host(word: &str) -> bool {
    let host = word.split(['/', '?', '#', ':']).next().unwrap_or(word);
    let Some((before, top)) = host.trim_end_matches(['.', '!']).rsplit_once('.') else { return false };
    let letters = top.len() >= 2 && top.chars().all(char::is_alphabetic);
    // "St.John" and "J.R.R.Tolkien" have a capital letter after the last dot
    letters && before.chars().any(char::is_alphanumeric) && !top.starts_with(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_cannot_be_seen() {
        let name = Name::parse("name", "  Ada\u{202e}  By\u{200b}rne \u{e0041}").unwrap();
        assert_eq!((name.as_str(), name.initials().as_str(), name.first()), ("Ada Byrne", "AB", "Ada"));
    }

    #[test]
    fn names_that_would_become_links_or_headers_are_refused() {
        for text in [
            "Win http://evil.tld",
            "evil.com",
            "see www.evil.example now",
            "Ada\r\nBcc: v@y.com",
            "",
            " \u{200b} ",
            "a\u{2028}b",
        ] {
            assert!(Name::parse("name", text).is_err(), "{text:?}");
        }
        for text in ["J.R.R. Tolkien", "St. John & Sons Ltd.", "\"Bank\" <sec@bank>", "=?utf-8?b?QQ==?=", "Dr.Who"] {
            assert!(Name::parse("name", text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn messages_are_limited_and_may_break_lines() {
        assert_eq!(Message::parse("message", " Hello,\r\nAda ").unwrap().unwrap().as_str(), "Hello,\nAda");
        assert_eq!(Message::parse("message", "  \n ").unwrap(), None);
        assert!(Message::parse("message", &"é".repeat(2_000)).is_ok());
        assert!(Message::parse("message", &"é".repeat(2_001)).is_err());
        assert!(Message::parse("message", "a\0b").is_err());
    }
}
