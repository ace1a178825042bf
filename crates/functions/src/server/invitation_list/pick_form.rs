//! The form around the rows of the list.

use crate::server::InvitationQuery;
use vestibule_domain::InvitationId;
use vestibule_web::{
    form::{Several, Typed, fields},
    query::{address_of, pairs},
};

fields! {
    /// The selected invitations of the list.
    pub struct PickForm {
        id: Several<InvitationId>,
        /// The list's URL, with its filter.
        from: Typed,
    }
}

impl PickForm {
    /// Parses the query of the list's URL, without its question mark: which invitations are selected when it opens.
    pub fn parse(query: &str) -> Self {
        serde_html_form::from_str(query).unwrap_or_default()
    }
}

/// Returns the URL of the list as it was left: with the filter of `from`, and with these selected.
pub fn left_at(slug: &str, from: &Typed, picked: &[InvitationId]) -> String {
    let query = from.text().split_once('?').map_or("", |(_, query)| query);
    let picked = picked.iter().map(|id| (PickForm::id().name, id.to_string()));
    address_of(&format!("/o/{slug}/invitations"), pairs(&InvitationQuery::parse(query)).chain(picked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vestibule_domain::Instant;

    #[test]
    fn the_list_is_left_with_its_filter_and_what_is_selected() {
        let [one, other] = [1, 2].map(|second| InvitationId::new(Instant::from_timestamp(second, 0).unwrap()));
        let from = |from: &str| Typed::from(from);
        assert_eq!(left_at("acme", &from(""), &[]), "/o/acme/invitations");
        assert_eq!(left_at("acme", &from(""), &[one]), format!("/o/acme/invitations?id={one}"));
        let list = "/o/acme/invitations?status=pending&unheard_of=1";
        let left = format!("/o/acme/invitations?status=pending&id={one}&id={other}");
        assert_eq!(left_at("acme", &from(list), &[one, other]), left);
        assert_eq!(
            left_at("acme", &from("https://evil.example/?status=pending"), &[]),
            "/o/acme/invitations?status=pending"
        );
    }
}
