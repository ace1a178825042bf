//! Keys with which programs sign their requests. The private key is created here and given away once; only the public
//! key is stored.

use super::{ApiToken, Error, KnownKey, Result, secret::digest, subject};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::de::IgnoredAny;
use std::collections::HashSet;
use vestibule_domain::{ApiKeyId, RequestToken, Surface};

/// A new key: the secret that its program gets once, and what is stored of it.
pub(super) struct NewSecret {
    pub token: ApiToken,
    pub hash: [u8; 32],
    pub hint: String,
    pub kid: Option<String>,
    pub public_key: Option<Vec<u8>>,
}

impl NewSecret {
    /// Creates a random secret of the kind that this API uses: a token, or a signing key for App Store Connect.
    pub fn new(id: ApiKeyId, surface: Surface) -> Result<Self> {
        match surface {
            Surface::AppStoreConnect => Self::signing(),
            Surface::Native | Surface::Adobe | Surface::Clerk | Surface::ClickHouse | Surface::Snyk => {
                let (token, hash) = ApiToken::new(id);
                Ok(Self { hint: token.hint(), token, hash, kid: None, public_key: None })
            }
        }
    }

    fn signing() -> Result<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(Error::internal)?;
        let private = pair.to_pkcs8v1().map_err(Error::internal)?;
        let (token, kid) = (ApiToken::of_text(pem(private.as_ref())), kid());
        Ok(Self {
            hash: digest(token.as_str()),
            hint: kid[RequestToken::KID_CHARS - 4..].to_owned(),
            token,
            kid: Some(kid),
            public_key: Some(pair.public_key().as_ref().to_vec()),
        })
    }
}

impl subject::ApiKeys<'_> {
    /// Returns the key that signed this token, and the token's content. Returns `Unauthenticated` alike for a token
    /// that is malformed, expired, wrongly signed, of an unknown key or of another API.
    pub async fn authenticate_signed(self, token: &str, surface: Surface) -> Result<(KnownKey, RequestToken)> {
        let now = self.now();
        let read = RequestToken::read(token).ok_or(Error::Unauthenticated)?;
        let found = self.read_one(async |tx| Ok(tx.api_keys().by_kid(read.kid()).await?)).await?;
        let (key, organization, public) = found.ok_or(Error::Unauthenticated)?;
        let known = KnownKey::new(key, organization);
        let key = &known.key;
        let is_good = key.surface == surface
            && key.is_usable(now)
            && read.holds(key.organization_id, now)
            && is_signed_by(token, &public);
        if !is_good {
            return Err(Error::Unauthenticated);
        }
        self.touch(key, now).await?;
        Ok((known, read))
    }
}

/// Checks the signature only; [`RequestToken::holds`] checks the claims.
fn is_signed_by(token: &str, public: &[u8]) -> bool {
    let mut validation = Validation::new(Algorithm::ES256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims = HashSet::new();
    decode::<IgnoredAny>(token, &DecodingKey::from_ec_der(public), &validation).is_ok()
}

/// Encodes the PKCS #8 key as PEM, which clients read from a file (RFC 7468, 10).
fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n");
    format!("-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n")
}

/// Returns a random key id of letters and digits that are not easily confused.
fn kid() -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut bytes = [0_u8; RequestToken::KID_CHARS];
    rand::fill(&mut bytes);
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect()
}
