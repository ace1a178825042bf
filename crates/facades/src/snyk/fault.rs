//! Snyk's error answers: JSON:API below `/rest`, and three fields below `/v1`.

use super::wire::Document;
use crate::fault::{self, EchoedRequest, Envelope, Reason};
use crate::json_api::{Problem, Source, errors};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use vestibule_core::service::{InvitationConflict, NotFound};
use vestibule_domain::Violation;
use vestibule_web::Json;
use vestibule_web::extract::{RequestRejection, UnreadableKind};

/// The places of the two parts of a new invitation in its document.
const EMAIL: &str = "/data/attributes/email";
const ROLE: &str = "/data/attributes/role";

/// An error answer.
pub type Fault = fault::Fault<Problems>;

/// What a handler returns.
pub type VendorResult<T> = Result<T, Fault>;

/// All that is wrong.
#[derive(Clone, Debug)]
pub struct Problems(Vec<Problem>);

impl Fault {
    fn of(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(status, Problems(vec![Problem::new(code, detail)]))
    }

    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, code, detail)
    }

    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::of(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// Returns the error with the part of the request that it is about.
    pub fn at(self, source: Source) -> Self {
        let Problems(problems) = self.said;
        let said = problems.into_iter().map(|problem| problem.at(source.clone())).collect();
        Self { said: Problems(said), ..self }
    }
}

impl Envelope for Problems {
    const CHALLENGE: &'static str = "token";

