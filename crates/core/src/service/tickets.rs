//! Tickets: proof of who accepted, for the site to which the invitee is sent.
//!
//! A ticket is a JWT, signed with an Ed25519 key that is derived from the installation's key, so that nothing else has
//! to be stored or rotated. While the old key is among the previous ones, tickets and key set still recognize it.

use super::{Error, Result, Scope, acceptance::accepted_visit, subject};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use uuid::Uuid;
use vestibule_domain::{
    AcceptanceKind, Instant, Invitation, Organization, Permission, RedirectUrl, Surface, Ticket, User, Violation,
    token::SigningKeys,
};

/// The bytes before the seed of an Ed25519 key in PKCS #8 (RFC 8410, 7).
const PKCS8: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// The redirect of an invitee who has accepted.
#[derive(Clone, Debug)]
pub struct ReturnTo {
    pub url: RedirectUrl,
    /// The signed ticket.
    pub ticket: String,
    pub status: AcceptanceKind,
    /// The API through which the invitation was created; its vendor's parameter names are used.
    pub surface: Surface,
}

/// The keys of tickets, the present one first: it signs, and all of them verify.
pub struct Signers(Vec<Signer>);

struct Signer {
    id: String,
    private: EncodingKey,
    public: Vec<u8>,
}

impl Signers {
    pub fn new(signing_keys: &SigningKeys) -> Self {
        Self(signing_keys.seeds("ticket").iter().map(Signer::new).collect())
    }

    fn sign(&self, ticket: &Ticket) -> Result<String> {
        let signer = &self.0[0];
        let header = Header { kid: Some(signer.id.clone()), ..Header::new(Algorithm::EdDSA) };
        encode(&header, ticket, &signer.private).map_err(Error::internal)
    }

    /// Returns the claims of a ticket that one of these keys signed. The caller checks whether it has expired.
    fn read(&self, token: &str) -> Option<Ticket> {
        let id = decode_header(token).ok()?.kid?;
        let signer = self.0.iter().find(|signer| signer.id == id)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims = HashSet::new();
        decode::<Ticket>(token, &DecodingKey::from_ed_der(&signer.public), &validation).ok().map(|data| data.claims)
    }
}

impl Signer {
    fn new(seed: &[u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are a seed");
        let public = pair.public_key().as_ref().to_vec();
        let id = URL_SAFE_NO_PAD.encode(&Sha256::digest(&public)[..12]);
        Self { id, private: EncodingKey::from_ed_der(&[PKCS8.as_slice(), seed].concat()), public }
    }
}

/// Returns the address that somebody who accepts is sent to, if there is one and the organization still allows its
/// origin.
pub(super) fn redirect_url(organization: &Organization, invitation: &Invitation) -> Option<RedirectUrl> {
    let is_allowed = |url: &&RedirectUrl| organization.redirect_origins.iter().any(|it| it.as_str() == url.origin());
    invitation.redirect_url.as_ref().filter(is_allowed).cloned()
}

impl subject::Tickets<'_> {
    /// Returns the redirect of the invitee who accepted on this acceptance session. Returns `None` when the invitation
    /// has no redirect URL, or the organization no longer allows its origin.
    pub async fn return_to(self, acceptance_session: &str, user: &User) -> Result<Option<ReturnTo>> {
        let now = self.now();
        let (accepted, surface) = self
            .read(async |tx| {
                let accepted = accepted_visit(tx, acceptance_session, user, now).await?;
                let key = match accepted.invitation.inviter.api_key_id() {
                    Some(id) => tx.api_keys().get(id).await?,
                    None => None,
                };
                Ok((accepted, key.map_or(Surface::Native, |key| key.surface)))
            })
            .await?;
        let Some(url) = redirect_url(&accepted.organization, &accepted.invitation) else { return Ok(None) };
        let status = accepted.arrival.unwrap_or(AcceptanceKind::Accepted);
        let ticket = Ticket {
            iss: self.0.settings().public_url.clone(),
            aud: url.origin(),
            sub: user.id,
            jti: random_id(),
            iat: now.timestamp(),
            exp: now.timestamp() + Ticket::LIFETIME_SECONDS,
            email: user.email.to_string(),
            email_verified: accepted.is_email_verified,
            name: user.name.to_string(),
            organization_id: accepted.organization.id,
            member_id: accepted.member_id,
            invitation_id: accepted.invitation.id,
            status,
            metadata: accepted.invitation.metadata.public,
        };
        Ok(Some(ReturnTo { url, ticket: self.0.signers.sign(&ticket)?, status, surface }))
    }

