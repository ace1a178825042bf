//! Adobe's error answers: statuses, codes and texts (dialects/adobe-and-clerk.md, B1 to B3).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::{any::Any, sync::Arc, time::Duration};
use vestibule_core::service::{Conflict, Error, Missing};
use vestibule_domain::Exceeded;
use vestibule_web::extract::Unreadable;
use vestibule_web::log::{Cause, cause_of};
use vestibule_web::refusal::retry_after;

/// The gateway's header for an invalid token, word for word.
const INVALID_TOKEN: HeaderValue = HeaderValue::from_static(
    "Bearer realm=\"JIL\", error=\"invalid_token\", error_description=\"The access token is invalid\"",
);

/// An error answer.
#[derive(Debug)]
pub struct Fault {
    status: StatusCode,
    body: Body,
    retry_after: Option<Duration>,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What a handler returns.
pub type Answer<T> = Result<T, Fault>;

/// The forms of error bodies. Endpoints differ in the form that they use.
#[derive(Debug)]
enum Body {
    /// No body, as for 401 and 403.
    Empty,
    /// The code under both of its names. Adobe has not documented the form of errors of the invites.
    Full(&'static str, String),
    /// The form documented for an invalid organization and an invalid list of commands.
    Brief(&'static str, String),
    /// The form of the gateway in front of the API.
    Gateway,
    /// The form of the token exchange (RFC 6749, 5.2).
    OAuth(&'static str, String),
}

impl Fault {
    fn new(status: StatusCode, body: Body) -> Self {
        Self { status, body, retry_after: None, cause: None }
    }

    fn full(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self::new(status, Body::Full(code, message.into()))
    }

    /// Returns the answer to a request without a token, with an invalid one, or with another organization's.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, Body::Empty)
    }

    /// Returns the answer when the client id does not match the token, or the key lacks a permission.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, Body::Empty)
    }

    /// Returns the answer to a path in which the organization's id is not an id.
    pub fn bad_organization() -> Self {
        let body = Body::Brief("error.organization.invalid_id", "Bad organization Id".to_owned());
        Self::new(StatusCode::BAD_REQUEST, body)
    }

    /// Returns the answer to a body that is not a list of commands.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Body::Brief("error.command.malformed", message.into()))
    }

    /// Returns the answer to an invalid query parameter.
    pub fn bad_parameter(name: &str, wanted: &str) -> Self {
        Self::full(StatusCode::BAD_REQUEST, "error.parameter.invalid", format!("{name} must be {wanted}."))
    }

    /// Returns the answer when there is no invite for the email address, none at all, or none on the page.
    pub fn no_invite() -> Self {
        Self::full(StatusCode::NOT_FOUND, "invites.pending.not_found", "There is no pending invite.")
    }

    /// Returns the answer when no member has this name.
    pub fn no_user() -> Self {
        Self::full(StatusCode::NOT_FOUND, "error.user.not_found", "There is no such user in the organization.")
    }

    /// Returns the answer to a path that does not exist.
    pub fn no_route() -> Self {
        Self::not_found("There is nothing at this address.")
    }

    /// Returns the answer to a method that the path does not support.
    pub fn no_method() -> Self {
        let message = "This path does not support the HTTP method.";
        Self::full(StatusCode::METHOD_NOT_ALLOWED, "error.method.not_allowed", message)
    }

    fn not_found(message: &str) -> Self {
        Self::full(StatusCode::NOT_FOUND, "error.resource.not_found", message)
    }

    /// Returns an error of the token exchange; `code` is one of OAuth's.
    pub fn oauth(code: &'static str, description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Body::OAuth(code, description.into()))
    }

    /// Returns the answer to a request whose handler panicked.
    pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
        Self::from(Error::Internal(cause_of(panic))).into_response()
    }

