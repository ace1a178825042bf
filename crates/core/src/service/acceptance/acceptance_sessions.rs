//! The acceptance sessions of one browser. People are invited by several organizations and open the links side by side,
//! so each page has an acceptance session of its own and refers to it by its name.

use crate::service::secret::{AcceptanceSessionToken, acceptance_session_name, is_acceptance_session_token};
use std::fmt;

/// The tokens of a browser's acceptance sessions, newest first, as its cookie holds them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AcceptanceSessions(Vec<String>);

impl AcceptanceSessions {
    /// The number of acceptance sessions that a browser keeps; the oldest are dropped.
    pub const MAX: usize = 5;
    const BETWEEN: char = '.';

    /// Reads the acceptance sessions from the value of a cookie, and leaves out whatever is not a token.
    pub fn read(text: &str) -> Self {
        let tokens = text.split(Self::BETWEEN).filter(|token| is_acceptance_session_token(token));
        Self(tokens.take(Self::MAX).map(str::to_owned).collect())
    }

    /// Returns the value for the cookie.
    pub fn to_text(&self) -> String {
        self.0.join(&Self::BETWEEN.to_string())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the acceptance session that was opened last.
    pub fn newest(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// Returns the acceptance session if there is no other.
    pub fn only(&self) -> Option<&str> {
        match &self.0[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Returns the public name of an acceptance session, which reveals nothing of its token.
    pub fn name(acceptance_session: &str) -> String {
        acceptance_session_name(acceptance_session)
    }

    /// Returns the token of the acceptance session with this name.
    pub fn named(&self, name: &str) -> Option<&str> {
        self.iter().find(|token| acceptance_session_name(token) == name)
    }

    /// Returns the tokens, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Returns the acceptance sessions with a new one in front, and without those that it replaces.
    #[must_use]
    pub(super) fn with(self, new: &AcceptanceSessionToken, replaced: &[String]) -> Self {
        let others = self.0.into_iter().filter(|token| !replaced.contains(token));
        Self(std::iter::once(new.as_str().to_owned()).chain(others).take(Self::MAX).collect())
    }
}

impl fmt::Debug for AcceptanceSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(count: usize) -> (AcceptanceSessions, Vec<AcceptanceSessionToken>) {
        let tokens: Vec<AcceptanceSessionToken> = (0..count).map(|_| AcceptanceSessionToken::new()).collect();
        (
            tokens
                .iter()
                .fold(AcceptanceSessions::default(), |acceptance_sessions, token| acceptance_sessions.with(token, &[])),
            tokens,
        )
    }

    #[test]
    fn the_newest_stands_first_and_the_sixth_drives_out_the_oldest() {
        let (acceptance_sessions, tokens) = after(6);
        assert_eq!(acceptance_sessions.newest(), Some(tokens[5].as_str()));
        assert_eq!(acceptance_sessions.iter().count(), AcceptanceSessions::MAX);
        assert_eq!(acceptance_sessions.named(&tokens[0].name()), None);
        assert_eq!(acceptance_sessions.named(&tokens[1].name()), Some(tokens[1].as_str()));
        assert_eq!(AcceptanceSessions::read(&acceptance_sessions.to_text()), acceptance_sessions);
    }

    #[test]
    fn the_visit_that_is_replaced_goes() {
        let (acceptance_sessions, tokens) = after(3);
        let new = AcceptanceSessionToken::new();
        let acceptance_sessions = acceptance_sessions.with(&new, &[tokens[1].as_str().to_owned()]);
        assert_eq!(
            acceptance_sessions.iter().collect::<Vec<_>>(),
            [new.as_str(), tokens[2].as_str(), tokens[0].as_str()]
        );
    }

    #[test]
    fn only_one_visit_is_the_only_one() {
        assert_eq!(after(0).0.only(), None);
        let (acceptance_sessions, tokens) = after(1);
        assert_eq!(acceptance_sessions.only(), Some(tokens[0].as_str()));
        assert_eq!(after(2).0.only(), None);
    }

    #[test]
    fn what_is_no_token_is_left_out_of_a_cookie() {
        let token = AcceptanceSessionToken::new();
        let text = format!("x..{}.\"quoted\".{}", token.as_str(), "é".repeat(43));
        assert_eq!(AcceptanceSessions::read(&text).only(), Some(token.as_str()));
        assert!(AcceptanceSessions::read("").is_empty());
    }

    #[test]
    fn a_name_says_nothing_of_its_token() {
        let token = AcceptanceSessionToken::new();
        assert_eq!(token.name().len(), 12);
        assert!(!token.as_str().contains(&token.name()) && format!("{:?}", after(1).0) == "***");
    }
}
