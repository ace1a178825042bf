//! The terms that an invitee agrees to, as a page showed them: an answer to another offer than the one that was read
//! does not count.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// The part of an offer that is binding. The inviter's message and the expiry are not part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The name of the organization.
    pub organization: String,
    /// The invited email address.
    pub email: String,
    /// The names of the roles, in the organization's order.
    pub roles: Vec<String>,
    /// A digest of the resources that the roles are limited to, which pages don't name. If empty, they are not limited.
    pub limits: String,
}

/// One difference between two terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    Organization {
        from: String,
        to: String,
    },
    Address,
    Roles {
        from: Vec<String>,
        to: Vec<String>,
    },
    Limits,
    /// The terms that were shown can't be read any more.
    Unknown,
}

impl Terms {
    /// Returns the text that a form carries.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Returns the terms that a form carried. Text that is not ours gives default terms, which match no offer.
    pub fn read(text: &str) -> Self {
        let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Returns what differs in `now`, or nothing if the terms are the same.
    pub fn differences(&self, now: &Self) -> Vec<Difference> {
        if *self == Self::default() {
            return vec![Difference::Unknown];
        }
        let organization = (self.organization != now.organization)
            .then(|| Difference::Organization { from: self.organization.clone(), to: now.organization.clone() });
        let roles =
            (self.roles != now.roles).then(|| Difference::Roles { from: self.roles.clone(), to: now.roles.clone() });
        let address = (self.email != now.email).then_some(Difference::Address);
        let limits = (self.limits != now.limits).then_some(Difference::Limits);
        [roles, limits, organization, address].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> Terms {
        Terms {
            organization: "Acme".into(),
            email: "grace@example.com".into(),
            roles: vec!["Member".into()],
            limits: String::new(),
        }
    }

    #[test]
    fn a_form_brings_back_what_the_page_showed() {
        let odd = Terms { organization: "Büro \"<>\" & Söhne".into(), roles: vec!["Rédacteur".into()], ..terms() };
        for terms in [terms(), odd] {
            assert_eq!(Terms::read(&terms.to_text()), terms);
            assert_eq!(terms.differences(&terms), []);
        }
    }

    #[test]
    fn each_difference_is_told_by_itself() {
        let (from, to) = (vec!["Member".to_owned()], vec!["Admin".to_owned()]);
        let roles = Terms { roles: to.clone(), ..terms() };
        assert_eq!(terms().differences(&roles), [Difference::Roles { from, to }]);
        assert_eq!(terms().differences(&Terms { limits: "x".into(), ..terms() }), [Difference::Limits]);
        assert_eq!(terms().differences(&Terms { email: "g@example.com".into(), ..terms() }), [Difference::Address]);
        let renamed = Terms { organization: "Brine".into(), ..terms() };
        let expected = Difference::Organization { from: "Acme".into(), to: "Brine".into() };
        assert_eq!(terms().differences(&renamed), [expected]);
        assert_eq!(terms().differences(&Terms { limits: "x".into(), ..renamed }).len(), 2);
    }

    #[test]
    fn what_is_none_of_ours_agrees_with_nothing() {
        for text in ["!", "bm9uc2Vuc2U", "e30", &terms().to_text()[..20]] {
            assert_eq!(Terms::read(text).differences(&terms()), [Difference::Unknown], "{text}");
        }
    }
}
