//! ClickHouse's error answers: a status, and one text that begins with a code.

use crate::fault::{self, EchoedRequest, Envelope, Reason};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use vestibule_core::service::{InvitationConflict, NotFound};
use vestibule_domain::{Permission, Violation};
use vestibule_web::Json;
use vestibule_web::extract::{RequestRejection, UnreadableKind};

/// An error answer.
pub type Fault = fault::Fault<Words>;

/// What a handler returns.
pub type VendorResult<T> = Result<T, Fault>;

/// What the one text says.
#[derive(Clone, Debug)]
pub struct Words {
    code: &'static str,
    sentence: String,
}

impl Fault {
    fn of(status: StatusCode, code: &'static str, sentence: impl Into<String>) -> Self {
        Self::new(status, Words { code, sentence: sentence.into() })
    }

    pub fn bad_request(sentence: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, "BAD_REQUEST", sentence)
    }

    /// Returns the answer to a text that is not an id.
    pub fn no_id(what: &str, text: &str) -> Self {
        Self::bad_request(format!("Invalid {what} id string:{}", json!(text)))
    }

    /// Returns the answer for a thing that does not exist or belongs to another organization.
    pub fn unknown(what: &str) -> Self {
        Self::not_found(format!("There is no such {what}, or this key has no access to it."))
    }

    fn not_found(sentence: impl Into<String>) -> Self {
        Self::of(StatusCode::NOT_FOUND, "NOT_FOUND", sentence)
    }

    fn conflict(sentence: &str) -> Self {
        Self::of(StatusCode::CONFLICT, "CONFLICT", sentence)
    }

    fn forbidden(sentence: impl Into<String>) -> Self {
        Self::of(StatusCode::FORBIDDEN, "FORBIDDEN", sentence)
    }
}

