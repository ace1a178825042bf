//! The query of the list's URL.

use vestibule_domain::{InvitationFilter, RoleId, Status};
use vestibule_web::{
    form::fields,
    query::{ListQuery, Param, address},
};

fields! {
    /// A filter and a place in the list. Both are in the URL, so that a page can be bookmarked and shared.
    pub struct InvitationQuery {
        status: Param<Status>,
        q: Param,
        role: Param<RoleId>,
        cursor: Param,
    }
}

impl ListQuery for InvitationQuery {
    fn cursor(&mut self) -> &mut Param {
        &mut self.cursor
    }
}

impl InvitationQuery {
    /// Parses the query of a URL, without its question mark.
    pub fn parse(query: &str) -> Self {
        serde_html_form::from_str(query).unwrap_or_default()
    }

    pub fn filter(&self) -> InvitationFilter {
        InvitationFilter {
            status: self.status.read(),
            text: self.q.some().map(str::to_owned),
            role_id: self.role.read(),
            ..InvitationFilter::default()
        }
    }

    /// Returns the list's URL in the organization with this slug.
    pub fn href(&self, slug: &str) -> String {
        address(&format!("/o/{slug}/invitations"), self)
    }

    /// Returns the first page of the list with another status.
    pub fn with_status(&self, status: Option<Status>) -> Self {
        Self { status: status.map(Status::as_str).into(), ..self.at(None) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_it_was_made_from() {
        let query =
            InvitationQuery { q: Some("ada & co").into(), cursor: Some("abc").into(), ..InvitationQuery::default() };
        let query = query.with_status(Some(Status::Declined));
        assert_eq!(query.href("acme"), "/o/acme/invitations?status=declined&q=ada%20%26%20co");
        assert_eq!(InvitationQuery::default().href("acme"), "/o/acme/invitations");
    }
}
