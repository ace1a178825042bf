//! The erasure of a person in an organization: whom to look for, and what replaces them.
//!
//! Everything that names them names the same pseudonym afterwards, so that the record stays readable. The pseudonym
//! does not lead back to the person: its digits are random, and whom they stand for is forgotten when the erasure is
//! complete.

use super::{Actor, Change, EmailAddress, Fact, Instant, MemberId, Name, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A person who is being erased in one organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedPerson {
    /// The email address in its normal form.
    pub email: String,
    /// The names by which the organization knows them.
    pub names: Vec<String>,
    /// Their account, if they have one.
    pub user_id: Option<UserId>,
    /// Their memberships, including past ones.
    pub member_ids: Vec<MemberId>,
    /// The eight hexadecimal digits of the pseudonym.
    pub code: String,
    /// The id that replaces the account's id.
    pub stand_in: UserId,
    /// Whether all events are searched, and not only those of the person's own invitations.
    pub is_thorough: bool,
}

/// What an organization keeps about an email address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptData {
    /// Whether the address has an account, in this organization or elsewhere.
    pub account: bool,
    pub member: bool,
    /// Whether the person is the only owner of the organization.
    pub last_owner: bool,
    /// The number of invitations to the address.
    pub invitations: u64,
    /// The number of invitations that the person made.
    pub invited: u64,
    pub mails: u64,
    /// The number of events that the person caused, or that are about them.
    pub events: u64,
    pub api_keys: u64,
    pub webhooks: u64,
}

impl KeptData {
    /// Checks whether the organization keeps nothing about the address.
    pub fn is_nothing(&self) -> bool {
        !self.member && self.invitations + self.invited + self.mails + self.events + self.api_keys + self.webhooks == 0
    }
}

/// An erasure that has begun or is complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The pseudonym that replaces the person's name.
    pub pseudonym: String,
    /// What the organization kept before.
    pub kept: KeptData,
    /// Whether all events have been searched. If not, this continues in the background.
    pub is_finished: bool,
}

/// The progress of an erasure. The stages follow each other in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum ErasureStage {
    /// The invitations that the person made.
    Made,
    Mails,
    /// The texts of others' invitations that quote the address, from the id after this one on.
    Invitations {
        after: uuid::Uuid,
    },
    /// The texts of members that quote the address, from the id after this one on.
    Members {
        after: uuid::Uuid,
    },
    /// The events, from the number after this one on.
    Events {
        after: u64,
    },
}

/// The fields that are kept in the event of an edited invitation. The other fields hold words about the invitee, or for
/// them.
const IMPERSONAL: [&str; 4] = ["roles", "resources", "expires_at", "inviter"];
/// The fields whose values are names of people.
const NAMING: [&str; 2] = ["created_by", "inviter"];

impl ErasedPerson {
    /// Returns the digits of a pseudonym, made from a number that nobody can guess.
    pub fn code_of(random: u32) -> String {
        format!("{random:08x}")
    }

    /// Returns the pseudonym, like `Erased person 7f3a91c2`.
    pub fn pseudonym(&self) -> String {
        format!("Erased person {}", self.code)
    }

    pub fn name(&self) -> Name {
        Name::stored(self.pseudonym())
    }

    /// Returns the pseudonym's address, which no mail ever reaches (RFC 2606).
    pub fn address(&self) -> EmailAddress {
        EmailAddress::erased(&self.code)
    }

    /// Returns the actor with the person replaced by the pseudonym.
    pub fn actor(&self, actor: &Actor) -> Actor {
        match actor {
            Actor::Member { id, .. } if Some(*id) == self.user_id => self.as_actor(),
            Actor::Member { .. } | Actor::ApiKey { .. } | Actor::Invitee | Actor::System => actor.clone(),
        }
    }

    /// Returns the pseudonym as an actor.
    pub fn as_actor(&self) -> Actor {
        Actor::Member { id: self.stand_in, name: self.name() }
    }

    /// Returns the fact with the person replaced by the pseudonym. `is_own` says that the fact is about the person, and
    /// not only caused by them.
    pub fn fact(&self, fact: &Fact, is_own: bool) -> Fact {
        let mut fact = fact.clone();
        if is_own {
            self.replace_in(&mut fact);
        }
        let is_named = |change: &Change, value: &String| NAMING.contains(&&*change.field) && self.names.contains(value);
        for change in changes(&mut fact) {
            if is_named(change, &change.from) {
                change.from = self.pseudonym();
            }
            if is_named(change, &change.to) {
                change.to = self.pseudonym();
            }
        }
        let Ok(mut value) = serde_json::to_value(&fact) else { return fact };
        self.scrub_value(&mut value);
        serde_json::from_value(value).unwrap_or(fact)
    }

