//! The secret in a link. It is derived and never stored: the program can derive it again with its key, but a thief of
//! the database can't.
//!
//! `vst_` + base64url(invitation id, 16 bytes · generation, 4 bytes · channel, 1 byte · HMAC-SHA256 over those, 32
//! bytes)

use super::{ApiKeyId, Instant, InvitationId, UserId};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq;
use uuid::Uuid;

const PREFIX: &str = "vst_";
/// What a preview of a mail has in place of a token, about as long as one. It proves nothing, and says what it is.
pub const PREVIEW: &str = "this-is-a-preview--the-mail-that-is-sent-has-the-link-to-the-invitation";
const CLAIMS: usize = 16 + 4 + 1;
const SIGNATURE: usize = 32;

/// The key that tokens are derived with, and the previous keys that are still accepted.
#[derive(Clone)]
pub struct SigningKeys {
    current: [u8; 32],
    previous: Vec<[u8; 32]>,
}

/// The channel by which a link left the program. Only a link that was handed to a mail server counts as mailed and
/// proves the mailbox. One that a person could read in the portal or through the API is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Mail,
    Shared,
}

/// What a verified token says. It does not say that the token is the present one: for that, compare the generation with
/// the invitation's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkClaims {
    pub invitation_id: InvitationId,
    pub generation: u32,
    pub channel: Channel,
}

