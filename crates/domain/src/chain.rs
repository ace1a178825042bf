//! The chain of an organization's events: each holds the hash of all before it, so none can be changed, taken out or
//! put in unnoticed. Their numbers follow on one another; only the event that says that a backup was restored, and names
//! the last one before it, may leave some out.
//!
//! `hash = SHA-256(hash of the event before ‖ canonical text of the event)`. Before the first event stand 32 zero
//! bytes. The canonical text is the JSON array, in UTF-8 and without blanks, of
//! `[id, organization id, number, at, actor, invitation id or null, member id or null, action, fact]`: ids with hyphens
//! in lower case, `at` in RFC 3339 with six digits and `Z`, actor and fact as strings that hold the very text stored. Where
//! the event has a salt, it follows as one more string, in hexadecimal.
//!
//! Where a person was erased, an event does not hold what was written any more, and its salt is gone. Its hash stays, and
//! the chain goes on over it. A [`Redaction`] says what stands there now; it counts only if a later event of the same
//! chain vouches for it, so nobody can pass off a change as a redaction without adding to the record.

use super::Fact;
use super::{EventId, Instant, InvitationId, MemberId, OrganizationId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// SHA-256; shown in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventHash([u8; 32]);

/// An event as it lies in the database, before anything in it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub id: EventId,
    pub organization_id: OrganizationId,
    pub number: u64,
    pub at: Instant,
    pub actor: String,
    pub invitation_id: Option<InvitationId>,
    pub member_id: Option<MemberId>,
    pub action: String,
    pub fact: String,
    /// Random; none in events from before there were salts, and in redacted ones.
    pub salt: Option<Vec<u8>>,
}

/// That an event was written between two others with these hashes, and holds something else since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redaction {
    /// Of the event.
    pub number: u64,
    /// Of all events before it.
    pub before: EventHash,
    /// Of the event as it was written.
    pub hash: EventHash,
    /// Of what it holds now; see [`Link::content_hash`].
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
pub struct Flaw {
    pub number: u64,
    /// None where the event is not there, or can't be read.
    pub id: Option<EventId>,
    pub wrong: Wrong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wrong {
    /// The next one there has a higher number.
    Missing,
    /// Its hash is not that of its text after the hash before it.
    Changed,
    /// The chain holds in itself, and yet does not end as the organization says.
    Replaced,
    /// It follows on what the organization says is the last.
    Foreign,
    /// It vouches for other redactions than there are.
    Unvouched,
    /// A column holds what is no value of it.
    Unreadable,
}

/// What a walk along a chain came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Events that were compared, or that the organization says it has where one is wrong.
    pub count: u64,
    /// The first that is wrong; none when all are as they were written.
    pub flaw: Option<Flaw>,
}

impl EventHash {
    /// Before the first event.
    pub const START: Self = Self([0; 32]);

    /// None unless there are 32.
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
    /// Where a walk begins.
    pub const START: Self = Self { number: 0, hash: EventHash::START };

    /// The head after one event more, or what is wrong with the event: `link` and `hash` are as stored, `redaction` is
    /// the last that there is of the event.
    pub fn step(self, link: &Link, hash: EventHash, redaction: Option<&Redaction>) -> Result<Self, Flaw> {
        let number = self.number + 1;
        if link.number != number && !self.is_restored_at(link) {
            return Err(Flaw { number, id: None, wrong: Wrong::Missing });
        }
        let number = link.number;
        if !link.stands(self.hash, hash, redaction) {
            return Err(Flaw { number, id: Some(link.id), wrong: Wrong::Changed });
        }
        Ok(Self { number, hash })
    }

    /// Whether the event says that a backup was restored which ends here: it alone may leave out numbers.
    fn is_restored_at(self, link: &Link) -> bool {
        let says_so = || match serde_json::from_str(&link.fact) {
            Ok(Fact::OrganizationRestored { last_number, .. }) => last_number == self.number,
            _ => false,
        };
        link.number > self.number && link.action == Fact::RESTORED && says_so()
    }
}

impl Link {
    /// Whether this is what was written after the event of hash `before`, or what it was redacted to.
    pub fn stands(&self, before: EventHash, hash: EventHash, redaction: Option<&Redaction>) -> bool {
        match redaction {
            Some(redaction) => {
                (redaction.before, redaction.hash, redaction.content) == (before, hash, self.content_hash())
            }
            None => self.hash(before) == hash,
        }
    }

