//! Who calls, which organization they call, and the conditions that a write carries: read once, before any handler.

use super::{ApiState, problem::Problem};
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, Method, header, request::Parts};
use sha2::{Digest, Sha256};
use std::str::FromStr;
use vestibule_core::service::{Error, KnownKey, NotFound, Scope, Vestibule};
use vestibule_domain::{Surface, rate_limit::RateLimitStatus};
use vestibule_web::caller::Caller;
use vestibule_web::extract::{RequestRejection, UnreadableKind, path_parameter};
use vestibule_web::{authorization, rate_limit};

/// The longest `Idempotency-Key` in characters.
const LONGEST_KEY: usize = 255;

/// The digest of everything that makes up a request: method, URI and body.
#[derive(Clone, Copy)]
struct RequestHash([u8; 32]);

/// The organization of the path, entered with the request's key. For a write it also carries the request's
/// `Idempotency-Key` and `If-Match`. For a write it also carries the request's
/// `Idempotency-Key` and `If-Match`.
pub struct OrganizationScope(pub Scope);

/// The `{id}` of the path as a `T`. If it is not a valid id, the answer is 404, and [`Named`] says what is missing.
pub struct ById<T>(pub T);

/// A type of id that knows what it identifies.
pub trait Named: FromStr {
    /// The error when there is no such thing.
    const NOT_FOUND: NotFound;
}

/// The callers of the API.
pub struct Program;

impl Caller for Program {
    type Fault = Problem;
    type Claims = ();
    /// Enough for a thousand invitations.
    const LARGEST: usize = 1024 * 1024;

    async fn authenticate(vestibule: &Vestibule, parts: &Parts) -> Result<(KnownKey, ()), Problem> {
        let token = authorization::bearer(&parts.headers).ok_or(Error::Unauthenticated)?;
        Ok((vestibule.api_keys().authenticate(token, Surface::Native).await?, ()))
    }

    fn gathered(parts: &mut Parts, body: &[u8]) {
        let hash = RequestHash::of(parts, body);
        parts.extensions.insert(hash);
    }

    fn write_headers(left: RateLimitStatus, headers: &mut HeaderMap) {
        rate_limit::write_headers(left, headers);
    }
}

impl RequestHash {
    fn of(parts: &Parts, body: &[u8]) -> Self {
        let mut hash = Sha256::new();
        for part in [parts.method.as_str(), &parts.uri.to_string()] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.update(body);
        Self(hash.finalize().into())
    }
}

impl FromRequestParts<ApiState> for OrganizationScope {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let name: Option<String> = path_parameter(parts, "org").await;
        let known = parts.extensions.get::<KnownKey>().ok_or(Error::Unauthenticated)?;
        let scope = known.enter_named(&name.unwrap_or_default())?;
        let scope = scope.if_match(if_match(&parts.headers)?);
        if matches!(parts.method, Method::GET | Method::HEAD) {
            return Ok(Self(scope));
        }
        match (idempotency_key(&parts.headers)?, parts.extensions.get::<RequestHash>()) {
            (Some(key), Some(hash)) => Ok(Self(scope.idempotent(key, hash.0))),
            _ => Ok(Self(scope)),
        }
    }
}

/// Returns the versions that `If-Match` lists; `None` without the header and for `*`, which matches any version. A weak
/// tag becomes an empty string, so it matches nothing (RFC 9110, 13.1.1).
fn if_match(headers: &HeaderMap) -> Result<Option<Vec<String>>, RequestRejection> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text.is_empty() || text == "*" {
        return Ok(None);
    }
    let tag = |tag: &str| {
        let tag = tag.trim();
        let strong = tag.strip_prefix("W/").unwrap_or(tag);
        let inside = strong.strip_prefix('"')?.strip_suffix('"').filter(|inside| !inside.contains('"'))?;
        Some(if strong == tag { inside.to_owned() } else { String::new() })
    };
    let tags: Option<Vec<String>> = text.split(',').map(tag).collect();
    let sentence = "Send If-Match with the ETag that you read, in its quotation marks, or *.";
    tags.map(Some).ok_or_else(|| UnreadableKind::Malformed.with("if_match", sentence))
}

/// Returns the `Idempotency-Key`, if the request has one. Fails unless it is 1 to 255 visible ASCII characters.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, RequestRejection> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().unwrap_or_default();
    if !(1..=LONGEST_KEY).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
        let sentence = "Send an Idempotency-Key of 1 to 255 visible ASCII characters, such as a UUID.";
        return Err(UnreadableKind::Malformed.with("idempotency_key", sentence));
    }
    Ok(Some(key.to_owned()))
}

impl<T: Named> FromRequestParts<ApiState> for ById<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        path_parameter(parts, "id").await.map(Self).ok_or_else(|| Error::from(T::NOT_FOUND).into())
    }
}

macro_rules! named {
    ($($id:ident => $missing:ident),* $(,)?) => {$(
        impl Named for vestibule_domain::$id {
            const NOT_FOUND: NotFound = NotFound::$missing;
        }
    )*};
}

named!(
    InvitationId => Invitation,
    MemberId => Member,
    RoleId => Role,
    ResourceId => Resource,
    ApiKeyId => ApiKey,
    MailId => Mail,
    WebhookEndpointId => Webhook,
    WebhookDeliveryId => Delivery,
);
