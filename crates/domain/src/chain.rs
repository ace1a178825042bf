//! The chain of an organization's events. Each event holds the hash of all events before it, so none can be changed,
//! removed or inserted unnoticed. Their numbers are consecutive. Only the event that records the restore of a backup,
//! and names the last event before it, may skip numbers.
//!
//! `hash = SHA-256(hash of the event before ‖ canonical text of the event)`. The hash before the first event is 32 zero
//! bytes. The canonical text is the JSON array, in UTF-8 and without white space, of
//! `[id, organization id, number, at, actor, invitation id or null, member id or null, action, fact]`: ids in lower
//! case with hyphens, `at` in RFC 3339 with six fractional digits and `Z`, actor and fact as strings that hold exactly
//! the stored text. If the event has a salt, it follows as one more string, in hexadecimal.
//!
//! After a person has been erased, the events about them no longer hold what was written, and have no salt. Each keeps
//! its hash, and the chain continues over it. A [`Redaction`] records what such an event holds now. It counts only if a
//! later event of the same chain vouches for it, so nobody can pass off a change as a redaction without adding to the
//! record.

use super::Fact;
use super::{EventId, Instant, InvitationId, MemberId, OrganizationId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A SHA-256 hash, displayed in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventHash([u8; 32]);

/// An event as it is stored in the database, with actor and fact still unparsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainLink {
    pub id: EventId,
    pub organization_id: OrganizationId,
    pub number: u64,
    pub at: Instant,
    pub actor: String,
    pub invitation_id: Option<InvitationId>,
    pub member_id: Option<MemberId>,
    pub action: String,
    pub fact: String,
    /// Random bytes. Redacted events have none, nor do events that were written before salts were introduced.
    pub salt: Option<Vec<u8>>,
}

/// A record that an event was written with the hash `hash` after the hash `before`, and holds other content since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redaction {
    /// The number of the event.
    pub number: u64,
    /// The hash of the event before it, and so of all events before it.
    pub before: EventHash,
    /// The hash of the event as it was written.
    pub hash: EventHash,
    /// The hash of what the event holds now; see [`ChainLink::content_hash`].
    pub content: EventHash,
}

/// The end of an organization's chain: the number and the hash of its last event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub number: u64,
    pub hash: EventHash,
}

/// The first event of a chain that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainError {
    pub number: u64,
    /// The event's id, or `None` if the event is missing or can't be read.
    pub id: Option<EventId>,
    pub wrong: ChainErrorKind,
}

/// What is wrong with an event of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChainErrorKind {
    /// The number is skipped: the next event has a higher one.
    Missing,
    /// The event's hash is not that of its text after the hash before it.
    Changed,
    /// The chain is consistent, but ends with another event than the organization's row says.
    Replaced,
    /// The event follows the one that is the last according to the organization's row.
    Foreign,
    /// The event vouches for other redactions than are stored.
    Unvouched,
    /// A column holds a value that it can't have.
    Unreadable,
}

/// The result of checking a chain from its first event to its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The number of events that were compared or, if one is wrong, that the organization's row says it has.
    pub count: u64,
    /// The first event that is wrong, or `None` if all are as they were written.
    pub flaw: Option<ChainError>,
}

impl EventHash {
    /// The hash before the first event.
    pub const START: Self = Self([0; 32]);

    /// Returns `None` unless there are exactly 32 bytes.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for EventHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Head {
    /// The head before the first event.
    pub const START: Self = Self { number: 0, hash: EventHash::START };

    /// Returns the head after `link`, or what is wrong with this event. `link` and `hash` are as stored; `redaction` is
    /// the last one of the event, if it has any.
    pub fn step(self, link: &ChainLink, hash: EventHash, redaction: Option<&Redaction>) -> Result<Self, ChainError> {
        let number = self.number + 1;
        if link.number != number && !self.is_restored_at(link) {
            return Err(ChainError { number, id: None, wrong: ChainErrorKind::Missing });
        }
        let number = link.number;
        if !link.stands(self.hash, hash, redaction) {
            return Err(ChainError { number, id: Some(link.id), wrong: ChainErrorKind::Changed });
        }
        Ok(Self { number, hash })
    }

