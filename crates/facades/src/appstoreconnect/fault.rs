//! App Store Connect's error answers: a list of errors, each with a code that clients match by its beginning.

use super::problem::{self, attribute_at};
use crate::fault::{self, EchoedRequest, Envelope, Reason};
use crate::json_api::{Problem, Source, errors};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use vestibule_core::service::{InvitationConflict, NotFound};
use vestibule_domain::{Status, Violation};
use vestibule_web::Json;
use vestibule_web::extract::{RequestRejection, UnreadableKind};

/// An error answer.
pub type Fault = fault::Fault<Problems>;

/// What a handler returns.
pub type VendorResult<T> = Result<T, Fault>;

/// All that is wrong.
#[derive(Clone, Debug)]
pub struct Problems(Vec<Problem>);

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

/// Converts the errors about a document to an answer.
impl From<Vec<Problem>> for Fault {
    fn from(problems: Vec<Problem>) -> Self {
        Self::new(StatusCode::CONFLICT, Problems(problems))
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        vec![problem].into()
    }
}

impl Fault {
    fn of(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self::new(status, problem::of(code, title, detail))
    }

    /// Creates an answer about a query parameter.
    pub fn parameter(name: &str, detail: impl Into<String>) -> Self {
        let problem = problem::of("PARAMETER_ERROR.INVALID", "A parameter has an invalid value", detail);
        Self::new(StatusCode::BAD_REQUEST, problem.at(Source::parameter(name)))
    }

    /// Returns the answer for a resource that does not exist or belongs to another organization.
    pub fn missing(kind: &str, id: &str) -> Self {
        Self::not_found(format!("There is no resource of type '{kind}' with id '{id}'"))
    }

    fn not_found(detail: impl Into<String>) -> Self {
        Self::of(StatusCode::NOT_FOUND, "NOT_FOUND", "The specified resource does not exist", detail)
    }

    /// Returns the answer to the path of an unknown relationship.
    pub fn no_relationship(name: &str) -> Self {
        let detail = format!("The relationship '{name}' does not exist");
        Self::of(StatusCode::NOT_FOUND, "PATH_ERROR", "The URL path is not valid", detail)
    }

    /// Returns the answer to a request that the key's permissions allow, but the scope of the token does not.
    pub fn out_of_scope() -> Self {
        Self::forbidden("The scope of the token does not include this request.")
    }

    fn forbidden(detail: impl Into<String>) -> Self {
        let title = "The API key in use does not allow this request";
        Self::of(StatusCode::FORBIDDEN, "FORBIDDEN_ERROR", title, detail)
    }
}

impl Envelope for Problems {
    const CHALLENGE: &'static str = "Bearer";