impl Envelope for Words {
    const CHALLENGE: &'static str = "Basic realm=\"ClickHouse Cloud\", charset=\"UTF-8\"";
    /// ClickHouse's own clients look in the second one (3.4).
    const WAIT: &'static [&'static str] = &["retry-after", "x-ratelimit-reset"];

    fn refuse(reason: Reason) -> Fault {
        match reason {
            Reason::Unauthenticated => {
                let sentence = "Send the id and the secret of a key: Authorization: Basic.";
                Fault::of(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", sentence)
            }
            Reason::Forbidden(permission) => Fault::forbidden(of_permission(permission)),
            Reason::NotFound(missing) => of_missing(missing),
            Reason::Invalid(violations) => of_violations(&violations),
            Reason::Invitation(conflict) => of_invitation(&conflict),
            Reason::LastOwner => {
                Fault::conflict("An organization needs at least one owner. Make someone else an owner first.")
            }
            Reason::Conflict => Fault::conflict("The current state does not allow this."),
            // as with ClickHouse, an invitation that is no longer open does not exist any more
            Reason::Closed(_) => Fault::unknown("invitation"),
            Reason::TooManyRequests => {
                Fault::of(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", "Try again later.")
            }
            Reason::Busy => Fault::of(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", "Try again later."),
            Reason::Internal => {
                let sentence =
                    "Something went wrong on our side. Give X-Request-Id to the operator, who can find it in the log.";
                Fault::of(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", sentence)
            }
            Reason::Method => {
                let sentence = "This path does not support the method.";
                Fault::of(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", sentence)
            }
            Reason::RequestRejection(unreadable) => of_unreadable(unreadable),
        }
    }

    fn body(&self, status: StatusCode, echoed: &EchoedRequest) -> Response {
        let error = format!("{}: {}", self.code, self.sentence);
        Json(json!({ "status": status.as_u16(), "error": error, "requestId": echoed.number })).into_response()
    }
}

fn of_permission(permission: Permission) -> String {
    let (action_phrase, name) = (permission.action_phrase(), permission.as_str());
    format!("This key is not allowed to {action_phrase}. It needs the permission {name}.")
}

fn of_unreadable(unreadable: RequestRejection) -> Fault {
    let RequestRejection { kind, field, sentence, .. } = unreadable;
    let code = match kind {
        UnreadableKind::Invalid if !field.is_empty() => return Fault::bad_request(format!("{field}: {sentence}")),
        UnreadableKind::Invalid | UnreadableKind::Malformed => return Fault::bad_request(sentence),
        UnreadableKind::TooLarge => "PAYLOAD_TOO_LARGE",
        UnreadableKind::MediaType => "UNSUPPORTED_MEDIA_TYPE",
        UnreadableKind::Timeout => "REQUEST_TIMEOUT",
    };
    Fault::of(kind.status(), code, sentence)
}

fn of_missing(missing: NotFound) -> Fault {
    match missing {
        NotFound::Organization => Fault::unknown("organization"),
        NotFound::Member => Fault::unknown("member"),
        NotFound::Invitation => Fault::unknown("invitation"),
        // a role is named in a body, never in a path
        NotFound::Role => Fault::bad_request("Invalid role id: there is no such role."),
        NotFound::Resource => Fault::unknown("resource"),
        NotFound::ApiKey => Fault::unknown("key"),
        NotFound::Mail => Fault::unknown("mail"),
        NotFound::Webhook => Fault::unknown("webhook"),
        NotFound::Delivery => Fault::unknown("delivery"),
        NotFound::Act => Fault::unknown("act"),
        NotFound::Job => Fault::unknown("job"),
        NotFound::Person => Fault::unknown("person"),
        NotFound::Link => Fault::unknown("link"),
        NotFound::Route => Fault::not_found("There is nothing at this address."),
    }
}

/// Returns one error that lists all violations: the envelope has room for a single text.
fn of_violations(violations: &[Violation]) -> Fault {
    let one = |violation: &Violation| {
        let field = match &*violation.field {
            "roles" | "role_ids" => "assignedRoleIds",
            field => field,
        };
        format!("{field}: {}", violation.sentence)
    };
    Fault::bad_request(violations.iter().map(one).collect::<Vec<_>>().join(" "))
}

fn of_invitation(conflict: &InvitationConflict) -> Fault {
    match conflict {
        InvitationConflict::AlreadyInvited(_) => Fault::conflict("The email address has an open invitation."),
        InvitationConflict::AlreadyMember => {
            Fault::conflict("The email address belongs to a member of the organization.")
        }
        InvitationConflict::BeyondLimit => {
            Fault::forbidden("The invitation goes beyond the resources that this key is limited to.")
        }
        // no handler of this facade can meet these
        InvitationConflict::Replaced
        | InvitationConflict::InviterMayNot
        | InvitationConflict::Erased
        | InvitationConflict::TooLate => Words::refuse(Reason::Conflict),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use vestibule_core::service::{Conflict, Error};
    use vestibule_domain::{Instant, InvitationId, Status};

    #[test]
    fn each_failure_has_its_status_and_code() {
        let open = InvitationConflict::AlreadyInvited(InvitationId::new(Instant::UNIX_EPOCH));
        let invalid = Error::invalid(Violation::new("email", "no_at", "It has no @."));
        for (error, wanted) in [
            (Error::Unauthenticated, (401, "UNAUTHORIZED")),
            (Error::Forbidden(Permission::UserInvite), (403, "FORBIDDEN")),
            (Error::NotFound(NotFound::Organization), (404, "NOT_FOUND")),
            (Error::NotFound(NotFound::Role), (400, "BAD_REQUEST")),
            (invalid, (400, "BAD_REQUEST")),
            (open.into(), (409, "CONFLICT")),
            (Error::Conflict(Conflict::LastOwner), (409, "CONFLICT")),
            (Error::Closed(Status::Accepted), (404, "NOT_FOUND")),
            (Error::Rows(vec![(0, Error::Unauthenticated)]), (401, "UNAUTHORIZED")),
            (fault::too_many_requests(Duration::from_secs(7)), (429, "TOO_MANY_REQUESTS")),
            (Error::internal("a secret"), (500, "INTERNAL_ERROR")),
        ] {
            let fault = Fault::from(error);
            assert_eq!((fault.status.as_u16(), fault.said.code), wanted);
            assert!(!fault.said.sentence.contains("a secret"));
        }
        let both = vec![Violation::new("email", "x", "One."), Violation::new("role_ids", "y", "Two.")];
        assert_eq!(of_violations(&both).said.sentence, "email: One. assignedRoleIds: Two.");
    }
}