    /// Checks whether the event records the restore of a backup that ends at this head. Only such an event may skip
    /// numbers.
    fn is_restored_at(self, link: &ChainLink) -> bool {
        let says_so = || match serde_json::from_str(&link.fact) {
            Ok(Fact::OrganizationRestored { last_number, .. }) => last_number == self.number,
            _ => false,
        };
        link.number > self.number && link.action == Fact::RESTORED && says_so()
    }
}

impl ChainLink {
    /// Checks whether this is what was written after the event with the hash `before`, or what it was redacted to.
    pub fn stands(&self, before: EventHash, hash: EventHash, redaction: Option<&Redaction>) -> bool {
        match redaction {
            Some(redaction) => {
                (redaction.before, redaction.hash, redaction.content) == (before, hash, self.content_hash())
            }
            None => self.hash(before) == hash,
        }
    }

    /// Returns the hash of this event when it follows the event with the hash `before`.
    pub fn hash(&self, before: EventHash) -> EventHash {
        use sha2::{Digest, Sha256};
        EventHash(Sha256::new().chain_update(before.0).chain_update(self.text()).finalize().into())
    }

    /// Returns the hash of what a redacted event holds, independent of its place in the chain: the SHA-256 of its
    /// canonical text.
    pub fn content_hash(&self) -> EventHash {
        use sha2::{Digest, Sha256};
        EventHash(Sha256::digest(self.text()).into())
    }

    fn text(&self) -> Vec<u8> {
        let at = self.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let parts = (
            self.id,
            self.organization_id,
            self.number,
            at,
            &self.actor,
            self.invitation_id,
            self.member_id,
            &self.action,
            &self.fact,
        );
        let mut text = serde_json::to_vec(&parts).expect("ids, a number and texts are JSON");
        if let Some(salt) = &self.salt {
            let end = text.len() - 1;
            let salt: String = salt.iter().map(|byte| format!("{byte:02x}")).collect();
            text.splice(end.., format!(",\"{salt}\"]").into_bytes());
        }
        text
    }
}

impl Redaction {
    /// Returns what the vouching event records about these redactions, which must be in the order of their numbers: the
    /// SHA-256 over, for each, the number in eight bytes, big-endian, and the three hashes.
    pub fn digest(redactions: &[Self]) -> EventHash {
        use sha2::{Digest, Sha256};
        let mut digest = Sha256::new();
        for redaction in redactions {
            digest.update(redaction.number.to_be_bytes());
            for hash in [redaction.before, redaction.hash, redaction.content] {
                digest.update(hash.0);
            }
        }
        EventHash(digest.finalize().into())
    }
}

