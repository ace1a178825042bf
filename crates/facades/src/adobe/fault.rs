//! Adobe's error answers: statuses, codes and texts.

use crate::fault::{self, EchoedRequest, Envelope, Reason};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use vestibule_core::service::{InvitationConflict, NotFound};
use vestibule_web::Json;
use vestibule_web::extract::{RequestRejection, UnreadableKind};

/// An error answer.
pub type Fault = fault::Fault<Body>;

/// What a handler returns.
pub type VendorResult<T> = Result<T, Fault>;

/// The forms of error bodies. Endpoints differ in the form that they use.
#[derive(Clone, Debug)]
pub enum Body {
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

    fn not_found(message: &str) -> Self {
        Self::full(StatusCode::NOT_FOUND, "error.resource.not_found", message)
    }

    /// Returns an error of the token exchange; `code` is one of OAuth's.
    pub fn oauth(code: &'static str, description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Body::OAuth(code, description.into()))
    }

    /// Sets the code if the error is an internal one: some endpoints have their own code for that.
    #[must_use]
    pub fn or_failed(self, code: &'static str) -> Self {
        match (self.status, self.said) {
            (StatusCode::INTERNAL_SERVER_ERROR, Body::Full(_, message)) => {
                Self { said: Body::Full(code, message), ..self }
            }
            (_, said) => Self { said, ..self },
        }
    }
}

impl Body {
    fn to_json(&self) -> Option<Value> {
        match self {
            Self::Empty => None,
            Self::Full(code, message) => Some(json!({ "status": code, "result": code, "message": message })),
            Self::Brief(code, message) => Some(json!({ "result": code, "message": message })),
            Self::Gateway => Some(json!({ "error_code": "429050", "message": "Too many requests" })),
            Self::OAuth(code, description) => Some(json!({ "error": code, "error_description": description })),
        }
    }
}

impl Envelope for Body {
    /// The gateway's header for an invalid token, word for word.
    const CHALLENGE: &'static str =
        "Bearer realm=\"JIL\", error=\"invalid_token\", error_description=\"The access token is invalid\"";

    fn refuse(reason: Reason) -> Fault {
        match reason {
            Reason::Unauthenticated => Fault::unauthorized(),
            Reason::Forbidden(_) => Fault::forbidden(),
            Reason::NotFound(missing) => of_missing(missing),
            Reason::Invalid(violations) => {
                let sentence = violations.into_iter().next().map(|violation| violation.sentence.into_owned());
                Fault::full(StatusCode::BAD_REQUEST, "error.parameter.invalid", sentence.unwrap_or_default())
            }
            Reason::Invitation(conflict) => of_invitation(&conflict),
            Reason::LastOwner | Reason::Conflict => {
                let message = "The current state does not allow this. Read it again, then retry.";
                Fault::full(StatusCode::BAD_REQUEST, "error.state.conflict", message)
            }
            // whatever its state is, it is no longer a pending invite
            Reason::Closed(_) => Fault::no_invite(),
            Reason::TooManyRequests => Fault::new(StatusCode::TOO_MANY_REQUESTS, Body::Gateway),
            Reason::Busy => Fault::full(StatusCode::SERVICE_UNAVAILABLE, "error.busy", "Try again later."),
            Reason::Internal => {
                let message =
                    "There was an internal error. Give X-Request-Id to the operator, who can find it in the log.";
                Fault::full(StatusCode::INTERNAL_SERVER_ERROR, "error.internal", message)
            }
            Reason::Method => {
                let message = "This path does not support the HTTP method.";
                Fault::full(StatusCode::METHOD_NOT_ALLOWED, "error.method.not_allowed", message)
            }
            Reason::RequestRejection(unreadable) => of_unreadable(unreadable),
        }
    }

    fn body(&self, status: StatusCode, _: &EchoedRequest) -> Response {
        self.to_json().map_or_else(|| status.into_response(), |body| Json(body).into_response())
    }
}

