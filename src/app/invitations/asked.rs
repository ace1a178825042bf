//! The query of the list's URL.

use crate::app::{form::Fields, query::escape};
use vestibule_domain::{InvitationFilter, Status};

/// A filter and a place in the list. Both are in the URL, so that a page can be bookmarked and shared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub filter: InvitationFilter,
    pub cursor: Option<String>,
}

impl Asked {
    /// Parses the query, and ignores what can't be parsed.
    pub fn of(fields: &Fields) -> Self {
        let text = |name: &str| Some(fields.text(name).trim().to_owned()).filter(|text| !text.is_empty());
        Self {
            filter: InvitationFilter {
                status: text("status").and_then(|status| status.parse().ok()),
                text: text("q"),
                role_id: text("role").and_then(|id| id.parse().ok()),
                ..InvitationFilter::default()
            },
            cursor: text("cursor"),
        }
    }

    /// Returns the list's URL in the organization with this slug.
    pub fn href(&self, slug: &str) -> String {
        let filter = &self.filter;
        let pairs = [
            ("status", filter.status.map(|status| status.as_str().to_owned())),
            ("q", filter.text.clone()),
            ("role", filter.role_id.map(|id| id.to_string())),
            ("cursor", self.cursor.clone()),
        ];
        let pairs: Vec<String> = pairs
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| format!("{name}={}", escape(&value))))
            .collect();
        let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
        format!("/o/{slug}/invitations{query}")
    }

    /// Returns the first page of the list with another status.
    pub fn with_status(&self, status: Option<Status>) -> Self {
        Self { filter: InvitationFilter { status, ..self.filter.clone() }, cursor: None }
    }

    /// Returns the list at another place.
    pub fn at(&self, cursor: Option<String>) -> Self {
        Self { cursor, ..self.clone() }
    }

    /// Checks whether the list has no filter.
    pub fn is_all(&self) -> bool {
        self.filter == InvitationFilter::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_it_was_made_from() {
        let fields = Fields(vec![("q".to_owned(), " ada & co ".to_owned()), ("cursor".to_owned(), "abc".to_owned())]);
        let asked = Asked::of(&fields).with_status(Some(Status::Declined));
        assert_eq!(asked.href("acme"), "/o/acme/invitations?status=declined&q=ada%20%26%20co");
        assert_eq!(Asked::default().href("acme"), "/o/acme/invitations");
    }
}