    /// Sets the code if the error is an internal one: some endpoints have their own code for that.
    #[must_use]
    pub fn or_failed(self, code: &'static str) -> Self {
        match (self.status, self.body) {
            (StatusCode::INTERNAL_SERVER_ERROR, Body::Full(_, message)) => {
                Self { body: Body::Full(code, message), ..self }
            }
            (_, body) => Self { body, ..self },
        }
    }
}

impl Body {
    fn into_json(self) -> Option<Value> {
        match self {
            Self::Empty => None,
            Self::Full(code, message) => Some(json!({ "status": code, "result": code, "message": message })),
            Self::Brief(code, message) => Some(json!({ "result": code, "message": message })),
            Self::Gateway => Some(json!({ "error_code": "429050", "message": "Too many requests" })),
            Self::OAuth(code, description) => Some(json!({ "error": code, "error_description": description })),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = match self.body.into_json() {
            Some(body) => (self.status, Json(body)).into_response(),
            None => self.status.into_response(),
        };
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, INVALID_TOKEN);
        }
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, retry_after(wait));
        }
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(Cause(cause));
        }
        response
    }
}

impl From<Unreadable> for Fault {
    fn from(unreadable: Unreadable) -> Self {
        let Unreadable { status, field, sentence, .. } = unreadable;
        let code = match status {
            StatusCode::UNPROCESSABLE_ENTITY => {
                let sentence = format!("{field}: {sentence}");
                return Self::full(StatusCode::BAD_REQUEST, "error.parameter.invalid", sentence);
            }
            StatusCode::PAYLOAD_TOO_LARGE => "error.request.too_large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "error.request.content_type",
            StatusCode::REQUEST_TIMEOUT => "error.request.timeout",
            _ => "error.request.unreadable",
        };
        Self::full(status, code, sentence)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated | Error::Missing(Missing::Organization) => Self::unauthorized(),
            Error::Forbidden(_) => Self::forbidden(),
            Error::Missing(missing) => of_missing(missing),
            Error::Invalid(violations) => {
                let sentence = violations.into_iter().next().map(|violation| violation.sentence.into_owned());
                Self::full(StatusCode::BAD_REQUEST, "error.parameter.invalid", sentence.unwrap_or_default())
            }
            Error::Conflict(conflict) => of_conflict(&conflict),
            // whatever its state is, it is no longer a pending invite
            Error::Closed(_) => Self::no_invite(),
            Error::RateLimited(Exceeded { retry_after, .. }) => {
                Self { retry_after: Some(retry_after), ..Self::new(StatusCode::TOO_MANY_REQUESTS, Body::Gateway) }
            }
            Error::Busy(busy) => {
                let fault = Self::full(StatusCode::SERVICE_UNAVAILABLE, "error.busy", "Try again later.");
                Self { retry_after: Some(busy.retry_after), ..fault }
            }
            Error::Rows(rows) => Error::first_of(rows).into(),
            Error::Internal(cause) => {
                let message =
                    "There was an internal error. Give X-Request-Id to the operator, who can find it in the log.";
                let fault = Self::full(StatusCode::INTERNAL_SERVER_ERROR, "error.internal", message);
                Self { cause: Some(Arc::from(cause)), ..fault }
            }
        }
    }
}

fn of_missing(missing: Missing) -> Fault {
    match missing {
        Missing::Organization => Fault::unauthorized(),
        Missing::Invitation => Fault::no_invite(),
        Missing::Member => Fault::no_user(),
        Missing::Route => Fault::no_route(),
        Missing::Role
        | Missing::Resource
        | Missing::ApiKey
        | Missing::Mail
        | Missing::Webhook
        | Missing::Delivery
        | Missing::Person
        | Missing::Link => Fault::not_found("There is no such thing, or this client has no access to it."),
    }
}

