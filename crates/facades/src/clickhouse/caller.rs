//! Who calls, in which organization, and what the path names.

use super::fault::{Answer, Fault};
use super::wire;
use crate::{FacadeState, pass};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, request::Parts};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;
use vestibule_core::service::{Error, Scope};
use vestibule_domain::{ApiKey, Surface};
use vestibule_web::authorization;
use vestibule_web::extract::path_parameter;

/// The largest request body in bytes.
const LARGEST: usize = 64 * 1024;

/// The organization of the key, for paths that name none.
pub struct Instance(pub Scope);

/// The organization of the path. It has to be the key's.
pub struct At(pub Scope);

/// The id at the end of the path, with its text for the error when it is not a UUID.
pub struct ById(Option<Uuid>, String);

/// Passes a request on to the handlers if its key is valid, the key has requests left, and the body can be read.
pub async fn admit(State(state): State<FacadeState>, request: Request, next: Next) -> Response {
    let caller = caller(&state, request.headers()).await;
    pass(caller, LARGEST, request, next).await
}

/// Authenticates the caller. Id and secret have to belong to the same key.
async fn caller(state: &FacadeState, headers: &HeaderMap) -> Answer<ApiKey> {
    let (id, secret) = authorization::basic(headers).ok_or(Error::Unauthenticated)?;
    let key = state.vestibule.authenticate(&secret, Surface::ClickHouse).await?;
    if wire::key_id(key.id) != id {
        return Err(Error::Unauthenticated.into());
    }
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
        let named = named.unwrap_or_default();
        let id = Uuid::try_parse(&named).map_err(|_| Fault::no_id("organization", &named))?;
        let Instance(scope) = Instance::from_request_parts(parts, state).await?;
        if id == scope.organization().id.uuid() { Ok(Self(scope)) } else { Err(Fault::unknown("organization")) }
    }
}

impl FromRequestParts<FacadeState> for ById {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &FacadeState) -> Result<Self, Fault> {
        let text: Option<String> = path_parameter(parts, "id").await;
        let text = text.unwrap_or_default();
        Ok(Self(Uuid::try_parse(&text).ok(), text))
    }
}

impl ById {
    /// Returns the id. If it is not a UUID, the error says what the id should identify.
    pub fn of<T: From<Uuid>>(self, what: &str) -> Answer<T> {
        self.0.map(Into::into).ok_or_else(|| Fault::no_id(what, &self.1))
    }
}
