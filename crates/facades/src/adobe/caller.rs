//! Who calls, and in which organization.

use super::fault::{Answer, Fault};
use super::wire;
use crate::{FacadeState, pass};
use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderName, request::Parts};
use axum::middleware::Next;
use axum::response::Response;
use vestibule_core::service::Scope;
use vestibule_domain::{ApiKey, Permission, Surface};
use vestibule_web::authorization;

/// The largest request body in bytes: ten commands of the largest size.
const LARGEST: usize = 256 * 1024;
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The organization of the path. It has to be the key's.
pub struct Tenant(pub Scope);

/// Returns the request's own id in the answer, whatever it looks like: clients match answers by it.
pub async fn echo(request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).cloned();
    let mut response = next.run(request).await;
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Passes a request on to the handlers if it has a valid access token with the matching client id, the key has requests
/// left, and the body can be read.
pub async fn admit(State(state): State<FacadeState>, request: Request, next: Next) -> Response {
    let caller = caller(&state, request.headers()).await;
    pass(caller, LARGEST, request, next).await
}

async fn caller(state: &FacadeState, headers: &HeaderMap) -> Answer<ApiKey> {
    let token = authorization::bearer(headers).ok_or_else(Fault::unauthorized)?;
    let key = state.vestibule.authenticate_for_a_while(token, Surface::Adobe).await?;
    let client_id = headers.get(API_KEY).and_then(|value| value.to_str().ok());
    if client_id != Some(wire::client_id(key.id).as_str()) {
        return Err(Fault::forbidden());
    }
    state.take(&key)?;
    Ok(key)
}

/// Fails if the client lacks the permission, before any answer reveals what exists.
pub fn demand(scope: &Scope, permission: Permission) -> Answer<()> {
    if scope.has(permission) { Ok(()) } else { Err(Fault::forbidden()) }
}

impl FromRequestParts<FacadeState> for Tenant {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &FacadeState) -> Result<Self, Fault> {
        let path = RawPathParams::from_request_parts(parts, &()).await;
        let path = path.map_err(|_| Fault::bad_parameter("The path", "text in UTF-8"))?;
        let named = path.iter().find(|(name, _)| *name == "org").map(|(_, value)| value);
        let named = named.filter(|named| wire::is_organization_id(named)).ok_or_else(Fault::bad_organization)?;
        let key = parts.extensions.get::<ApiKey>().ok_or_else(Fault::unauthorized)?;
        if named != wire::organization_id(key.organization_id) {
            return Err(Fault::unauthorized());
        }
        Ok(Self(state.vestibule.enter_own(key).await?))
    }
}
