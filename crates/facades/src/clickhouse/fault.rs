//! ClickHouse's error answers: a status, and one text that begins with a code
//! (dialects/appstoreconnect-snyk-clickhouse.md, 3.3).

use crate::number::RequestUuid;
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::{any::Any, sync::Arc, time::Duration};
use vestibule_core::service::{Conflict, Error, Missing};
use vestibule_domain::{Exceeded, Violation};
use vestibule_web::extract::Unreadable;
use vestibule_web::log::{Cause, cause_of};
use vestibule_web::refusal::retry_after;

/// The header in which ClickHouse's own clients look for the seconds to wait (3.4).
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// An error answer. [`tell`] puts its text into the vendor's envelope.
#[derive(Clone, Debug)]
pub struct Fault {
    status: StatusCode,
    code: &'static str,
    sentence: String,
    retry_after: Option<Duration>,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What a handler returns.
pub type Answer<T> = Result<T, Fault>;

impl Fault {
    fn new(status: StatusCode, code: &'static str, sentence: impl Into<String>) -> Self {
        Self { status, code, sentence: sentence.into(), retry_after: None, cause: None }
    }

    pub fn bad_request(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", sentence)
    }

    /// Returns the answer to a text that is not an id.
    pub fn no_id(what: &str, text: &str) -> Self {
        Self::bad_request(format!("Invalid {what} id string:{}", json!(text)))
    }

    /// Returns the answer for a thing that does not exist or belongs to another organization.
    pub fn unknown(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            format!("There is no such {what}, or this key has no access to it."),
        )
    }

    /// Returns the answer to a path that does not exist.
    pub fn no_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "There is nothing at this address.")
    }

    /// Returns the answer to a method that the path does not support.
    pub fn no_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "This path does not support the method.")
    }

    /// Returns the answer to a request whose handler panicked.
    pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
        Self::from(Error::Internal(cause_of(panic))).into_response()
    }
}