    /// Removes everything from an event about the person that reveals who they were.
    fn replace_in(&self, fact: &mut Fact) {
        match fact {
            Fact::InvitationCreated { email, .. } => *email = self.address().to_string(),
            Fact::InvitationSent { response } | Fact::InvitationDeliveryFailed { response } => response.clear(),
            Fact::InvitationDeclined { reason } => *reason = None,
            Fact::InvitationEdited { changes }
            | Fact::InvitationResent { changes, .. }
            | Fact::InvitationChangeUndone { changes, .. } => {
                for change in changes.iter_mut().filter(|change| !IMPERSONAL.contains(&&*change.field)) {
                    change.from.clear();
                    change.to.clear();
                }
            }
            Fact::InvitationAccepted { name }
            | Fact::MemberAdded { name, .. }
            | Fact::MemberRolesChanged { name, .. }
            | Fact::MemberRemoved { name, .. }
            | Fact::MemberEdited { name, .. }
            | Fact::MemberLeft { name, .. }
            | Fact::SignInFailed { name, .. }
            | Fact::SignInLockedOut { name } => *name = self.pseudonym(),
            Fact::InvitationOpened {}
            | Fact::InvitationReminded {}
            | Fact::InvitationRevoked {}
            | Fact::InvitationExpired {}
            | Fact::PersonErased { .. }
            | Fact::PersonEventsRedacted { .. }
            | Fact::OrganizationRestored { .. }
            | Fact::OrganizationEdited { .. }
            | Fact::RoleCreated { .. }
            | Fact::RoleEdited { .. }
            | Fact::RoleDeleted { .. }
            | Fact::ResourceCreated { .. }
            | Fact::ResourceEdited { .. }
            | Fact::ResourceDeleted { .. }
            | Fact::ApiKeyCreated { .. }
            | Fact::ApiKeyEdited { .. }
            | Fact::ApiKeyRevoked { .. }
            | Fact::WebhookCreated { .. }
            | Fact::WebhookEdited { .. }
            | Fact::WebhookSecretRotated { .. }
            | Fact::WebhookDisabled { .. }
            | Fact::WebhookDeleted { .. } => {}
        }
    }