    /// The hash of this event after the event of hash `before`.
    pub fn hash(&self, before: EventHash) -> EventHash {
        use sha2::{Digest, Sha256};
        EventHash(Sha256::new().chain_update(before.0).chain_update(self.text()).finalize().into())
    }

    /// The hash of what a redacted event holds, wherever it stands: SHA-256 of its canonical text.
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
    /// What the event that vouches for these holds of them: SHA-256 of, for each in the order of their numbers, the number
    /// in eight bytes, the greatest first, and the three hashes.
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

/// A sentence without a full stop, after the organization's name and a colon.
impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {}", self.number)?;
        if let Some(id) = self.id {
            write!(f, " ({id})")?;
        }
        f.write_str(match self.wrong {
            Wrong::Missing => " is missing",
            Wrong::Changed => " is not as it was written, or was not written after the one before it",
            Wrong::Replaced => " is not the one that was written last",
            Wrong::Foreign => " was not written by Vestibule: it follows on the last one",
            Wrong::Unvouched => " says of what was erased something else than is there",
            Wrong::Unreadable => " can't be read",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};
    use uuid::Uuid;

    fn link(number: u64) -> Link {
        Link {
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

    /// Worked out apart from this program, by the rule at the top of the file.
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
            Link { id: other.into(), ..link(1) },
            Link { organization_id: other.into(), ..link(1) },
            link(2),
            Link { at: link(1).at + chrono::Duration::microseconds(1), ..link(1) },
            Link { actor: r#"{"type": "system"}"#.to_owned(), ..link(1) },
            Link { invitation_id: Some(Uuid::from_u128(9).into()), member_id: None, ..link(1) },
            Link { member_id: None, ..link(1) },
            Link { action: "member.lef".to_owned(), fact: format!("t{}", link(1).fact), ..link(1) },
            Link { fact: link(1).fact.replace("Ada", "Eda"), ..link(1) },
            Link { salt: Some(vec![0]), ..link(1) },
            Link { salt: Some(vec![1]), ..link(1) },
        ];
        for other in others {
            assert_ne!(other.hash(EventHash::START), hash, "{other:?}");
        }
        assert_ne!(link(1).hash(hash), hash, "what came before counts too");
    }

    #[test]
    fn a_salt_is_the_last_part_of_the_text() {
        let salted = Link { salt: Some(vec![0xab; 16]), ..link(1) };
        assert_eq!(
            salted.hash(EventHash::START).to_string(),
            "2edb1f20c841a594a12afec1c0f04908226be34835d91ea19c401fcc35bab551"
        );
    }

    #[test]
    fn a_redaction_holds_for_one_place_and_one_content() {
        let redacted = Link { fact: link(1).fact.replace("Ada", "Eda"), ..link(1) };
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
            Link { action: Fact::RESTORED.to_owned(), fact: serde_json::to_string(&fact).unwrap(), ..link(number) }
        };
        let step = |link: &Link| head.step(link, link.hash(one), None);
        let restored = at(1_000_001, 1);
        assert_eq!(step(&restored), Ok(Head { number: 1_000_001, hash: restored.hash(one) }));
        assert!(step(&at(2, 1)).is_ok(), "it need not");
        for wrong in [at(1_000_001, 2), at(1_000_001, 0), at(1, 1), link(3)] {
            assert_eq!(step(&wrong).unwrap_err().wrong, Wrong::Missing, "{wrong:?}");
        }
        let unsaid = Link { action: "member.left".to_owned(), ..at(3, 1) };
        assert_eq!(step(&unsaid).unwrap_err().wrong, Wrong::Missing);
    }

    #[test]
    fn a_walk_stops_at_the_first_that_is_wrong() {
        let one = link(1).hash(EventHash::START);
        let head = Head::START.step(&link(1), one, None).unwrap();
        assert_eq!(head, Head { number: 1, hash: one });
        assert_eq!(head.step(&link(3), one, None), Err(Flaw { number: 2, id: None, wrong: Wrong::Missing }));
        let flaw = head.step(&link(2), one, None).unwrap_err();
        assert_eq!(flaw, Flaw { number: 2, id: Some(link(2).id), wrong: Wrong::Changed });
        assert!(flaw.to_string().starts_with("event 2 (00000000-0000-0000-0000-000000000002) is not as it was"));
    }
}
