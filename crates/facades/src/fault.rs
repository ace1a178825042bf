//! The error answers of all vendors. What they have in common is here; a vendor has a table with its answer to each
//! reason, which is matched without a catch-all, and the body of the answer.

use crate::number::RequestUuid;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::{any::Any, sync::Arc, time::Duration};
use vestibule_core::service::{Conflict, Error, InvitationConflict, NotFound};
use vestibule_domain::{Permission, Status, Violation};
use vestibule_web::extract::RequestRejection;
use vestibule_web::http_error::retry_after;
use vestibule_web::log::{Cause, cause_of};

/// What a vendor says in an error answer, and in which form.
pub trait Envelope: Clone + Send + Sync + 'static {
    /// The `WWW-Authenticate` of a 401.
    const CHALLENGE: &'static str;
    /// The headers that tell how many seconds to wait.
    const WAIT: &'static [&'static str] = &["retry-after"];

    /// Returns the vendor's answer to a reason.
    fn refuse(reason: Reason) -> Fault<Self>;

    /// Returns the body.
    fn body(&self, status: StatusCode, echoed: &EchoedRequest) -> Response;
}

/// The reasons of error answers: each vendor has an answer to each of them.
#[derive(Clone, Debug)]
pub enum Reason {
    Unauthenticated,
    Forbidden(Permission),
    NotFound(NotFound),
    Invalid(Vec<Violation>),
    Invitation(InvitationConflict),
    LastOwner,
    /// A conflict that no vendor has words for.
    Conflict,
    /// The invitation is no longer pending.
    Closed(Status),
    TooManyRequests,
    Busy,
    Internal,
    /// The path does not support the method.
    Method,
    RequestRejection(RequestRejection),
}

/// An error answer. [`tell`] puts its text into the vendor's envelope.
#[derive(Clone, Debug)]
pub struct Fault<E> {
    pub status: StatusCode,
    pub said: E,
    pub retry_after: Option<Duration>,
    /// For the log only.
    pub cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What an envelope can repeat of the request.
pub struct EchoedRequest {
    pub number: RequestUuid,
    /// The path below the facade's root.
    pub path: String,
}

impl<E: Envelope> Fault<E> {
    pub fn new(status: StatusCode, said: impl Into<E>) -> Self {
        Self { status, said: said.into(), retry_after: None, cause: None }
    }

    /// Returns the answer to a path that does not exist.
    pub fn no_route() -> Self {
        E::refuse(Reason::NotFound(NotFound::Route))
    }

    /// Returns the answer to a method that the path does not support.
    pub fn no_method() -> Self {
        E::refuse(Reason::Method)
    }

    /// Returns the answer to a request whose handler panicked.
    pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
        Self::from(Error::Internal(cause_of(panic))).into_response()
    }

    fn enveloped(self, echoed: &EchoedRequest) -> Response {
        let mut response = self.said.body(self.status, echoed);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if let Some(wait) = self.retry_after {
            for name in E::WAIT {
                headers.insert(HeaderName::from_static(name), retry_after(wait));
            }
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(E::CHALLENGE));
        }
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(Cause(cause));
        }
        response
    }
}

impl EchoedRequest {
    pub fn of(request: &mut Request) -> Self {
        Self { number: RequestUuid::of(request), path: request.uri().path().to_owned() }
    }
}

/// Gives the request an id, and puts an error into the vendor's envelope.
pub async fn tell<E: Envelope>(mut request: Request, next: Next) -> Response {
    let echoed = EchoedRequest::of(&mut request);
    told::<E>(next.run(request).await, &echoed)
}

/// Puts an error into the vendor's envelope, and leaves any other response as it is. Headers that are there already
/// stay.
pub fn told<E: Envelope>(mut response: Response, echoed: &EchoedRequest) -> Response {
    let Some(fault) = response.extensions_mut().remove::<Fault<E>>() else { return response };
    let mut told = fault.enveloped(echoed);
    told.headers_mut().extend(std::mem::take(response.headers_mut()));
    told
}

impl<E: Envelope> IntoResponse for Fault<E> {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl<E: Envelope> From<RequestRejection> for Fault<E> {
    fn from(unreadable: RequestRejection) -> Self {
        E::refuse(Reason::RequestRejection(unreadable))
    }
}

impl From<Conflict> for Reason {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::Invitation(conflict) => Self::Invitation(conflict),
            Conflict::LastOwner => Self::LastOwner,
            // no handler of a facade can meet these
            Conflict::Account(_)
            | Conflict::Organization(_)
            | Conflict::Role(_)
            | Conflict::Resource(_)
            | Conflict::Webhook(_)
            | Conflict::Mail(_)
            | Conflict::Job(_)
            | Conflict::Request(_) => Self::Conflict,
        }
    }
}

impl<E: Envelope> From<Error> for Fault<E> {
    fn from(error: Error) -> Self {
        let wait = |reason, wait| Self { retry_after: Some(wait), ..E::refuse(reason) };
        match error {
            Error::Unauthenticated => E::refuse(Reason::Unauthenticated),
            Error::Forbidden(permission) => E::refuse(Reason::Forbidden(permission)),
            Error::NotFound(missing) => E::refuse(Reason::NotFound(missing)),
            Error::Invalid(violations) => E::refuse(Reason::Invalid(violations)),
            Error::Conflict(conflict) => E::refuse(conflict.into()),
            Error::Closed(status) => E::refuse(Reason::Closed(status)),
            Error::RateLimited(exceeded) => wait(Reason::TooManyRequests, exceeded.retry_after),
            Error::Busy(busy) => wait(Reason::Busy, busy.retry_after),
            Error::Rows(rows) => Error::first_of(rows).into(),
            Error::Internal(cause) => Self { cause: Some(Arc::from(cause)), ..E::refuse(Reason::Internal) },
        }
    }
}

/// Returns the error of a key that has sent too many requests.
#[cfg(test)]
pub fn too_many_requests(retry_after: Duration) -> Error {
    use vestibule_domain::Exceeded;
    use vestibule_domain::rate_limit::{Rate, RateLimit};
    let rate = Rate { burst: 1_200, period: chrono::Duration::minutes(1) };
    Error::RateLimited(Exceeded { limit: RateLimit::Requests, rate, left: 0, retry_after })
}