fn of_unreadable(unreadable: RequestRejection) -> Fault {
    let RequestRejection { kind, field, sentence, .. } = unreadable;
    let code = match kind {
        UnreadableKind::Invalid => {
            let sentence = format!("{field}: {sentence}");
            return Fault::full(StatusCode::BAD_REQUEST, "error.parameter.invalid", sentence);
        }
        UnreadableKind::Malformed => "error.request.unreadable",
        UnreadableKind::TooLarge => "error.request.too_large",
        UnreadableKind::MediaType => "error.request.content_type",
        UnreadableKind::Timeout => "error.request.timeout",
    };
    Fault::full(kind.status(), code, sentence)
}

fn of_missing(missing: NotFound) -> Fault {
    match missing {
        NotFound::Organization => Fault::unauthorized(),
        NotFound::Invitation => Fault::no_invite(),
        NotFound::Member => Fault::no_user(),
        NotFound::Route => Fault::not_found("There is nothing at this address."),
        NotFound::Role
        | NotFound::Resource
        | NotFound::ApiKey
        | NotFound::Mail
        | NotFound::Webhook
        | NotFound::Delivery
        | NotFound::Act
        | NotFound::Job
        | NotFound::Person
        | NotFound::Link => Fault::not_found("There is no such thing, or this client has no access to it."),
    }
}

fn of_invitation(conflict: &InvitationConflict) -> Fault {
    match conflict {
        // a member has no invite to resend
        InvitationConflict::AlreadyMember => Fault::no_invite(),
        InvitationConflict::BeyondLimit => Fault::forbidden(),
        InvitationConflict::AlreadyInvited(_)
        | InvitationConflict::Replaced
        | InvitationConflict::InviterMayNot
        | InvitationConflict::Erased
        | InvitationConflict::TooLate => Body::refuse(Reason::Conflict),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::extract::Request;
    use axum::http::header;
    use std::time::Duration;
    use vestibule_core::service::Error;
    use vestibule_domain::{InvitationId, Permission, Status, Violation};

    /// Returns the status, and the code under the name that the form of the body gives it.
    fn said(error: Error) -> (u16, String) {
        let fault = Fault::from(error);
        let (status, body) = (fault.status.as_u16(), fault.said.to_json().unwrap_or_default());
        let code = ["result", "error_code"].iter().find_map(|name| body[name].as_str()).unwrap_or_default();
        (status, code.to_owned())
    }

    #[test]
    fn every_failure_has_a_status_and_a_code_of_adobes_form() {
        let violation = || Violation::new("email", "no_at", "Not an address.");
        let throttled = || fault::too_many_requests(Duration::from_secs(5));
        for (error, status, code) in [
            (Error::Unauthenticated, 401, ""),
            (Error::NotFound(NotFound::Organization), 401, ""),
            (Error::Forbidden(Permission::UserInvite), 403, ""),
            (Error::NotFound(NotFound::Invitation), 404, "invites.pending.not_found"),
            (Error::NotFound(NotFound::Member), 404, "error.user.not_found"),
            (Error::NotFound(NotFound::Route), 404, "error.resource.not_found"),
            (Error::NotFound(NotFound::Role), 404, "error.resource.not_found"),
            (Error::Invalid(vec![violation()]), 400, "error.parameter.invalid"),
            (InvitationConflict::AlreadyMember.into(), 404, "invites.pending.not_found"),
            (
                InvitationConflict::AlreadyInvited(InvitationId::from(uuid::Uuid::nil())).into(),
                400,
                "error.state.conflict",
            ),
            (InvitationConflict::Replaced.into(), 400, "error.state.conflict"),
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
        let body = fault.said.to_json().unwrap_or_default();
        assert_eq!((&body["status"], &body["result"]), (&body["result"], &json!("invites.pending.resend.error")));
        assert!(!body.to_string().contains("secret"));
        let fault = Fault::no_invite().or_failed("invites.pending.resend.error");
        assert_eq!(fault.status, StatusCode::NOT_FOUND);
    }

    #[test]
    fn refusals_have_the_headers_that_clients_read() {
        let told =
            |fault: Fault| fault::told::<Body>(fault.into_response(), &EchoedRequest::of(&mut Request::default()));
        let response = told(Fault::unauthorized());
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], Body::CHALLENGE);
        let response = told(fault::too_many_requests(Duration::from_millis(10)).into());
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    }
}
