//! How Adobe says that something went wrong: which status, which code, which words (dialects/adobe-and-clerk.md, B1 to
//! B3).

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

/// What the gateway says to a token that it does not take, word for word.
const INVALID_TOKEN: HeaderValue = HeaderValue::from_static(
    "Bearer realm=\"JIL\", error=\"invalid_token\", error_description=\"The access token is invalid\"",
);

/// A refusal on its way out.
#[derive(Debug)]
pub struct Fault {
    status: StatusCode,
    body: Body,
    retry_after: Option<Duration>,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

pub type Answer<T> = Result<T, Fault>;

/// The shapes of refusals; each endpoint has its own.
#[derive(Debug)]
enum Body {
    /// 401 and 403 say nothing.
    Empty,
    /// Under both names of the code, as the invites' own is printed nowhere.
    Full(&'static str, String),
    /// As it is printed for a bad organization and for a list of commands that is none.
    Brief(&'static str, String),
    /// Of the gateway before the API.
    Gateway,
    /// Of the token exchange (RFC 6749, 5.2).
    OAuth(&'static str, String),
}

impl Fault {
    fn new(status: StatusCode, body: Body) -> Self {
        Self { status, body, retry_after: None, cause: None }
    }

    fn full(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self::new(status, Body::Full(code, message.into()))
    }

    /// No token, or none of ours, or another organization's.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, Body::Empty)
    }

    /// A client id that is not the token's, or a key that may not do this.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, Body::Empty)
    }

    /// What stands where an organization's id should is none.
    pub fn bad_organization() -> Self {
        let body = Body::Brief("error.organization.invalid_id", "Bad organization Id".to_owned());
        Self::new(StatusCode::BAD_REQUEST, body)
    }

    /// A list of commands that is none.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Body::Brief("error.command.malformed", message.into()))
    }

    /// A part of the query that means nothing.
    pub fn bad_parameter(name: &str, wanted: &str) -> Self {
        Self::full(StatusCode::BAD_REQUEST, "error.parameter.invalid", format!("{name} must be {wanted}."))
    }

    /// No invite of this address, none at all, or none on this page.
    pub fn no_invite() -> Self {
        Self::full(StatusCode::NOT_FOUND, "invites.pending.not_found", "There is no pending invite.")
    }

    /// Nobody of this name is a member.
    pub fn no_user() -> Self {
        Self::full(StatusCode::NOT_FOUND, "error.user.not_found", "There is no such user in the organization.")
    }

    /// Nothing is at this address.
    pub fn no_route() -> Self {
        Self::not_found("There is nothing at this address.")
    }

    /// Something is there, but not for this method.
    pub fn no_method() -> Self {
        let message = "The address is right, and the HTTP method is not.";
        Self::full(StatusCode::METHOD_NOT_ALLOWED, "error.method.not_allowed", message)
    }

    fn not_found(message: &str) -> Self {
        Self::full(StatusCode::NOT_FOUND, "error.resource.not_found", message)
    }

    /// Of the token exchange: `code` is one of OAuth's.
    pub fn oauth(code: &'static str, description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Body::OAuth(code, description.into()))
    }

    /// What a panic in a handler becomes.
    pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
        Self::from(Error::Internal(cause_of(panic))).into_response()
    }

    /// With this code if it is our own failure, as some endpoints name theirs.
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
            // whatever it is now, it is no pending invite
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
                let message = "There was an internal error. X-Request-Id names it in the log.";
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
        | Missing::Link => Fault::not_found("There is no such thing, or not for this client."),
    }
}

fn of_conflict(conflict: &Conflict) -> Fault {
    match conflict {
        // who is a member has no invite to resend
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
            let message = "The present state does not allow this. Look again, and then try once more.";
            Fault::full(StatusCode::BAD_REQUEST, "error.state.conflict", message)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vestibule_domain::{InvitationId, Permission, Status, Violation};

    /// Status, and the code under the name that its shape has.
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
