//! The seal on the end of a chain: a digest made with the secret key, which nobody can forge who has only the database.

use super::{Head, OrganizationId, token::SigningKeys};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::sync::{Arc, OnceLock};
use subtle::ConstantTimeEq;

/// The keys that seal, once they are known: the present one first, then the previous ones that are still accepted.
#[derive(Clone, Default)]
pub struct Seals(Arc<OnceLock<Vec<[u8; 32]>>>);

/// The seal of an organization's chain as its row holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The number of the last event that was sealed, or 0 before the first.
    pub number: u64,
    pub seal: Option<Vec<u8>>,
}

impl Seals {
    /// Sets the keys to seal with. Only the first call has an effect.
    pub fn know(&self, signing_keys: &SigningKeys) {
        _ = self.0.set(signing_keys.secrets("seal", ""));
    }

    /// Returns the seal on this end of the organization's chain, or `None` while no key is known.
    pub fn make(&self, id: OrganizationId, head: Head) -> Option<[u8; 32]> {
        Some(sign(self.0.get()?.first()?, id, head))
    }

    /// Checks whether one of the keys made this seal on this end. Returns true while no key is known, since it can't be
    /// decided then.
    pub fn is_good(&self, id: OrganizationId, head: Head, seal: &[u8]) -> bool {
        let Some(keys) = self.0.get() else { return true };
        keys.iter().fold(false, |good, key| good | bool::from(sign(key, id, head).ct_eq(seal)))
    }
}

fn sign(key: &[u8; 32], id: OrganizationId, head: Head) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(id.uuid().as_bytes());
    mac.update(&head.number.to_be_bytes());
    mac.update(head.hash.as_bytes());
    mac.finalize().into_bytes().into()
}

/// Returns what the database keeps of a key to recognize it. Nothing can be made with it.
pub fn key_check(signing_keys: &SigningKeys) -> [u8; 32] {
    signing_keys.digest("key check", "")
}

/// Checks whether the database was used with one of these keys.
pub fn knows_key(signing_keys: &SigningKeys, check: &[u8]) -> bool {
    signing_keys
        .secrets("key check", "")
        .iter()
        .fold(false, |known, own| known | bool::from(own.as_slice().ct_eq(check)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EventHash;
    use uuid::Uuid;

    fn seals(current: u8, previous: &[u8]) -> Seals {
        let seals = Seals::default();
        seals.know(&SigningKeys::new([current; 32], previous.iter().map(|byte| [*byte; 32]).collect()));
        seals
    }

    #[test]
    fn a_seal_is_good_for_its_own_end_and_key_alone() {
        let (id, other): (OrganizationId, OrganizationId) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        let head = Head { number: 6, hash: EventHash::of_bytes(&[3; 32]).unwrap() };
        let seal = seals(1, &[]).make(id, head).unwrap();
        assert!(seals(1, &[]).is_good(id, head, &seal));
        assert!(seals(2, &[1]).is_good(id, head, &seal), "a previous key");
        assert!(!seals(2, &[]).is_good(id, head, &seal), "another key");
        assert!(!seals(1, &[]).is_good(other, head, &seal));
        assert!(!seals(1, &[]).is_good(id, Head { number: 5, ..head }, &seal));
        assert!(!seals(1, &[]).is_good(id, Head { hash: EventHash::START, ..head }, &seal));
        assert_eq!(Seals::default().make(id, head), None);
    }

    #[test]
    fn a_key_is_known_by_its_check() {
        let check = key_check(&SigningKeys::new([1; 32], vec![]));
        assert!(knows_key(&SigningKeys::new([1; 32], vec![]), &check));
        assert!(knows_key(&SigningKeys::new([2; 32], vec![[1; 32]]), &check));
        assert!(!knows_key(&SigningKeys::new([2; 32], vec![]), &check));
    }
}
