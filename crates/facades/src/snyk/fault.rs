//! Snyk's error answers: JSON:API below `/rest`, and three fields below `/v1`
//! (dialects/appstoreconnect-snyk-clickhouse.md, 2.4).

use super::wire::Document;
use crate::number::RequestUuid;
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use std::{any::Any, sync::Arc, time::Duration};
use vestibule_core::service::{Conflict, Error, Missing};
use vestibule_domain::{Exceeded, Violation};
use vestibule_web::extract::Unreadable;
use vestibule_web::log::{Cause, cause_of};
use vestibule_web::refusal::retry_after;

const REQUEST_ID: HeaderName = HeaderName::from_static("snyk-request-id");
/// The places of the two parts of a new invitation in its document.
const EMAIL: &str = "/data/attributes/email";
const ROLE: &str = "/data/attributes/role";

/// An error answer. [`tell`] puts its text into the vendor's envelope.
#[derive(Clone, Debug)]
pub struct Fault {
    status: StatusCode,
    problems: Vec<Problem>,
    retry_after: Option<Duration>,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// One error of the answer.
#[derive(Clone, Debug)]
struct Problem {
    code: String,
    detail: String,
    source: Option<Source>,
}

/// The part of the request that is wrong.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    Parameter(String),
    Pointer(String),
}

/// What a handler returns.
pub type Answer<T> = Result<T, Fault>;

/// One error in Snyk's JSON.
#[derive(Serialize)]
struct Body<'a> {
    id: RequestUuid,
    status: &'a str,
    code: &'a str,
    title: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a Source>,
}

impl Fault {
    fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        let problem = Problem { code: code.to_owned(), detail: detail.into(), source: None };
        Self { status, problems: vec![problem], retry_after: None, cause: None }
    }

    pub fn bad_request(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// Returns the answer to a path that does not exist.
    pub fn no_route() -> Self {
        Self::not_found("There is nothing at this address.")
    }

    /// Returns the answer to a method that the path does not support.
    pub fn no_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This path does not support the method.")
    }

    /// Returns the error with the part of the request that it is about.
    pub fn at(self, source: Source) -> Self {
        let pointed = |problem| Problem { source: Some(source.clone()), ..problem };
        Self { problems: self.problems.into_iter().map(pointed).collect(), ..self }
    }

    /// Returns the answer to a request whose handler panicked.
    pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
        Self::from(Error::Internal(cause_of(panic))).into_response()
    }
}

impl Source {
    /// Converts the path of a field in a body, like `data.attributes.email` or `rows[1]`, to a JSON pointer.
    fn of_field(field: &str) -> Self {
        Self::Pointer(format!("/{}", field.replace(['.', '['], "/").replace(']', "")))
    }
}

/// Gives the request an id, and puts an error into the envelope of the API that was called.
pub async fn tell(mut request: Request, next: Next) -> Response {
    let number = RequestUuid::of(&mut request);
    let is_old = request.uri().path().starts_with("/v1");
    let mut response = next.run(request).await;
    if let Some(fault) = response.extensions_mut().remove::<Fault>() {
        let headers = std::mem::take(response.headers_mut());
        response = fault.enveloped(number, is_old);
        // the headers that state the version
        response.headers_mut().extend(headers);
    }
    if let Ok(number) = HeaderValue::from_str(&number.to_string()) {
        response.headers_mut().insert(REQUEST_ID, number);
    }
    response
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl Fault {
    fn enveloped(self, number: RequestUuid, is_old: bool) -> Response {
        let mut response = if is_old { self.of_v1() } else { self.of_rest(number) };
        *response.status_mut() = self.status;
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, retry_after(wait));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("token"));
        }
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(Cause(cause));
        }
        response
    }

    fn of_rest(&self, id: RequestUuid) -> Response {
        let title = self.status.canonical_reason().unwrap_or_default();
        let status = self.status.as_u16().to_string();
        let body = |Problem { code, detail, source }: &Problem| {
            json!(Body { id, status: &status, code, title, detail, source: source.as_ref() })
        };
        Document::new(json!({ "errors": self.problems.iter().map(body).collect::<Vec<_>>() })).into_response()
    }

    fn of_v1(&self) -> Response {
        let details: Vec<&str> = self.problems.iter().map(|problem| problem.detail.as_str()).collect();
        let error = match self.status {
            StatusCode::UNAUTHORIZED => "Not authorised",
            status => status.canonical_reason().unwrap_or_default(),
        };
        Json(json!({ "code": self.status.as_u16(), "error": error, "message": details.join(" ") })).into_response()
    }
}

