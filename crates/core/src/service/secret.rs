//! Random secrets that browsers and programs keep; the database has only their digests.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::fmt;
use vestibule_domain::ApiKeyId;

macro_rules! secret {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            pub(super) fn new() -> Self {
                let mut bytes = [0_u8; 32];
                rand::fill(&mut bytes);
                Self(URL_SAFE_NO_PAD.encode(bytes))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("***")
            }
        }
    )*};
}

secret! {
    /// The value of the session cookie.
    SessionToken;
    /// The token of an acceptance session, which the cookie for opened links contains.
    AcceptanceSessionToken;
}

impl AcceptanceSessionToken {
    /// Returns the public name of the acceptance session, from which the token can't be derived.
    pub fn name(&self) -> String {
        acceptance_session_name(&self.0)
    }
}

/// Returns the [`AcceptanceSessionToken::name`] of a token as text: the beginning of its digest, long enough to tell a
/// browser's acceptance sessions apart.
pub(super) fn acceptance_session_name(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&digest(token)[..9])
}

/// Checks whether the text has the form of an acceptance session's token.
pub(super) fn is_acceptance_session_token(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The secret of an API key, which is shown once: `vsk_` + base64url(id, 16 bytes) + base64url(secret, 32 bytes), or
/// the private key with which the program signs.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken(String);

impl ApiToken {
    const PREFIX: &str = "vsk_";
    const ID: usize = 22;
    const SECRET: usize = 43;

    /// Creates a token. Returns it with the digest to store.
    pub(super) fn new(id: ApiKeyId) -> (Self, [u8; 32]) {
        let mut bytes = [0_u8; 32];
        rand::fill(&mut bytes);
        let secret = URL_SAFE_NO_PAD.encode(bytes);
        let token = format!("{}{}{secret}", Self::PREFIX, URL_SAFE_NO_PAD.encode(id.uuid().as_bytes()));
        (Self(token), digest(&secret))
    }

    /// Wraps a secret of another form: a private key.
    pub(super) fn of_text(text: String) -> Self {
        Self(text)
    }

    /// Splits a token into the id of its key and its secret. Returns `None` if it does not have the form of a token.
    pub(super) fn read(token: &str) -> Option<(ApiKeyId, &str)> {
        let (id, secret) = token.strip_prefix(Self::PREFIX)?.split_at_checked(Self::ID)?;
        let id = uuid::Uuid::from_slice(&URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        (secret.len() == Self::SECRET).then_some((id.into(), secret))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the last four characters.
    pub(super) fn hint(&self) -> String {
        self.0[self.0.len() - 4..].to_owned()
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Returns the digest of a secret, which is all that the database stores.
pub(super) fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
