//! The wording of mails: dates, lists, quotes, lines of 60 columns, and no links but Vestibule's own.

use serde::Serializer;
use vestibule_domain::{Instant, text::is_invisible};

/// The width of the plain text, which fits a phone held upright and leaves room for `> ` in replies.
const COLUMNS: usize = 60;
/// The column where facts begin, beside their labels.
const FACT_COLUMN: usize = 12;
/// The column where quoted text begins.
const QUOTE_COLUMN: usize = 5;
/// An invisible character that is inserted into everything that would become a link. Host names can't contain it, so a
/// mail program neither links the text nor could follow it.
const BREAK: char = '\u{200c}';

/// Returns a time in the form `Saturday 28 November 2026, 09:44 UTC`.
pub fn moment(at: Instant) -> String {
    at.format("%A %-d %B %Y, %H:%M UTC").to_string()
}

/// Serializes a time as [`moment`] words it.
pub fn in_words<S: Serializer>(at: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&moment(*at))
}

/// Returns the text without line breaks and invisible characters, and with single spaces.
pub fn one_line(text: &str) -> String {
    let spaced = text.replace(char::is_control, " ").replace(is_invisible, "");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the text without invisible characters except line breaks.
pub fn visible(text: &str) -> String {
    text.replace(|c| c != '\n' && is_invisible(c), "")
}

/// Breaks up, invisibly, everything that a mail program would turn into a link: `evil.com`, `http://`, `ada@evil.com`.
pub fn unlinked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        out.push(c);
        let next = rest.peek().copied().unwrap_or(' ');
        let joins = match c {
            '.' | '。' | '．' | '｡' => before.is_alphanumeric() && next.is_alphanumeric(),
            '@' => !before.is_whitespace() && !next.is_whitespace(),
            ':' => next == '/' || before.is_alphanumeric() && !next.is_whitespace() && !next.is_numeric(),
            _ => false,
        };
        if joins {
            out.push(BREAK);
        }
        before = c;
    }
    out
}