fn of_conflict(conflict: &Conflict) -> Fault {
    match conflict {
        // a member has no invite to resend
        Conflict::AlreadyMember => Fault::no_invite(),
        Conflict::BeyondLimit => Fault::forbidden(),
        Conflict::AlreadyInvited(_)
        | Conflict::SlugTaken
        | Conflict::EmailTaken
        | Conflict::LastOwner
        | Conflict::Replaced
        | Conflict::WrongAccount
        | Conflict::MailboxUnproven
        | Conflict::NoMailServer
        | Conflict::InviterMayNot
        | Conflict::AlreadySetUp
        | Conflict::MailDone
        | Conflict::RoleKeyTaken
        | Conflict::RoleBuiltIn
        | Conflict::RoleInUse(_)
        | Conflict::ExternalIdTaken
        | Conflict::ResourceInUse(_)
        | Conflict::TooManyWebhooks
        | Conflict::DeliveryNotReplayable
        | Conflict::Changed
        | Conflict::Erased
        | Conflict::KeyReused => {
            let message = "The current state does not allow this. Read it again, then retry.";
            Fault::full(StatusCode::BAD_REQUEST, "error.state.conflict", message)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vestibule_domain::{InvitationId, Permission, Status, Violation};

    /// Returns the status, and the code under the name that the form of the body gives it.
    fn said(error: Error) -> (u16, String) {
        let fault = Fault::from(error);
        let (status, body) = (fault.status.as_u16(), fault.body.into_json().unwrap_or_default());
        let code = ["result", "error_code"].iter().find_map(|name| body[name].as_str()).unwrap_or_default();
        (status, code.to_owned())
    }

    #[test]
    fn every_failure_has_a_status_and_a_code_of_adobes_form() {
        let violation = || Violation::new("email", "no_at", "Not an address.");
        let throttled = || Error::RateLimited(Exceeded::of_requests(Duration::from_secs(5)));
        for (error, status, code) in [
            (Error::Unauthenticated, 401, ""),
            (Error::Missing(Missing::Organization), 401, ""),
            (Error::Forbidden(Permission::UserInvite), 403, ""),
            (Error::Missing(Missing::Invitation), 404, "invites.pending.not_found"),
            (Error::Missing(Missing::Member), 404, "error.user.not_found"),
            (Error::Missing(Missing::Route), 404, "error.resource.not_found"),
            (Error::Missing(Missing::Role), 404, "error.resource.not_found"),
            (Error::Invalid(vec![violation()]), 400, "error.parameter.invalid"),
            (Conflict::AlreadyMember.into(), 404, "invites.pending.not_found"),
            (Conflict::AlreadyInvited(InvitationId::from(uuid::Uuid::nil())).into(), 400, "error.state.conflict"),
            (Conflict::Replaced.into(), 400, "error.state.conflict"),
            (Error::Closed(Status::Accepted), 404, "invites.pending.not_found"),
            (throttled(), 429, "429050"),
            (Error::Rows(vec![(3, throttled())]), 429, "429050"),
            (Error::internal("a secret of ours"), 500, "error.internal"),
        ] {
            let name = format!("{error:?}");
            assert_eq!(said(error), (status, code.to_owned()), "{name}");
        }
    }

    #[test]
    fn a_failure_of_ours_tells_no_cause_and_has_the_name_of_its_endpoint() {
        let fault = Fault::from(Error::internal("a secret of ours")).or_failed("invites.pending.resend.error");
        assert!(fault.cause.is_some());
        let body = fault.body.into_json().unwrap_or_default();
        assert_eq!((&body["status"], &body["result"]), (&body["result"], &json!("invites.pending.resend.error")));
        assert!(!body.to_string().contains("secret"));
        let fault = Fault::no_invite().or_failed("invites.pending.resend.error");
        assert_eq!(fault.status, StatusCode::NOT_FOUND);
    }

    #[test]
    fn refusals_have_the_headers_that_clients_read() {
        let response = Fault::unauthorized().into_response();
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], INVALID_TOKEN);
        let response =
            Fault::from(Error::RateLimited(Exceeded::of_requests(Duration::from_millis(10)))).into_response();
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    }
}