    fn refuse(reason: Reason) -> Fault {
        match reason {
            Reason::Unauthenticated => {
                let detail = "Send a key of this organization: Authorization: token.";
                Fault::of(StatusCode::UNAUTHORIZED, "unauthorized", detail)
            }
            Reason::Forbidden(permission) => {
                let detail =
                    format!("Permission denied for this resource. It needs the permission {}.", permission.as_str());
                Fault::of(StatusCode::FORBIDDEN, "forbidden", detail)
            }
            Reason::NotFound(missing) => of_missing(missing),
            Reason::Invalid(violations) => of_violations(violations),
            Reason::Invitation(conflict) => of_invitation(&conflict),
            Reason::LastOwner | Reason::Conflict => {
                Fault::bad_request("conflict", "The current state does not allow this.")
            }
            // an invitation that is no longer open is not a pending one
            Reason::Closed(_) => of_missing(NotFound::Invitation),
            Reason::TooManyRequests => {
                Fault::of(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Try again later.")
            }
            Reason::Busy => Fault::of(StatusCode::SERVICE_UNAVAILABLE, "service_unavailable", "Try again later."),
            Reason::Internal => {
                let detail =
                    "Something went wrong on our side. The operator can find it in the log by snyk-request-id.";
                Fault::of(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", detail)
            }
            Reason::Method => {
                let detail = "This path does not support the method.";
                Fault::of(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
            }
            Reason::RequestRejection(unreadable) => of_unreadable(unreadable),
        }
    }

    /// Returns the body in the form of the API that was called.
    fn body(&self, status: StatusCode, echoed: &EchoedRequest) -> Response {
        match echoed.path.starts_with("/v1") {
            true => self.of_v1(status),
            false => Document::new(errors(&self.0, status, echoed.number)).into_response(),
        }
    }
}

impl Problems {
    fn of_v1(&self, status: StatusCode) -> Response {
        let details: Vec<&str> = self.0.iter().map(|problem| problem.detail.as_str()).collect();
        let error = match status {
            StatusCode::UNAUTHORIZED => "Not authorised",
            status => status.canonical_reason().unwrap_or_default(),
        };
        Json(json!({ "code": status.as_u16(), "error": error, "message": details.join(" ") })).into_response()
    }
}

/// Snyk answers 400 to anything that its document does not allow, including a wrong content type.
fn of_unreadable(unreadable: RequestRejection) -> Fault {
    let RequestRejection { kind, code, field, sentence, is_query } = unreadable;
    let status = match kind {
        UnreadableKind::Malformed | UnreadableKind::Invalid | UnreadableKind::MediaType => StatusCode::BAD_REQUEST,
        UnreadableKind::TooLarge | UnreadableKind::Timeout => kind.status(),
    };
    let fault = Fault::of(status, code, sentence);
    match (field.is_empty(), is_query) {
        (true, _) => fault,
        (false, true) => fault.at(Source::Parameter(field)),
        (false, false) => fault.at(Source::of_field(&field)),
    }
}

fn of_missing(missing: NotFound) -> Fault {
    let what = match missing {
        NotFound::Organization => "organization",
        NotFound::Member => "membership",
        NotFound::Invitation => "pending invitation",
        // a role is named in a body, never in a path
        NotFound::Role => {
            let detail = "There is no such role. GET /tenants/{organization}/roles lists them.";
            return Fault::bad_request("unknown_role", detail).at(Source::pointer(ROLE));
        }
        NotFound::Resource => "resource",
        NotFound::ApiKey => "key",
        NotFound::Mail => "mail",
        NotFound::Webhook => "webhook",
        NotFound::Delivery => "delivery",
        NotFound::Act => "act",
        NotFound::Job => "job",
        NotFound::Person => "person",
        NotFound::Link => "link",
        NotFound::Route => return Fault::not_found("There is nothing at this address."),
    };
    Fault::not_found(format!("There is no such {what}, or this key has no access to it."))
}

fn of_violations(violations: Vec<Violation>) -> Fault {
    let problem = |violation: Violation| {
        let source = match &*violation.field {
            "email" => Some(Source::pointer(EMAIL)),
            "roles" | "role_ids" => Some(Source::pointer(ROLE)),
            "cursor" => Some(Source::parameter("starting_after")),
            _ => None,
        };
        Problem { source, ..Problem::new(violation.code, violation.sentence) }
    };
    Fault::new(StatusCode::BAD_REQUEST, Problems(violations.into_iter().map(problem).collect()))
}

/// Returns 400, because Snyk's document has no 409 for invitations.
fn of_invitation(conflict: &InvitationConflict) -> Fault {
    let at_email = |code, detail: &str| Fault::bad_request(code, detail).at(Source::pointer(EMAIL));
    match conflict {
        InvitationConflict::AlreadyInvited(_) => {
            at_email("already_invited", "The email address has an open invitation.")
        }
        InvitationConflict::AlreadyMember => {
            at_email("already_member", "The email address belongs to a member of the organization.")
        }
        InvitationConflict::BeyondLimit => {
            let detail = "The invitation goes beyond the resources that this key is limited to.";
            Fault::of(StatusCode::FORBIDDEN, "forbidden", detail)
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
    use vestibule_domain::{Instant, InvitationId, Permission, Status};

    #[test]
    fn each_failure_has_its_status_and_code() {
        let open = InvitationConflict::AlreadyInvited(InvitationId::new(Instant::UNIX_EPOCH));
        let invalid = Error::invalid(Violation::new("email", "no_at", "It has no @."));
        for (error, wanted) in [
            (Error::Unauthenticated, (401, "unauthorized")),
            (Error::Forbidden(Permission::UserInvite), (403, "forbidden")),
            (Error::NotFound(NotFound::Organization), (404, "not_found")),
            (Error::NotFound(NotFound::Route), (404, "not_found")),
            (Error::NotFound(NotFound::Role), (400, "unknown_role")),
            (invalid, (400, "no_at")),
            (open.into(), (400, "already_invited")),
            (InvitationConflict::AlreadyMember.into(), (400, "already_member")),
            (RequestConflict::Changed.into(), (400, "conflict")),
            (Error::Closed(Status::Accepted), (404, "not_found")),
            (Error::Rows(vec![(0, Error::Unauthenticated)]), (401, "unauthorized")),
            (fault::too_many_requests(Duration::from_secs(7)), (429, "too_many_requests")),
            (Error::internal("a secret"), (500, "internal_error")),
        ] {
            let fault = Fault::from(error);
            assert_eq!((fault.status.as_u16(), &*fault.said.0[0].code), wanted);
            assert!(!fault.said.0[0].detail.contains("a secret"));
        }
    }
}
