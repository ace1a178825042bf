//! Random secrets that a browser keeps; the database has their digests.

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
    /// What the session cookie holds.
    SessionToken;
    /// What the cookie of an opened link holds.
    VisitToken;
}

impl VisitToken {
    /// What the visit is called where it may be seen: nobody comes from it to the token.
    pub fn name(&self) -> String {
        visit_name(&self.0)
    }
}

/// [`VisitToken::name`] of a token as text: the beginning of its digest, long enough that two of a browser's differ.
pub(super) fn visit_name(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&digest(token)[..9])
}

/// Whether the text could be the token of a visit.
pub(super) fn is_visit_token(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// An API key as its program has it, shown once: `vsk_` + base64url(id, 16 bytes) + base64url(secret, 32 bytes), or the
/// private key that it signs with.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken(String);

impl ApiToken {
    const PREFIX: &str = "vsk_";
    const ID: usize = 22;
    const SECRET: usize = 43;

    /// The token, and the digest to keep of it.
    pub(super) fn new(id: ApiKeyId) -> (Self, [u8; 32]) {
        let mut bytes = [0_u8; 32];
        rand::fill(&mut bytes);
        let secret = URL_SAFE_NO_PAD.encode(bytes);
        let token = format!("{}{}{secret}", Self::PREFIX, URL_SAFE_NO_PAD.encode(id.uuid().as_bytes()));
        (Self(token), digest(&secret))
    }

    /// A secret that is none of ours in its form: a private key.
    pub(super) fn of_text(text: String) -> Self {
        Self(text)
    }

    /// Which key this claims to be, and its secret. `None` for what no key looks like.
    pub(super) fn read(token: &str) -> Option<(ApiKeyId, &str)> {
        let (id, secret) = token.strip_prefix(Self::PREFIX)?.split_at_checked(Self::ID)?;
        let id = uuid::Uuid::from_slice(&URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        (secret.len() == Self::SECRET).then_some((id.into(), secret))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its last four characters.
    pub(super) fn hint(&self) -> String {
        self.0[self.0.len() - 4..].to_owned()
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What the database knows of a secret.
pub(super) fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