/// Gives the request an id, and puts an error into the vendor's envelope together with that id.
pub async fn tell(mut request: Request, next: Next) -> Response {
    let number = RequestUuid::of(&mut request);
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Fault>() {
        Some(fault) => fault.enveloped(number),
        None => response,
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl Fault {
    fn enveloped(self, number: RequestUuid) -> Response {
        let error = format!("{}: {}", self.code, self.sentence);
        let body = json!({ "status": self.status.as_u16(), "error": error, "requestId": number });
        let mut response = (self.status, Json(body)).into_response();
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, retry_after(wait));
            response.headers_mut().insert(RESET, retry_after(wait));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let realm = HeaderValue::from_static("Basic realm=\"ClickHouse Cloud\", charset=\"UTF-8\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
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
            StatusCode::UNPROCESSABLE_ENTITY if !field.is_empty() => {
                return Self::bad_request(format!("{field}: {sentence}"));
            }
            StatusCode::PAYLOAD_TOO_LARGE => "PAYLOAD_TOO_LARGE",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "UNSUPPORTED_MEDIA_TYPE",
            StatusCode::REQUEST_TIMEOUT => "REQUEST_TIMEOUT",
            _ => return Self::bad_request(sentence),
        };
        Self::new(status, code, sentence)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated => {
                let sentence = "Send the id and the secret of a key: Authorization: Basic.";
                Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", sentence)
            }
            Error::Forbidden(permission) => {
                let sentence = format!(
                    "This key is not allowed to {}. It needs the permission {}.",
                    permission.deed(),
                    permission.as_str()
                );
                Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", sentence)
            }
            Error::Missing(missing) => of_missing(missing),
            Error::Invalid(violations) => of_violations(&violations),
            Error::Conflict(Conflict::BeyondLimit) => {
                let sentence = "The invitation goes beyond the resources that this key is limited to.";
                Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", sentence)
            }
            Error::Conflict(conflict) => Self::new(StatusCode::CONFLICT, "CONFLICT", of_conflict(&conflict)),
            // as with ClickHouse, an invitation that is no longer open does not exist any more
            Error::Closed(_) => Self::unknown("invitation"),
            Error::RateLimited(Exceeded { retry_after, .. }) => {
                let fault = Self::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", "Try again later.");
                Self { retry_after: Some(retry_after), ..fault }
            }
            Error::Busy(busy) => {
                let fault = Self::new(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", "Try again later.");
                Self { retry_after: Some(busy.retry_after), ..fault }
            }
            Error::Rows(rows) => Error::first_of(rows).into(),
            Error::Internal(cause) => {
                let sentence =
                    "Something went wrong on our side. Give X-Request-Id to the operator, who can find it in the log.";
                let fault = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", sentence);
                Self { cause: Some(Arc::from(cause)), ..fault }
            }
        }
    }
}

fn of_missing(missing: Missing) -> Fault {
    match missing {
        Missing::Organization => Fault::unknown("organization"),
        Missing::Member => Fault::unknown("member"),
        Missing::Invitation => Fault::unknown("invitation"),
        // a role is named in a body, never in a path
        Missing::Role => Fault::bad_request("Invalid role id: there is no such role."),
        Missing::Resource => Fault::unknown("resource"),
        Missing::ApiKey => Fault::unknown("key"),
        Missing::Mail => Fault::unknown("mail"),
        Missing::Webhook => Fault::unknown("webhook"),
        Missing::Delivery => Fault::unknown("delivery"),
        Missing::Person => Fault::unknown("person"),
        Missing::Link => Fault::unknown("link"),
        Missing::Route => Fault::no_route(),
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

fn of_conflict(conflict: &Conflict) -> &'static str {
    match conflict {
        Conflict::AlreadyInvited(_) => "The address has an open invitation.",
        Conflict::AlreadyMember => "The address belongs to a member of the organization.",
        Conflict::LastOwner => "An organization needs at least one owner. Make someone else an owner first.",
        // no handler of this facade can meet these
        Conflict::BeyondLimit
        | Conflict::SlugTaken
        | Conflict::EmailTaken
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
        | Conflict::KeyReused => "The current state does not allow this.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vestibule_domain::{Instant, InvitationId, Permission, Status};

    #[test]
    fn each_failure_has_its_status_and_code() {
        let open = Conflict::AlreadyInvited(InvitationId::new(Instant::UNIX_EPOCH));
        let invalid = Error::invalid(Violation::new("email", "no_at", "It has no @."));
        for (error, wanted) in [
            (Error::Unauthenticated, (401, "UNAUTHORIZED")),
            (Error::Forbidden(Permission::UserInvite), (403, "FORBIDDEN")),
            (Error::Missing(Missing::Organization), (404, "NOT_FOUND")),
            (Error::Missing(Missing::Role), (400, "BAD_REQUEST")),
            (invalid, (400, "BAD_REQUEST")),
            (Error::Conflict(open), (409, "CONFLICT")),
            (Error::Conflict(Conflict::LastOwner), (409, "CONFLICT")),
            (Error::Closed(Status::Accepted), (404, "NOT_FOUND")),
            (Error::Rows(vec![(0, Error::Unauthenticated)]), (401, "UNAUTHORIZED")),
            (Error::RateLimited(Exceeded::of_requests(Duration::from_secs(7))), (429, "TOO_MANY_REQUESTS")),
            (Error::internal("a secret"), (500, "INTERNAL_ERROR")),
        ] {
            let fault = Fault::from(error);
            assert_eq!((fault.status.as_u16(), fault.code), wanted);
            assert!(!fault.sentence.contains("a secret"));
        }
        let both = vec![Violation::new("email", "x", "One."), Violation::new("role_ids", "y", "Two.")];
        assert_eq!(of_violations(&both).sentence, "email: One. assignedRoleIds: Two.");
    }
}