/// Displays the flaw as a sentence without a full stop, to be put after the organization's name and a colon.
impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {}", self.number)?;
        if let Some(id) = self.id {
            write!(f, " ({id})")?;
        }
        f.write_str(match self.wrong {
            ChainErrorKind::Missing => " is missing",
            ChainErrorKind::Changed => " is not as it was written, or was not written after the one before it",
            ChainErrorKind::Replaced => " is not the one that was written last",
            ChainErrorKind::Foreign => " was not written by Vestibule: it follows on the last one",
            ChainErrorKind::Unvouched => " says of what was erased something else than is there",
            ChainErrorKind::Unreadable => " can't be read",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};
    use uuid::Uuid;

    fn link(number: u64) -> ChainLink {
        ChainLink {
            id: Uuid::from_u128(u128::from(number)).into(),
            organization_id: Uuid::from_u128(7).into(),
            number,
            at: Utc.with_ymd_and_hms(2026, 11, 22, 9, 0, 0).unwrap(),
            actor: r#"{"type":"system"}"#.to_owned(),
            invitation_id: None,
            member_id: Some(Uuid::from_u128(9).into()),
            action: "member.left".to_owned(),
            fact: r#"{"action":"member.left","data":{"name":"Ada \"A\" Byrne"}}"#.to_owned(),
            salt: None,
        }
    }

    /// The hash was computed outside of this program, by the rule at the top of the file.
    #[test]
    fn the_hash_is_what_the_rule_says() {
        let expected = "1b591f6e14592fdef509460a394162c1e1ce9d87ee780e52cf6dc89eff79d3f5";
        assert_eq!(link(1).hash(EventHash::START).to_string(), expected);
    }

    #[test]
    fn every_part_counts() {
        let hash = link(1).hash(EventHash::START);
        let other: Uuid = Uuid::from_u128(99);
        let others = [
            ChainLink { id: other.into(), ..link(1) },
            ChainLink { organization_id: other.into(), ..link(1) },
            link(2),
            ChainLink { at: link(1).at + chrono::Duration::microseconds(1), ..link(1) },
            ChainLink { actor: r#"{"type": "system"}"#.to_owned(), ..link(1) },
            ChainLink { invitation_id: Some(Uuid::from_u128(9).into()), member_id: None, ..link(1) },
            ChainLink { member_id: None, ..link(1) },
            ChainLink { action: "member.lef".to_owned(), fact: format!("t{}", link(1).fact), ..link(1) },
            ChainLink { fact: link(1).fact.replace("Ada", "Eda"), ..link(1) },
            ChainLink { salt: Some(vec![0]), ..link(1) },
            ChainLink { salt: Some(vec![1]), ..link(1) },
        ];
        for other in others {
            assert_ne!(other.hash(EventHash::START), hash, "{other:?}");
        }
        assert_ne!(link(1).hash(hash), hash, "what came before counts too");
    }

    #[test]
    fn a_salt_is_the_last_part_of_the_text() {
        let salted = ChainLink { salt: Some(vec![0xab; 16]), ..link(1) };
        assert_eq!(
            salted.hash(EventHash::START).to_string(),
            "2edb1f20c841a594a12afec1c0f04908226be34835d91ea19c401fcc35bab551"
        );
    }

    #[test]
    fn a_redaction_holds_for_one_place_and_one_content() {
        let redacted = ChainLink { fact: link(1).fact.replace("Ada", "Eda"), ..link(1) };
        let (before, hash) = (EventHash::START, link(1).hash(EventHash::START));
        let redaction = Redaction { number: 1, before, hash, content: redacted.content_hash() };
        assert!(Head::START.step(&redacted, hash, Some(&redaction)).is_ok());
        assert!(Head::START.step(&redacted, hash, None).is_err(), "nobody vouches for it");
        assert!(Head::START.step(&link(1), hash, Some(&redaction)).is_err(), "it was redacted");
        let elsewhere = Redaction { before: hash, ..redaction };
        assert!(Head::START.step(&redacted, hash, Some(&elsewhere)).is_err(), "after something else");
        let others = [Redaction { number: 2, ..redaction }, elsewhere, Redaction { content: hash, ..redaction }];
        for other in others {
            assert_ne!(Redaction::digest(&[other]), Redaction::digest(&[redaction]));
        }
    }

    #[test]
    fn a_restore_alone_may_leave_out_numbers() {
        let one = link(1).hash(EventHash::START);
        let head = Head { number: 1, hash: one };
        let at = |number: u64, last_number: u64| {
            let fact = Fact::OrganizationRestored { last_number, backup_made_at: link(1).at };
            ChainLink { action: Fact::RESTORED.to_owned(), fact: serde_json::to_string(&fact).unwrap(), ..link(number) }
        };
        let step = |link: &ChainLink| head.step(link, link.hash(one), None);
        let restored = at(1_000_001, 1);
        assert_eq!(step(&restored), Ok(Head { number: 1_000_001, hash: restored.hash(one) }));
        assert!(step(&at(2, 1)).is_ok(), "it need not");
        for wrong in [at(1_000_001, 2), at(1_000_001, 0), at(1, 1), link(3)] {
            assert_eq!(step(&wrong).unwrap_err().wrong, ChainErrorKind::Missing, "{wrong:?}");
        }
        let unsaid = ChainLink { action: "member.left".to_owned(), ..at(3, 1) };
        assert_eq!(step(&unsaid).unwrap_err().wrong, ChainErrorKind::Missing);
    }

    #[test]
    fn a_walk_stops_at_the_first_that_is_wrong() {
        let one = link(1).hash(EventHash::START);
        let head = Head::START.step(&link(1), one, None).unwrap();
        assert_eq!(head, Head { number: 1, hash: one });
        assert_eq!(
            head.step(&link(3), one, None),
            Err(ChainError { number: 2, id: None, wrong: ChainErrorKind::Missing })
        );
        let flaw = head.step(&link(2), one, None).unwrap_err();
        assert_eq!(flaw, ChainError { number: 2, id: Some(link(2).id), wrong: ChainErrorKind::Changed });
        assert!(flaw.to_string().starts_with("event 2 (00000000-0000-0000-0000-000000000002) is not as it was"));
    }
}