/// A token as text. `Debug` does not reveal it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl SigningKeys {
    pub fn new(current: [u8; 32], previous: Vec<[u8; 32]>) -> Self {
        Self { current, previous }
    }

    /// Returns the token for these claims, derived with the current key.
    pub fn token(&self, claims: LinkClaims) -> Token {
        let mut bytes = claims.to_bytes().to_vec();
        bytes.extend(sign(&self.current, "invitation", &bytes));
        Token(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Verifies a token. Returns `None` unless one of our keys made it, and takes the same time whichever part of the
    /// signature is wrong.
    pub fn verify(&self, token: &str) -> Option<LinkClaims> {
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
        let (claims, signature) = bytes.split_at_checked(CLAIMS)?;
        if signature.len() != SIGNATURE || !self.signed("invitation", claims, signature) {
            return None;
        }
        LinkClaims::from_bytes(claims)
    }

    /// Returns the token of a link to choose a new password. It is void at `until`, or as soon as the password has
    /// changed; `hash` is the hash of the present one.
    pub fn reset_token(&self, user_id: UserId, until: Instant, hash: &str) -> Token {
        let mut bytes = user_id.uuid().as_bytes().to_vec();
        bytes.extend(until.timestamp().to_be_bytes());
        let signed = [&bytes, hash.as_bytes()].concat();
        bytes.extend(sign(&self.current, "reset", &signed));
        Token(format!("vsr_{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Returns the user that a reset link claims to be for, and until when. Nothing is proved until `verify_reset`.
    pub fn reset_claims(token: &str) -> Option<(UserId, i64)> {
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix("vsr_")?).ok()?;
        let (user, rest) = bytes.split_at_checked(16)?;
        let until = rest.first_chunk::<8>()?;
        Some((Uuid::from_slice(user).ok()?.into(), i64::from_be_bytes(*until)))
    }

    /// Verifies the token of a reset link. `hash` is the hash of the user's present password. Returns `None` if the
    /// token is not ours, has expired, or is for another password.
    pub fn verify_reset(&self, token: &str, now: Instant, hash: &str) -> Option<UserId> {
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix("vsr_")?).ok()?;
        let (claims, signature) = bytes.split_at_checked(24)?;
        let (user_id, until) = Self::reset_claims(token)?;
        let signed = [claims, hash.as_bytes()].concat();
        (self.signed("reset", &signed, signature) && now.timestamp() < until).then_some(user_id)
    }

    /// Returns the token that a client uses instead of its key until `until`: `vsa_` + base64url(key id, 16 bytes · end
    /// in seconds since 1970, 8 bytes · HMAC-SHA256, 32 bytes).
    pub fn access_token(&self, key_id: ApiKeyId, until: Instant) -> Token {
        let mut bytes = key_id.uuid().as_bytes().to_vec();
        bytes.extend(until.timestamp().to_be_bytes());
        bytes.extend(sign(&self.current, "access", &bytes));
        Token(format!("vsa_{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Verifies an access token. Returns the key that it stands for, or `None` if it is not ours or has expired.
    pub fn verify_access(&self, token: &str, now: Instant) -> Option<ApiKeyId> {
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix("vsa_")?).ok()?;
        let (claims, signature) = bytes.split_at_checked(24)?;
        let until = i64::from_be_bytes(*claims[16..].first_chunk()?);
        let is_good = self.signed("access", claims, signature) && now.timestamp() < until;
        is_good.then(|| Uuid::from_slice(&claims[..16]).ok().map(Into::into))?
    }

    /// Returns the token of the set-up link, which works while the installation has no user.
    pub fn setup_token(&self) -> Token {
        Token(format!("vss_{}", URL_SAFE_NO_PAD.encode(sign(&self.current, "setup", b""))))
    }

    pub fn verify_setup(&self, token: &str) -> bool {
        token.as_bytes().ct_eq(self.setup_token().as_str().as_bytes()).into()
    }

    /// Returns a keyed digest, for things that are looked up but must not be in the database as they are.
    pub fn digest(&self, purpose: &str, text: &str) -> [u8; 32] {
        sign(&self.current, purpose, text.as_bytes())
    }

    /// Returns the seeds of signing keys, one for each of our keys, the present one first.
    pub fn seeds(&self, purpose: &str) -> Vec<[u8; 32]> {
        self.secrets(purpose, "seed")
    }

    /// Returns the secrets that sign `text` for this purpose, one for each of our keys, the present one first.
    pub fn secrets(&self, purpose: &str, text: &str) -> Vec<[u8; 32]> {
        std::iter::once(&self.current).chain(&self.previous).map(|key| sign(key, purpose, text.as_bytes())).collect()
    }

    fn signed(&self, purpose: &str, bytes: &[u8], signature: &[u8]) -> bool {
        std::iter::once(&self.current)
            .chain(&self.previous)
            .fold(false, |found, key| found | bool::from(sign(key, purpose, bytes).ct_eq(signature)))
    }
}

/// Returns the HMAC of `bytes`. The purpose prevents a signature made for one thing from being accepted for another.
fn sign(key: &[u8; 32], purpose: &str, bytes: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(purpose.as_bytes());
    mac.update(&[0]);
    mac.update(bytes);
    mac.finalize().into_bytes().into()
}

impl LinkClaims {
    fn to_bytes(self) -> [u8; CLAIMS] {
        let mut bytes = [0; CLAIMS];
        bytes[..16].copy_from_slice(self.invitation_id.uuid().as_bytes());
        bytes[16..20].copy_from_slice(&self.generation.to_be_bytes());
        bytes[20] = match self.channel {
            Channel::Shared => 1,
            Channel::Mail => 2,
        };
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let channel = match bytes.get(20)? {
            // 0 was in mailed links when the outbox showed those as well, so it does not prove the mailbox
            0 | 1 => Channel::Shared,
            2 => Channel::Mail,
            _ => return None,
        };
        let generation = u32::from_be_bytes(*bytes.get(16..20)?.first_chunk()?);
        Some(Self { invitation_id: Uuid::from_slice(bytes.get(..16)?).ok()?.into(), generation, channel })
    }
}

impl Token {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Duration, TimeZone, Utc};

    fn now() -> Instant {
        Utc.with_ymd_and_hms(2026, 11, 22, 8, 0, 0).unwrap()
    }

    fn claims() -> LinkClaims {
        LinkClaims { invitation_id: InvitationId::new(now()), generation: 3, channel: Channel::Mail }
    }

    #[test]
    fn a_token_says_what_was_put_in() {
        let signing_keys = SigningKeys::new([7; 32], vec![]);
        for channel in [Channel::Mail, Channel::Shared] {
            let claims = LinkClaims { channel, ..claims() };
            assert_eq!(signing_keys.verify(signing_keys.token(claims).as_str()), Some(claims));
        }
    }

    #[test]
    fn an_older_mark_of_mailed_links_proves_nothing() {
        let signing_keys = SigningKeys::new([7; 32], vec![]);
        let mut bytes = LinkClaims { channel: Channel::Mail, ..claims() }.to_bytes();
        bytes[20] = 0;
        let signed = [&bytes[..], &sign(&[7; 32], "invitation", &bytes)].concat();
        let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(signed));
        assert_eq!(signing_keys.verify(&token), Some(LinkClaims { channel: Channel::Shared, ..claims_of(&bytes) }));
    }

    fn claims_of(bytes: &[u8]) -> LinkClaims {
        LinkClaims::from_bytes(bytes).unwrap()
    }

    #[test]
    fn no_flipped_bit_passes() {
        let signing_keys = SigningKeys::new([7; 32], vec![]);
        let token = signing_keys.token(claims());
        let bytes = URL_SAFE_NO_PAD.decode(token.as_str().strip_prefix(PREFIX).unwrap()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(signing_keys.verify(&format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(forged))), None, "bit {bit}");
        }
        for cut in 0..bytes.len() {
            assert_eq!(
                signing_keys.verify(&format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&bytes[..cut]))),
                None,
                "cut at {cut}"
            );
        }
        for text in ["", "vst_", "vst_!", token.as_str().strip_prefix("vst_").unwrap(), &format!("{}=", token.as_str())]
        {
            assert_eq!(signing_keys.verify(text), None, "{text}");
        }
    }

    #[test]
    fn a_previous_key_verifies_and_a_retired_one_does_not() {
        let token = SigningKeys::new([1; 32], vec![]).token(claims());
        assert!(SigningKeys::new([2; 32], vec![[1; 32]]).verify(token.as_str()).is_some());
        assert!(SigningKeys::new([2; 32], vec![]).verify(token.as_str()).is_none());
    }

    #[test]
    fn a_reset_link_dies_with_the_password_and_with_time() {
        let signing_keys = SigningKeys::new([7; 32], vec![]);
        let user = UserId::new(now());
        let token = signing_keys.reset_token(user, now() + Duration::hours(1), "old hash");
        assert_eq!(signing_keys.verify_reset(token.as_str(), now(), "old hash"), Some(user));
        assert_eq!(signing_keys.verify_reset(token.as_str(), now(), "new hash"), None);
        assert_eq!(signing_keys.verify_reset(token.as_str(), now() + Duration::hours(1), "old hash"), None);
    }

    #[test]
    fn an_access_token_ends() {
        let signing_keys = SigningKeys::new([7; 32], vec![]);
        let id = ApiKeyId::new(now());
        let token = signing_keys.access_token(id, now() + Duration::hours(1));
        assert_eq!(signing_keys.verify_access(token.as_str(), now()), Some(id));
        assert_eq!(signing_keys.verify_access(token.as_str(), now() + Duration::hours(1)), None);
        assert_eq!(SigningKeys::new([8; 32], vec![]).verify_access(token.as_str(), now()), None);
        for text in ["", "vsa_", "vsa_AAAA", &token.as_str()[..60], &token.as_str().replace("vsa_", "vst_")] {
            assert_eq!(signing_keys.verify_access(text, now()), None, "{text}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", SigningKeys::new([7; 32], vec![]).token(claims())), "***");
    }
}
