//! Who calls, and in which organization.

use super::fault::{Fault, VendorResult};
use super::wire;
use crate::caller::{Named, Names};
use axum::extract::Request;
use axum::http::{HeaderName, request::Parts};
use axum::middleware::Next;
use axum::response::Response;
use vestibule_core::service::{KnownKey, Scope, Vestibule};
use vestibule_domain::{OrganizationId, Permission, Surface};
use vestibule_web::{authorization, caller::Caller};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The callers of Adobe's API.
pub struct Adobe;

/// The organization of the path. It has to be the key's.
pub type Tenant = Named<Adobe>;

/// Returns the request's own id in the answer, whatever it looks like: clients match answers by it.
pub async fn echo(request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).cloned();
    let mut response = next.run(request).await;
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Fails if the client lacks the permission, before any answer reveals what exists.
pub fn demand(scope: &Scope, permission: Permission) -> VendorResult<()> {
    if scope.has(permission) { Ok(()) } else { Err(Fault::forbidden()) }
}

impl Caller for Adobe {
    type Fault = Fault;
    type Claims = ();
    /// Enough for ten commands of the largest size.
    const LARGEST: usize = 256 * 1024;

    /// An access token, with the client id that goes with it.
    async fn authenticate(vestibule: &Vestibule, parts: &Parts) -> Result<(KnownKey, ()), Fault> {
        let token = authorization::bearer(&parts.headers).ok_or_else(Fault::unauthorized)?;
        let known = vestibule.api_keys().authenticate_for_a_while(token, Surface::Adobe).await?;
        let client_id = parts.headers.get(API_KEY).and_then(|value| value.to_str().ok());
        let is_its_own = client_id == Some(wire::client_id(known.key.id).as_str());
        if is_its_own { Ok((known, ())) } else { Err(Fault::forbidden()) }
    }
}

impl Names for Adobe {
    fn is_named(org: Option<&str>, id: OrganizationId) -> Result<bool, Fault> {
        let org = org.ok_or_else(|| Fault::bad_parameter("The path", "text in UTF-8"))?;
        if wire::is_organization_id(org) {
            Ok(org == wire::organization_id(id))
        } else {
            Err(Fault::bad_organization())
        }
    }
}