    fn refuse(reason: Reason) -> Fault {
        match reason {
            Reason::Unauthenticated => {
                let title = "Authentication credentials are missing or invalid.";
                let detail =
                    "Provide a properly configured and signed bearer token, and make sure that it has not expired.";
                Fault::of(StatusCode::UNAUTHORIZED, "NOT_AUTHORIZED", title, detail)
            }
            Reason::Forbidden(permission) => {
                let (action_phrase, name) = (permission.action_phrase(), permission.as_str());
                Fault::forbidden(format!("The key is not allowed to {action_phrase}. It needs the permission {name}."))
            }
            Reason::NotFound(missing) => of_missing(missing),
            Reason::Invalid(violations) => violations.into_iter().map(of_violation).collect::<Vec<_>>().into(),
            Reason::Invitation(conflict) => of_invitation(&conflict),
            Reason::LastOwner | Reason::Conflict => {
                let detail = "The request cannot be fulfilled because of the state of another resource.";
                problem::of("STATE_ERROR", "The state of a resource does not allow this", detail).into()
            }
            Reason::Closed(status) => of_closed(status),
            Reason::TooManyRequests => {
                let title = "The request rate limit has been reached.";
                Fault::of(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMIT_EXCEEDED", title, "Try again later.")
            }
            Reason::Busy => {
                let title = "The service is busy.";
                Fault::of(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", title, "Try again later.")
            }
            Reason::Internal => {
                let detail =
                    "Something went wrong on our side. Give X-Request-Id to the operator, who can find it in the log.";
                let title = "An unexpected error occurred.";
                Fault::of(StatusCode::INTERNAL_SERVER_ERROR, "UNEXPECTED_ERROR", title, detail)
            }
            Reason::Method => {
                let (title, detail) = ("The method is not allowed", "This path does not support the method.");
                Fault::of(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", title, detail)
            }
            Reason::RequestRejection(unreadable) => of_unreadable(unreadable),
        }
    }

    fn body(&self, status: StatusCode, echoed: &EchoedRequest) -> Response {
        Json(errors(&self.0, status, echoed.number)).into_response()
    }
}

fn of_unreadable(unreadable: RequestRejection) -> Fault {
    let RequestRejection { kind, field, sentence, is_query, .. } = unreadable;
    let (code, title) = match kind {
        UnreadableKind::Invalid if is_query => return Fault::parameter(&field, sentence),
        UnreadableKind::Invalid => return problem::invalid(Source::of_field(&field), sentence).into(),
        UnreadableKind::Malformed => ("ENTITY_INVALID", "JSON processing failed"),
        UnreadableKind::TooLarge => ("ENTITY_TOO_LARGE", "The request entity is too large"),
        UnreadableKind::MediaType => ("UNSUPPORTED_MEDIA_TYPE", "The media type is not supported"),
        UnreadableKind::Timeout => ("REQUEST_TIMEOUT", "The request took too long"),
    };
    Fault::of(kind.status(), code, title, sentence)
}

/// Returns the answer about a closed invitation. Apple's example for 410 is an accepted invitation; any other closed
/// invitation does not exist any more.
pub fn of_closed(status: Status) -> Fault {
    match status {
        Status::Accepted => {
            let detail = "The invitation has been accepted. The person is now a user.";
            Fault::of(StatusCode::GONE, "GONE", "The specified resource is gone", detail)
        }
        Status::Pending | Status::Declined | Status::Revoked | Status::Expired => of_missing(NotFound::Invitation),
    }
}

fn of_missing(missing: NotFound) -> Fault {
    let kind = match missing {
        NotFound::Organization => "organizations",
        NotFound::Member => "users",
        NotFound::Invitation => "userInvitations",
        NotFound::Role => "roles",
        NotFound::Resource => return problem::relationship("There is no such app.").into(),
        NotFound::ApiKey => "keys",
        NotFound::Mail => "mails",
        NotFound::Webhook => "webhooks",
        NotFound::Delivery => "deliveries",
        NotFound::Act => "acts",
        NotFound::Job => "jobs",
        NotFound::Person => "people",
        NotFound::Link => "links",
        NotFound::Route => {
            return Fault::not_found("The path provided does not match a defined resource type.");
        }
    };
    Fault::not_found(format!("There is no such resource of type '{kind}'"))
}

fn of_violation(violation: Violation) -> Problem {
    if violation.field == "resource_ids" {
        return problem::relationship(violation.sentence);
    }
    let attribute = match &*violation.field {
        "name" => "firstName",
        "role_ids" => "roles",
        field => field,
    };
    problem::invalid(attribute_at(attribute), violation.sentence)
}

fn of_invitation(conflict: &InvitationConflict) -> Fault {
    match conflict {
        InvitationConflict::AlreadyInvited(_) => problem::duplicate("The email address has an open invitation.").into(),
        InvitationConflict::AlreadyMember => problem::duplicate("The email address already belongs to a user.").into(),
        InvitationConflict::BeyondLimit => {
            Fault::forbidden("The invitation goes beyond the apps that this key is limited to.")
        }
        // no handler of this facade can meet these
        InvitationConflict::Replaced
        | InvitationConflict::InviterMayNot
        | InvitationConflict::Erased
        | InvitationConflict::TooLate => Problems::refuse(Reason::Conflict),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use vestibule_core::service::{Error, RequestConflict};
    use vestibule_domain::{Instant, InvitationId, Permission};

    #[test]
    fn each_failure_has_its_status_and_code() {
        let open = InvitationConflict::AlreadyInvited(InvitationId::new(Instant::UNIX_EPOCH));
        let invalid = Error::invalid(Violation::new("email", "no_at", "It has no @."));
        let duplicate = (409, "ENTITY_ERROR.ATTRIBUTE.INVALID.DUPLICATE");
        for (error, wanted) in [
            (Error::Unauthenticated, (401, "NOT_AUTHORIZED")),
            (Error::Forbidden(Permission::UserInvite), (403, "FORBIDDEN_ERROR")),
            (Error::NotFound(NotFound::Invitation), (404, "NOT_FOUND")),
            (Error::NotFound(NotFound::Route), (404, "NOT_FOUND")),
            (Error::NotFound(NotFound::Resource), (409, "ENTITY_ERROR.RELATIONSHIP.INVALID")),
            (invalid, (409, "ENTITY_ERROR.ATTRIBUTE.INVALID")),
            (open.into(), duplicate),
            (InvitationConflict::AlreadyMember.into(), duplicate),
            (RequestConflict::Changed.into(), (409, "STATE_ERROR")),
            (Error::Closed(Status::Accepted), (410, "GONE")),
            (Error::Closed(Status::Revoked), (404, "NOT_FOUND")),
            (Error::Rows(vec![(0, Error::Unauthenticated)]), (401, "NOT_AUTHORIZED")),
            (fault::too_many_requests(Duration::from_secs(7)), (429, "RATE_LIMIT_EXCEEDED")),
            (Error::internal("a secret"), (500, "UNEXPECTED_ERROR")),
        ] {
            let fault = Fault::from(error);
            assert_eq!((fault.status.as_u16(), &*fault.said.0[0].code), wanted);
            assert!(!fault.said.0[0].detail.contains("a secret"));
        }
    }
}