/// Joins a list: `Editor`, `Editor and Reviewer`, `Editor, Reviewer and Reader`.
pub fn listed(items: Vec<String>) -> String {
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// Returns the letter for the organization's mark.
pub fn mark(name: &str) -> String {
    name.chars().find(|c| c.is_alphanumeric()).unwrap_or('·').to_uppercase().collect()
}

/// Wraps a paragraph to 60 columns. Longer words, such as URLs, get a line of their own.
pub fn wrap(text: &str) -> String {
    fold(text, 0).join("\n")
}

/// Returns a fact beside its label: `Expires:    Saturday 28 November 2026, 09:44 UTC`.
pub fn fact(text: &str, label: &str) -> String {
    let lines = fold(text, FACT_COLUMN).join(&format!("\n{:FACT_COLUMN$}", ""));
    format!("{:FACT_COLUMN$}{lines}", format!("{label}:"))
}

/// Returns somebody's text in quotation marks with their name, indented, so that no line of it can pass for Vestibule's
/// own.
pub fn quoted(text: &str, name: &str) -> String {
    let mut lines: Vec<String> = text.trim().lines().flat_map(|line| fold(line, QUOTE_COLUMN + 1)).collect();
    if let Some(last) = lines.last_mut() {
        last.push('"');
    }
    lines.extend(fold(&format!("{name}'s own words"), QUOTE_COLUMN));
    let indented = lines.iter().enumerate().map(|(index, line)| match (index, line.as_str()) {
        (0, line) => format!("    \"{line}"),
        (_, "") => String::new(),
        (_, line) => format!("{:QUOTE_COLUMN$}{line}", ""),
    });
    indented.collect::<Vec<_>>().join("\n")
}

/// Wraps the words to lines of `COLUMNS - used`. An empty text is one empty line.
fn fold(text: &str, used: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut length = 0;
    for word in text.split_whitespace() {
        let more = word.chars().count();
        if length > 0 && length + 1 + more > COLUMNS - used {
            lines.push(String::new());
            length = 0;
        }
        if let Some(line) = lines.last_mut() {
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += more;
        }
    }
    lines
}

/// Returns the sentence that invites, without its full stop. Without an inviter, a program of the organization invites.
pub fn invites(inviter: Option<String>, organization: String) -> String {
    match inviter {
        Some(inviter) => format!("{inviter} invites you to join {organization}"),
        None => format!("{organization} invites you to join"),
    }
}

/// Returns who had the letter sent; the email address follows it.
pub fn asked(inviter: Option<String>, organization: String) -> String {
    match inviter {
        Some(inviter) => format!("{inviter} asked {organization} to send this"),
        None => format!("{organization} sent this"),
    }
}

/// What a name would need to pass for an address: `@` and `.` have doubles that look the same.
const LIKE_AN_ADDRESS: [char; 6] = ['@', '\u{ff20}', '\u{fe6b}', '\u{2024}', '<', '>'];

/// Returns the display name that an invitation is sent under: `Ada Byrne via Saltmarsh Press`, or the organization's
/// name alone. A name that could pass for an address or a link is left out; returns `None` if no name remains.
pub fn sender(inviter: Option<&str>, organization: &str) -> Option<String> {
    let organization = harmless(organization)?;
    Some(match inviter.and_then(harmless) {
        Some(inviter) => format!("{inviter} via {organization}"),
        None => organization,
    })
}

/// Returns the name on one line, unless it could pass for an address or a link.
fn harmless(name: &str) -> Option<String> {
    let name = one_line(name);
    let shown = name.replace(['\u{200c}', '\u{200d}'], "");
    let is_plain = !shown.is_empty() && !shown.contains(LIKE_AN_ADDRESS) && unlinked(&shown) == shown;
    is_plain.then_some(name)
}

/// Returns what a list of mails shows of an invitation, beside its subject.
pub fn first_words(roles: Vec<String>, expires_at: String) -> String {
    let until = format!("The invitation is open until {expires_at}.");
    if roles.is_empty() { until } else { format!("As {}. {until}", listed(roles)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    #[test]
    fn a_moment_has_its_year_and_says_utc() {
        let at = Utc.with_ymd_and_hms(2026, 11, 28, 9, 44, 59).unwrap();
        assert_eq!(moment(at), "Saturday 28 November 2026, 09:44 UTC");
    }

    #[test]
    fn roles_are_listed_as_people_say_them() {
        let list = |items: &[&str]| listed(items.iter().map(ToString::to_string).collect());
        assert_eq!(list(&["Editor"]), "Editor");
        assert_eq!(list(&["Editor", "Reviewer"]), "Editor and Reviewer");
        assert_eq!(list(&["Editor", "Reviewer", "Reader"]), "Editor, Reviewer and Reader");
    }

    #[test]
    fn what_would_become_a_link_is_broken_and_nothing_else() {
        for text in
            ["evil.com", "http://evil.com/x", "www.evil.example", "a@b", "mailto:a@b", "evil。com", "javascript:x"]
        {
            assert!(unlinked(text).contains(BREAK), "{text:?}");
            assert_eq!(unlinked(text).replace(BREAK, ""), text);
        }
        for text in ["J. R. R. Tolkien", "St. John & Sons Ltd.", "See you at 09:44.", "Well: yes… no. Or @ noon"] {
            assert_eq!(unlinked(text), text);
        }
    }

    #[test]
    fn the_sender_is_the_inviter_by_the_organization() {
        assert_eq!(sender(Some("Ada Byrne"), "Saltmarsh Press").as_deref(), Some("Ada Byrne via Saltmarsh Press"));
        assert_eq!(sender(Some("J. R. Hale"), "Salt & Sons Ltd.").as_deref(), Some("J. R. Hale via Salt & Sons Ltd."));
        assert_eq!(sender(None, "Saltmarsh Press").as_deref(), Some("Saltmarsh Press"));
    }

    #[test]
    fn a_sender_is_free_of_control_and_bidi_characters() {
        let name = "Ada\r\nBcc: v\u{202e} \u{2066}Byrne\u{200b}\u{0}";
        assert_eq!(sender(Some(name), "Salt\tmarsh").as_deref(), Some("Ada Bcc: v Byrne via Salt marsh"));
    }

    #[test]
    fn a_name_that_could_pass_for_an_address_or_a_link_is_no_sender() {
        for name in [
            "security@paypal",
            "Bank <sec",
            "\u{ff20}bank",
            "paypal.com",
            "pay\u{200b}pal.com",
            "paypal\u{200d}.com",
            "paypal\u{2024}com",
            "https://x",
            "\u{202e}",
            "",
        ] {
            assert_eq!(sender(Some(name), "Saltmarsh Press").as_deref(), Some("Saltmarsh Press"), "{name:?}");
            assert_eq!(sender(Some("Ada Byrne"), name), None, "{name:?}");
        }
    }

    #[test]
    fn lines_keep_to_sixty_columns() {
        let text = "a word and another ".repeat(30);
        for line in wrap(&text).lines().chain(fact(&text, "Role").lines()).chain(quoted(&text, &text).lines()) {
            assert!(line.chars().count() <= COLUMNS, "{line:?}");
        }
        assert_eq!(fact("Editor", "Role"), "Role:       Editor");
        assert_eq!(quoted("Hello,\n\nA.", "Ada"), "    \"Hello,\n\n     A.\"\n     Ada's own words");
    }
}
