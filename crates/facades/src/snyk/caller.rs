//! Who calls, in which organization, and what the path names.

use super::fault::{Fault, VendorResult};
use crate::FacadeState;
use crate::caller::{Named, Names, Own};
use crate::number::RequestUuid;
use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderName, HeaderValue, request::Parts};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;
use vestibule_core::service::{Error, KnownKey, Vestibule};
use vestibule_domain::{InvitationId, OrganizationId, Surface};
use vestibule_web::extract::path_parameter;
use vestibule_web::{authorization, caller::Caller};

const REQUEST_ID: HeaderName = HeaderName::from_static("snyk-request-id");

/// The callers of Snyk's APIs.
pub struct Snyk;

/// The organization of the key, for paths that name none.
pub type Instance = Own<Snyk>;

/// The organization of the path. It has to be the key's.
pub type OrganizationScope = Named<Snyk>;

/// The invitation of the path.
pub struct ById(pub InvitationId);

/// Adds the id of the request to every answer.
pub async fn number(number: RequestUuid, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Ok(number) = HeaderValue::from_str(&number.to_string()) {
        response.headers_mut().insert(REQUEST_ID, number);
    }
    response
}

impl Caller for Snyk {
    type Fault = Fault;
    type Claims = ();
    const LARGEST: usize = 64 * 1024;

    /// Authenticates the caller. Programs send the key by Snyk's own scheme `token`, apps as a bearer token.
    async fn authenticate(vestibule: &Vestibule, parts: &Parts) -> Result<(KnownKey, ()), Fault> {
        let token = authorization::token(&parts.headers).or_else(|| authorization::bearer(&parts.headers));
        Ok((vestibule.api_keys().authenticate(token.ok_or(Error::Unauthenticated)?, Surface::Snyk).await?, ()))
    }
}

impl Names for Snyk {
    fn is_named(org: Option<&str>, id: OrganizationId) -> Result<bool, Fault> {
        Ok(uuid(org.and_then(|org| org.parse().ok()))? == id.uuid())
    }
}

impl FromRequestParts<FacadeState> for ById {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &FacadeState) -> Result<Self, Fault> {
        Ok(Self(uuid(path_parameter(parts, "id").await)?.into()))
    }
}

/// Returns the id of the path. Fails when it is not a UUID.
fn uuid(id: Option<Uuid>) -> VendorResult<Uuid> {
    id.ok_or_else(|| Fault::bad_request("path", "An id in the path is not a UUID."))
}
