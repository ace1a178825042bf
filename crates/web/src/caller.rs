//! The way of a program's request to its handler: its key, its rate limit, its body.

use super::extract::RequestRejection;
use super::{body, text};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use vestibule_core::service::{Error, KnownKey, Vestibule};
use vestibule_domain::rate_limit::RateLimitStatus;

/// The programs that call a surface.
pub trait Caller: Send + Sync + 'static {
    /// The surface's error answer.
    type Fault: From<Error> + From<RequestRejection> + IntoResponse + Send;
    /// What a credential states besides its key.
    type Claims: Send + Sync;
    /// The largest request body in bytes.
    const LARGEST: usize;

    /// Returns the key that the request authenticates with.
    fn authenticate(
        vestibule: &Vestibule,
        parts: &Parts,
    ) -> impl Future<Output = Result<(KnownKey, Self::Claims), Self::Fault>> + Send;

    /// Fails when the credential does not cover the request. The request has been counted by then.
    fn permit(_: &Self::Claims, _: &Parts) -> Result<(), Self::Fault> {
        Ok(())
    }

    /// Attaches to the request what depends on its body.
    fn gathered(_: &mut Parts, _: &[u8]) {}

    /// Tells the program what is left of its rate limit.
    fn write_headers(_: RateLimitStatus, _: &mut HeaderMap) {}
}

/// Passes a request on to the handlers if its key is valid, the key has requests left, and the body can be read. Every
/// answer to a valid key states what is left of its rate limit. Handlers find the [`KnownKey`] as an extension.
pub async fn admit<C: Caller>(State(vestibule): State<Arc<Vestibule>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let (known, claims) = match C::authenticate(&vestibule, &parts).await {
        Ok(caller) => caller,
        Err(fault) => return fault.into_response(),
    };
    let (left, answer) = match vestibule.limits().take_request(known.key.id) {
        Ok(left) => (left, answer::<C>(known, &claims, (parts, body), next).await),
        Err((left, error)) => (left, Err(error.into())),
    };
    let mut response = answer.unwrap_or_else(IntoResponse::into_response);
    C::write_headers(left, response.headers_mut());
    response
}

async fn answer<C: Caller>(
    known: KnownKey,
    claims: &C::Claims,
    (mut parts, body): (Parts, Body),
    next: Next,
) -> Result<Response, C::Fault> {
    C::permit(claims, &parts)?;
    let bytes = body::whole(&parts.headers, body, C::LARGEST).await?;
    text::check(&parts.headers, &parts.uri, &bytes)?;
    C::gathered(&mut parts, &bytes);
    parts.extensions.insert(known);
    Ok(next.run(Request::from_parts(parts, Body::from(bytes))).await)
}
