//! What the list's address asks for.

use crate::app::{form::Fields, query::escape};
use vestibule_domain::{InvitationFilter, Status};

/// A filter and a place in the list; both live in the address, so that a page can be kept and sent on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub filter: InvitationFilter,
    pub cursor: Option<String>,
}

impl Asked {
    /// What cannot be read is left out.
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

    /// The list's address, for the organization of this slug.
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

    /// The same list from its start, with another status.
    pub fn with_status(&self, status: Option<Status>) -> Self {
        Self { filter: InvitationFilter { status, ..self.filter.clone() }, cursor: None }
    }

    pub fn at(&self, cursor: Option<String>) -> Self {
        Self { cursor, ..self.clone() }
    }

    /// Whether everything there is is asked for.
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
