//! A secret that the page after a form shows once. On the way there the browser keeps it, sealed: the database has only
//! its digest, and no address may contain it.

use super::{Error, Result, Vestibule};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use vestibule_domain::{Instant, UserId};

/// The minutes in which the page has to be opened.
const MINUTES: i64 = 5;
/// The purpose of the keys.
const PURPOSE: &str = "shown_once";
/// The bytes in front of the secret: the second when it was sealed.
const AT: usize = 8;

impl Vestibule {
    /// Returns the secret sealed, in base64url. Only [`Self::unseal`] can read it, for the same person and page, in the
    /// next five minutes.
    pub fn seal(&self, user_id: UserId, page: &str, secret: &str) -> Result<String> {
        let key = self.keys_of_seals().next().ok_or_else(|| Error::internal("no key"))?;
        let mut text = [&self.now().timestamp().to_be_bytes()[..], secret.as_bytes()].concat();
        let nonce = key.seal_in_place_append_tag(shown_to(user_id, page), &mut text).map_err(Error::internal)?;
        Ok(URL_SAFE_NO_PAD.encode([&nonce.as_ref()[..], &text].concat()))
    }

    /// Returns the secret, or `None` if it was sealed for somebody else, for another page, elsewhere or too long ago.
    pub fn unseal(&self, user_id: UserId, page: &str, sealed: &str) -> Option<String> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
        self.keys_of_seals().find_map(|key| {
            let mut text = text.to_vec();
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let opened = key.open_in_place(nonce, shown_to(user_id, page), &mut text).ok()?;
            let (at, secret) = opened.split_at_checked(AT)?;
            let at = Instant::from_timestamp(i64::from_be_bytes(at.try_into().ok()?), 0)?;
            let is_fresh = self.now() < at + Duration::minutes(MINUTES);
            String::from_utf8(secret.to_vec()).ok().filter(|_| is_fresh)
        })
    }

    /// Returns the keys of seals, one for each key of the installation, the present one first.
    fn keys_of_seals(&self) -> impl Iterator<Item = RandomizedNonceKey> {
        let secrets = self.signing_keys.secrets(PURPOSE, "key").into_iter();
        secrets.filter_map(|secret| RandomizedNonceKey::new(&AES_256_GCM, &secret).ok())
    }
}

/// Returns what a seal is bound to.
fn shown_to(user_id: UserId, page: &str) -> Aad<Vec<u8>> {
    Aad::from(format!("{user_id} {page}").into_bytes())
}
