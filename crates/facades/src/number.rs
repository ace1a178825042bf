//! The id of a request, as vendors' answers contain it.

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use serde::Serialize;
use std::convert::Infallible;
use std::fmt;
use uuid::Uuid;
use vestibule_web::log::RequestId;

/// The id that an answer contains and that the log has as `X-Request-Id`: the request's own id if that is a UUID,
/// otherwise a new one.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
pub struct RequestUuid(Uuid);

impl RequestUuid {
    /// Returns the id of this request, and stores it in the request so that every later reader gets the same one.
    pub fn of(request: &mut Request) -> Self {
        let own = request.extensions().get::<RequestId>().and_then(|id| Uuid::try_parse(id.as_str()).ok());
        let number = own.map_or_else(Self::new, Self);
        request.extensions_mut().insert(number);
        number
    }

    /// Creates a random UUID.
    fn new() -> Self {
        Self(uuid::Builder::from_random_bytes(rand::random()).into_uuid())
    }
}

impl fmt::Display for RequestUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestUuid {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or_else(Self::new))
    }
}