    /// Replaces the address wherever a text in the value quotes it. Returns whether one did.
    pub fn scrub_value(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => {
                let scrubbed = self.scrub(text);
                let changed = scrubbed != *text;
                *text = scrubbed;
                changed
            }
            Value::Array(values) => {
                values.iter_mut().map(|value| self.scrub_value(value)).filter(|changed| *changed).count() > 0
            }
            Value::Object(map) => {
                map.values_mut().map(|value| self.scrub_value(value)).filter(|changed| *changed).count() > 0
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Replaces each text in the value that is exactly one of the person's names.
    pub fn scrub_names(&self, value: &mut Value) {
        match value {
            Value::String(text) if self.names.contains(text) => *text = self.pseudonym(),
            Value::Array(values) => values.iter_mut().for_each(|value| self.scrub_names(value)),
            Value::Object(map) => map.values_mut().for_each(|value| self.scrub_names(value)),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Returns the text with the person's address, in any case, replaced by the pseudonym's. Longer addresses that
    /// contain it belong to somebody else, and are kept.
    pub fn scrub(&self, text: &str) -> String {
        let lower = text.to_ascii_lowercase();
        let address = self.address();
        let (mut scrubbed, mut from) = (String::with_capacity(text.len()), 0);
        while let Some(at) = lower[from..].find(&self.email) {
            let (start, end) = (from + at, from + at + self.email.len());
            scrubbed.push_str(&text[from..start]);
            let is_whole = !continues_left(&lower[..start]) && !continues_right(&lower[end..]);
            scrubbed.push_str(if is_whole { address.as_str() } else { &text[start..end] });
            from = end;
        }
        scrubbed.push_str(&text[from..]);
        scrubbed
    }
}

/// Checks whether the text before an address continues it to the left, so that it is part of a longer one.
fn continues_left(text: &str) -> bool {
    text.chars().next_back().is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%'))
}

/// Checks whether the text after an address continues its domain.
fn continues_right(text: &str) -> bool {
    let mut letters = text.chars();
    match letters.next() {
        Some('.') => letters.next().is_some_and(char::is_alphanumeric),
        Some(c) => c.is_alphanumeric() || c == '-',
        None => false,
    }
}

fn changes(fact: &mut Fact) -> &mut [Change] {
    match fact {
        Fact::InvitationResent { changes, .. }
        | Fact::InvitationEdited { changes }
        | Fact::InvitationChangeUndone { changes, .. }
        | Fact::MemberEdited { changes, .. }
        | Fact::OrganizationEdited { changes }
        | Fact::RoleEdited { changes, .. }
        | Fact::ResourceEdited { changes, .. }
        | Fact::ApiKeyEdited { changes, .. }
        | Fact::WebhookEdited { changes, .. } => changes,
        Fact::InvitationCreated { .. }
        | Fact::InvitationSent { .. }
        | Fact::InvitationDeliveryFailed { .. }
        | Fact::InvitationOpened {}
        | Fact::InvitationReminded {}
        | Fact::InvitationAccepted { .. }
        | Fact::InvitationDeclined { .. }
        | Fact::InvitationRevoked {}
        | Fact::InvitationExpired {}
        | Fact::MemberAdded { .. }
        | Fact::MemberRolesChanged { .. }
        | Fact::MemberRemoved { .. }
        | Fact::MemberLeft { .. }
        | Fact::SignInFailed { .. }
        | Fact::SignInLockedOut { .. }
        | Fact::PersonErased { .. }
        | Fact::PersonEventsRedacted { .. }
        | Fact::OrganizationRestored { .. }
        | Fact::RoleCreated { .. }
        | Fact::RoleDeleted { .. }
        | Fact::ResourceCreated { .. }
        | Fact::ResourceDeleted { .. }
        | Fact::ApiKeyCreated { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::WebhookCreated { .. }
        | Fact::WebhookSecretRotated { .. }
        | Fact::WebhookDisabled { .. }
        | Fact::WebhookDeleted { .. } => &mut [],
    }
}

/// Returns the moment before which an invitee's last invitation must have ended for them to be erased at `now`.
pub fn ended_before(days: u16, now: Instant) -> Instant {
    now - chrono::Duration::days(i64::from(days))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn grace() -> ErasedPerson {
        ErasedPerson {
            email: "grace@example.com".into(),
            names: vec!["Grace Hopper".into()],
            user_id: Some(Uuid::from_u128(7).into()),
            member_ids: vec![],
            code: "7f3a91c2".into(),
            stand_in: Uuid::from_u128(9).into(),
            is_thorough: true,
        }
    }

    #[test]
    fn the_address_is_found_in_any_case_and_only_where_it_is_the_whole() {
        let erased = "erased-7f3a91c2@erased.invalid";
        for (text, wanted) in [
            ("grace@example.com", erased.to_owned()),
            ("550 <Grace@EXAMPLE.com>: no", format!("550 <{erased}>: no")),
            ("mailto:grace@example.com.", format!("mailto:{erased}.")),
            ("é grace@example.com, grace@example.com", format!("é {erased}, {erased}")),
            ("ann.grace@example.com", "ann.grace@example.com".to_owned()),
            ("grace@example.com.au", "grace@example.com.au".to_owned()),
            ("grace@example.community", "grace@example.community".to_owned()),
            ("x+grace@example.com grace@example.com", format!("x+grace@example.com {erased}")),
            ("", String::new()),
        ] {
            assert_eq!(grace().scrub(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_fact_about_the_person_keeps_what_happened_and_not_to_whom() {
        let created = Fact::InvitationCreated { email: "grace@example.com".into(), roles: vec!["Member".into()] };
        let wanted =
            Fact::InvitationCreated { email: "erased-7f3a91c2@erased.invalid".into(), roles: vec!["Member".into()] };
        assert_eq!(grace().fact(&created, true), wanted);
        let change =
            |field: &str, from: &str, to: &str| Change { field: field.into(), from: from.into(), to: to.into() };
        let edited = Fact::InvitationEdited {
            changes: vec![change("roles", "Member", "Admin"), change("message", "Hi Grace", "Dear Grace")],
        };
        let wanted =
            Fact::InvitationEdited { changes: vec![change("roles", "Member", "Admin"), change("message", "", "")] };
        assert_eq!(grace().fact(&edited, true), wanted);
        let declined = Fact::InvitationDeclined { reason: Some("I am Grace".into()) };
        assert_eq!(grace().fact(&declined, true), Fact::InvitationDeclined { reason: None });
    }

    #[test]
    fn what_somebody_else_did_stays_but_for_the_persons_name() {
        let edited = |name: &str| Fact::ApiKeyEdited {
            id: Uuid::from_u128(1).into(),
            name: "Grace Hopper".into(),
            changes: vec![Change { field: "created_by".into(), from: name.into(), to: "Joan".into() }],
        };
        assert_eq!(grace().fact(&edited("Grace Hopper"), false), edited("Erased person 7f3a91c2"));
        assert_eq!(grace().fact(&edited("Grace"), false), edited("Grace"));
        let joan = Actor::Member { id: Uuid::from_u128(8).into(), name: Name::stored("Grace Hopper".into()) };
        assert_eq!(grace().actor(&joan), joan, "another of this name");
    }
}