    /// Uses up a ticket and returns its claims. Returns a violation for a ticket that is not this organization's, has
    /// expired, or was used before.
    pub async fn use_up(self, scope: &Scope, token: &str) -> Result<Ticket> {
        let now = self.now();
        scope.require(Permission::UserRead)?;
        let refused =
            |code: &'static str, sentence: &'static str| Error::invalid(Violation::new("ticket", code, sentence));
        let ticket = self.0.signers.read(token).filter(|ticket| ticket.organization_id == scope.organization().id);
        let ticket = ticket.ok_or_else(|| refused("unknown", "This is not a ticket of this organization."))?;
        if ticket.is_over(now) {
            return Err(refused("expired", "A ticket is valid for one minute. This one has expired."));
        }
        let is_first = self.write_in(scope, Some(Permission::UserRead), async |tx, _| {
            Ok(tx.tickets_mut().use_up(ticket.jti, end(&ticket, now)).await?)
        });
        if is_first.await? { Ok(ticket) } else { Err(refused("used", "A ticket works only once. This one was used.")) }
    }

    /// Returns the public keys of tickets as a JSON Web Key Set (RFC 7517, 8037).
    pub fn key_set(self) -> Value {
        let signing_keys = self.0.signers.0.iter().map(|signer| {
            let x = URL_SAFE_NO_PAD.encode(&signer.public);
            json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": signer.id, "x": x })
        });
        json!({ "keys": signing_keys.collect::<Vec<_>>() })
    }
}

fn end(ticket: &Ticket, now: Instant) -> Instant {
    DateTime::from_timestamp(ticket.exp, 0).unwrap_or(now + Duration::seconds(Ticket::LIFETIME_SECONDS))
}

fn random_id() -> Uuid {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vestibule_domain::{InvitationId, MemberId, Object, OrganizationId, UserId};

    fn ticket() -> Ticket {
        let now = Instant::UNIX_EPOCH;
        Ticket {
            iss: "https://invites.example".into(),
            aud: "https://app.example".into(),
            sub: UserId::new(now),
            jti: random_id(),
            iat: 0,
            exp: 60,
            email: "grace@example.com".into(),
            email_verified: true,
            name: "Grace Okafor".into(),
            organization_id: OrganizationId::new(now),
            member_id: MemberId::new(now),
            invitation_id: InvitationId::new(now),
            status: AcceptanceKind::SignedUp,
            metadata: Object::default(),
        }
    }

    #[test]
    fn a_ticket_is_known_while_its_key_is() {
        let (old, new) = ([1; 32], [2; 32]);
        let token = Signers::new(&SigningKeys::new(old, vec![])).sign(&ticket()).unwrap();
        assert!(
            Signers::new(&SigningKeys::new(new, vec![old])).read(&token).is_some(),
            "the key before is still known"
        );
        assert!(Signers::new(&SigningKeys::new(new, vec![])).read(&token).is_none());
    }

    #[test]
    fn what_was_touched_is_no_ticket() {
        let signers = Signers::new(&SigningKeys::new([1; 32], vec![]));
        let token = signers.sign(&ticket()).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let none = URL_SAFE_NO_PAD.encode(format!("{{\"alg\":\"none\",\"kid\":\"{}\"}}", signers.0[0].id));
        let hmac = URL_SAFE_NO_PAD.encode(format!("{{\"alg\":\"HS256\",\"kid\":\"{}\"}}", signers.0[0].id));
        for forged in [
            format!("{}.{}.", parts[0], parts[1]),
            format!("{none}.{}.", parts[1]),
            format!("{hmac}.{}.{}", parts[1], parts[2]),
            format!("{}.{}A.{}", parts[0], parts[1], parts[2]),
            format!("{}.{}", parts[0], parts[1]),
            String::new(),
        ] {
            assert!(signers.read(&forged).is_none(), "{forged}");
        }
        assert!(signers.read(&token).is_some());
    }
}
