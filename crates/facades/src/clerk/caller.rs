//! Who calls, and in which organization.

use super::fault::Fault;
use super::wire;
use crate::{FacadeState, pass};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, request::Parts};
use axum::middleware::Next;
use axum::response::Response;
use vestibule_core::service::{Error, Missing, Scope};
use vestibule_domain::{ApiKey, Surface};
use vestibule_web::authorization;
use vestibule_web::extract::path_parameter;

/// The largest request body in bytes: ten invitations with the largest metadata.
const LARGEST: usize = 256 * 1024;

/// The organization of the key. For Clerk's clients, it is the whole instance.
pub struct Instance(pub Scope);

/// The organization of the path. It has to be the key's.
pub struct At(pub Scope);

/// Passes a request on to the handlers if its key is valid, the key has requests left, and the body can be read.
pub async fn admit(State(state): State<FacadeState>, request: Request, next: Next) -> Response {
    let caller = caller(&state, request.headers()).await;
    pass(caller, LARGEST, request, next).await
}

async fn caller(state: &FacadeState, headers: &HeaderMap) -> Result<ApiKey, Fault> {
    let token = authorization::bearer(headers).ok_or_else(Fault::no_key)?;
    let key = state.vestibule.authenticate(token, Surface::Clerk).await?;
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
        let named: Option<String> = path_parameter(parts, "org").await;
        let Instance(scope) = Instance::from_request_parts(parts, state).await?;
        if named.and_then(|named| wire::read_organization_id(&named)) != Some(scope.organization().id) {
            return Err(Error::from(Missing::Organization).into());
        }
        Ok(Self(scope))
    }
}