/// Snyk answers 400 to anything that its document does not allow, including a wrong content type.
impl From<Unreadable> for Fault {
    fn from(unreadable: Unreadable) -> Self {
        let Unreadable { status, code, field, sentence, is_query } = unreadable;
        let status = match status {
            StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            status => status,
        };
        let fault = Self::new(status, code, sentence);
        match (field.is_empty(), is_query) {
            (true, _) => fault,
            (false, true) => fault.at(Source::Parameter(field)),
            (false, false) => fault.at(Source::of_field(&field)),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated => {
                let detail = "Send a key of this organization: Authorization: token.";
                Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
            }
            Error::Forbidden(permission) => {
                let detail =
                    format!("Permission denied for this resource. It needs the permission {}.", permission.as_str());
                Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
            }
            Error::Missing(missing) => of_missing(missing),
            Error::Invalid(violations) => of_violations(violations),
            Error::Conflict(conflict) => of_conflict(&conflict),
            // an invitation that is no longer open is not a pending one
            Error::Closed(_) => of_missing(Missing::Invitation),
            Error::RateLimited(Exceeded { retry_after, .. }) => {
                let fault = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Try again later.");
                Self { retry_after: Some(retry_after), ..fault }
            }
            Error::Busy(busy) => {
                let fault = Self::new(StatusCode::SERVICE_UNAVAILABLE, "service_unavailable", "Try again later.");
                Self { retry_after: Some(busy.retry_after), ..fault }
            }
            Error::Rows(rows) => Error::first_of(rows).into(),
            Error::Internal(cause) => {
                let detail =
                    "Something went wrong on our side. The operator can find it in the log by snyk-request-id.";
                let fault = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", detail);
                Self { cause: Some(Arc::from(cause)), ..fault }
            }
        }
    }
}

fn of_missing(missing: Missing) -> Fault {
    let what = match missing {
        Missing::Organization => "organization",
        Missing::Member => "membership",
        Missing::Invitation => "pending invitation",
        // a role is named in a body, never in a path
        Missing::Role => {
            let detail = "There is no such role. GET /tenants/{organization}/roles lists them.";
            return Fault::bad_request("unknown_role", detail).at(Source::Pointer(ROLE.to_owned()));
        }
        Missing::Resource => "resource",
        Missing::ApiKey => "key",
        Missing::Mail => "mail",
        Missing::Webhook => "webhook",
        Missing::Delivery => "delivery",
        Missing::Person => "person",
        Missing::Link => "link",
        Missing::Route => return Fault::no_route(),
    };
    Fault::not_found(format!("There is no such {what}, or this key has no access to it."))
}

fn of_violations(violations: Vec<Violation>) -> Fault {
    let problem = |violation: Violation| {
        let source = match &*violation.field {
            "email" => Some(Source::Pointer(EMAIL.to_owned())),
            "roles" | "role_ids" => Some(Source::Pointer(ROLE.to_owned())),
            "cursor" => Some(Source::Parameter("starting_after".to_owned())),
            _ => None,
        };
        Problem { code: violation.code.to_string(), detail: violation.sentence.to_string(), source }
    };
    let problems = violations.into_iter().map(problem).collect();
    Fault { status: StatusCode::BAD_REQUEST, problems, retry_after: None, cause: None }
}

/// Returns 400, because Snyk's document has no 409 for invitations.
fn of_conflict(conflict: &Conflict) -> Fault {
    let at_email = |code, detail| Fault::bad_request(code, detail).at(Source::Pointer(EMAIL.to_owned()));
    match conflict {
        Conflict::AlreadyInvited(_) => at_email("already_invited", "The address has an open invitation."),
        Conflict::AlreadyMember => at_email("already_member", "The address belongs to a member of the organization."),
        Conflict::BeyondLimit => {
            let detail = "The invitation goes beyond the resources that this key is limited to.";
            Fault::new(StatusCode::FORBIDDEN, "forbidden", detail)
        }
        // no handler of this facade can meet these
        Conflict::LastOwner
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
        | Conflict::KeyReused => Fault::bad_request("conflict", "The current state does not allow this."),
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
            (Error::Unauthenticated, (401, "unauthorized")),
            (Error::Forbidden(Permission::UserInvite), (403, "forbidden")),
            (Error::Missing(Missing::Organization), (404, "not_found")),
            (Error::Missing(Missing::Route), (404, "not_found")),
            (Error::Missing(Missing::Role), (400, "unknown_role")),
            (invalid, (400, "no_at")),
            (Error::Conflict(open), (400, "already_invited")),
            (Error::Conflict(Conflict::AlreadyMember), (400, "already_member")),
            (Error::Conflict(Conflict::Changed), (400, "conflict")),
            (Error::Closed(Status::Accepted), (404, "not_found")),
            (Error::Rows(vec![(0, Error::Unauthenticated)]), (401, "unauthorized")),
            (Error::RateLimited(Exceeded::of_requests(Duration::from_secs(7))), (429, "too_many_requests")),
            (Error::internal("a secret"), (500, "internal_error")),
        ] {
            let fault = Fault::from(error);
            assert_eq!((fault.status.as_u16(), fault.problems[0].code.as_str()), wanted);
            assert!(!fault.problems[0].detail.contains("a secret"));
        }
    }

    #[test]
    fn a_place_in_a_body_is_a_pointer() {
        let Source::Pointer(pointer) = Source::of_field("data.rows[1].role") else { panic!("no pointer") };
        assert_eq!(pointer, "/data/rows/1/role");
    }
}
