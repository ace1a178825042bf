//! Tokens that a program signs for its requests, as clients of App Store Connect do: JWTs with ES256 that name their
//! key and expire soon. This module decides what a token may contain
//! and how long it holds; callers check the signature.

use super::{Instant, OrganizationId};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A token whose signature has not been checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestToken {
    kid: String,
    claims: RequestClaims,
}

/// The header of a token. Other members are refused: a token must not carry a key to check it by, a place to fetch one
/// from, or an extension that has to be understood. A member that occurs twice is refused as well.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    typ: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct RequestClaims {
    iss: String,
    exp: i64,
    aud: Audience,
    iat: Option<i64>,
    nbf: Option<i64>,
    scope: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl RequestToken {
    /// The length of a key's name in letters and digits, as in App Store Connect.
    pub const KID_CHARS: usize = 10;
    const MAX_BYTES: usize = 8 * 1024;
    /// The length of r and s of P-256, 32 bytes each (RFC 7518, 3.4).
    const SIGNATURE_BYTES: usize = 64;
    const AUDIENCE: &str = "appstoreconnect-v1";
    const MAX_SECONDS: i64 = 20 * 60;
    /// The longest lifetime of a token that can only read, and only what it names: six months.
    const MAX_SECONDS_TO_READ: i64 = 183 * 24 * 60 * 60;
    /// How far apart the clocks of the two sides may be.
    const LEEWAY_SECONDS: i64 = 60;

    /// Parses the token. Returns `None` if the text is not such a token.
    pub fn read(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
        if token.len() > Self::MAX_BYTES || parts.next().is_some() {
            return None;
        }
        let header: Header = json(header)?;
        let is_kid = header.kid.len() == Self::KID_CHARS && header.kid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_ours = header.alg == "ES256" && header.typ.is_none_or(|typ| typ == "JWT") && is_kid;
        let is_signed = URL_SAFE_NO_PAD.decode(signature).ok()?.len() == Self::SIGNATURE_BYTES;
        (is_ours && is_signed).then_some(Self { kid: header.kid, claims: json(claims)? })
    }

    /// Returns the name of the key that the token claims to be signed by.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Checks whether the token is valid now, provided that a key of this organization signed it. At `now == exp` it
    /// has expired.
    pub fn holds(&self, organization_id: OrganizationId, now: Instant) -> bool {
        let (claims, now) = (&self.claims, now.timestamp());
        let longest = if self.only_reads() { Self::MAX_SECONDS_TO_READ } else { Self::MAX_SECONDS };
        let soon = now + Self::LEEWAY_SECONDS;
        let is_for_us = match &claims.aud {
            Audience::One(audience) => audience == Self::AUDIENCE,
            Audience::Several(audiences) => matches!(&audiences[..], [one] if one == Self::AUDIENCE),
        };
        is_for_us
            && claims.iss.parse() == Ok(organization_id)
            && claims.exp > now
            && claims.exp <= soon + longest
            && claims.iat.is_none_or(|iat| iat <= soon && claims.exp.checked_sub(iat).is_some_and(|age| age <= longest))
            && claims.nbf.is_none_or(|nbf| nbf <= soon)
    }

    /// Checks whether a request may be made with this token: any request, unless the token has a scope. `query` is
    /// decoded. Pairs that the scope names must be present; additional ones are allowed.
    pub fn permits(&self, method: &str, path: &str, query: &[(String, String)]) -> bool {
        let Some(scope) = &self.claims.scope else { return true };
        scope.iter().any(|entry| {
            let (named_method, target) = entry.split_once(' ').unwrap_or_default();
            let (named_path, named_query) = target.split_once('?').unwrap_or((target, ""));
            named_method == method
                && named_path == path
                && named_query.split('&').filter(|pair| !pair.is_empty()).all(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    query.iter().any(|(other, is)| other == name && is == value)
                })
        })
    }

    fn only_reads(&self) -> bool {
        let scope = self.claims.scope.as_deref().unwrap_or_default();
        !scope.is_empty() && scope.iter().all(|entry| entry.starts_with("GET "))
    }
}

fn json<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Duration, TimeDelta};
    use serde_json::{Value, json};

    const NOW: Instant = Instant::UNIX_EPOCH;

    fn token(organization_id: OrganizationId, claims: Value) -> RequestToken {
        let mut all = json!({ "iss": organization_id, "exp": 1_000, "aud": "appstoreconnect-v1" });
        all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = part(json!({ "alg": "ES256", "kid": "ABCDE23456", "typ": "JWT" }));
        let signature = URL_SAFE_NO_PAD.encode([1; 64]);
        RequestToken::read(&format!("{header}.{}.{signature}", part(all))).unwrap()
    }

    #[test]
    fn it_holds_for_twenty_minutes_and_until_its_end() {
        let id = OrganizationId::new(NOW);
        let holds = |claims: Value, after: TimeDelta| token(id, claims).holds(id, NOW + after);
        assert!(holds(json!({}), Duration::seconds(999)));
        assert!(!holds(json!({}), Duration::seconds(1_000)));
        // twenty minutes, plus one minute for a clock that is ahead
        assert!(holds(json!({ "exp": 1_260 }), Duration::zero()));
        assert!(!holds(json!({ "exp": 1_261 }), Duration::zero()));
        assert!(holds(json!({ "exp": 1_200, "iat": 0 }), Duration::zero()));
        assert!(!holds(json!({ "exp": 1_201, "iat": 0 }), Duration::zero()));
        assert!(holds(json!({ "iat": 60, "nbf": 60 }), Duration::zero()));
        assert!(!holds(json!({ "iat": 61 }), Duration::zero()));
        assert!(!holds(json!({ "nbf": 61 }), Duration::zero()));
        assert!(!holds(json!({ "iat": i64::MIN }), Duration::zero()));
        assert!(!token(id, json!({})).holds(OrganizationId::new(NOW), NOW), "another organization's");
    }

    #[test]
    fn one_that_only_reads_may_live_for_half_a_year() {
        let id = OrganizationId::new(NOW);
        let half_a_year = 183 * 24 * 60 * 60;
        let holds = |scope: Value| token(id, json!({ "exp": half_a_year, "scope": scope })).holds(id, NOW);
        assert!(holds(json!(["GET /v1/apps", "GET /v1/users"])));
        assert!(!holds(json!(["GET /v1/apps", "POST /v1/userInvitations"])));
        assert!(!holds(json!([])));
    }

    #[test]
    fn a_scope_names_the_requests_that_may_be_made() {
        let id = OrganizationId::new(NOW);
        let scoped = token(id, json!({ "scope": ["GET /v1/apps?filter[bundleId]=com.example", "GET /v1/users"] }));
        let query = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect::<Vec<_>>();
        assert!(scoped.permits("GET", "/v1/users", &query(&[("limit", "1")])));
        assert!(scoped.permits("GET", "/v1/apps", &query(&[("limit", "1"), ("filter[bundleId]", "com.example")])));
        for (method, path, pairs) in [
            ("POST", "/v1/users", &[][..]),
            ("GET", "/v1/users/1", &[]),
            ("GET", "/v1/apps", &[]),
            ("GET", "/v1/apps", &[("filter[bundleId]", "com.other")]),
        ] {
            assert!(!scoped.permits(method, path, &query(pairs)), "{method} {path}");
        }
        assert!(token(id, json!({})).permits("DELETE", "/v1/users/1", &[]));
        assert!(!token(id, json!({ "scope": [] })).permits("GET", "/v1/users", &[]));
    }
}
