//! Who calls, in which organization, and what the path names.

use super::fault::{Answer, Fault};
use crate::{FacadeState, pass};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, request::Parts};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;
use vestibule_core::service::{Error, Missing, Scope};
use vestibule_domain::{ApiKey, InvitationId, Surface};
use vestibule_web::authorization;
use vestibule_web::extract::path_parameter;

/// The largest request body in bytes.
const LARGEST: usize = 64 * 1024;

/// The organization of the key, for paths that name none.
pub struct Instance(pub Scope);

/// The organization of the path. It has to be the key's.
pub struct At(pub Scope);

/// The invitation of the path.
pub struct ById(pub InvitationId);

/// Passes a request on to the handlers if its key is valid, the key has requests left, and the body can be read.
pub async fn admit(State(state): State<FacadeState>, request: Request, next: Next) -> Response {
    let caller = caller(&state, request.headers()).await;
    pass(caller, LARGEST, request, next).await
}

/// Authenticates the caller. Programs send the key by Snyk's own scheme `token`, apps as a bearer token.
async fn caller(state: &FacadeState, headers: &HeaderMap) -> Answer<ApiKey> {
    let token = authorization::token(headers).or_else(|| authorization::bearer(headers));
    let key = state.vestibule.authenticate(token.ok_or(Error::Unauthenticated)?, Surface::Snyk).await?;
    state.take(&key)?;
    Ok(key)
}

impl FromRequestParts<FacadeState> for Instance {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &FacadeState) -> Result<Self, Fault> {
        let key = parts.extensions.get::<ApiKey>().ok_or(Error::Unauthenticated)?;
        Ok(Self(state.vestibule.enter_own(key).await?))
    }
}

impl FromRequestParts<FacadeState> for At {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &FacadeState) -> Result<Self, Fault> {
        let id = uuid_of(parts, "org").await?;
        let Instance(scope) = Instance::from_request_parts(parts, state).await?;
        if id == scope.organization().id.uuid() {
            Ok(Self(scope))
        } else {
            Err(Error::from(Missing::Organization).into())
        }
    }
}

impl FromRequestParts<FacadeState> for ById {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &FacadeState) -> Result<Self, Fault> {
        Ok(Self(uuid_of(parts, "id").await?.into()))
    }
}

/// Returns the UUID that the path has under this name.
async fn uuid_of(parts: &mut Parts, name: &str) -> Answer<Uuid> {
    let id: Option<Uuid> = path_parameter(parts, name).await;
    id.ok_or_else(|| Fault::bad_request("path", "An id in the path is not a UUID."))
}
