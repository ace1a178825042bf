//! App Store Connect's error answers: a list of errors, each with a code that clients match by its beginning
//! (dialects/appstoreconnect-snyk-clickhouse.md, 1.4).

use crate::number::RequestUuid;
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use std::{any::Any, sync::Arc, time::Duration};
use vestibule_core::service::{Conflict, Error, Missing};
use vestibule_domain::{Exceeded, Status, Violation};
use vestibule_web::extract::Unreadable;
use vestibule_web::log::{Cause, cause_of};
use vestibule_web::refusal::retry_after;

/// The places of the email address and the apps in the document of a new invitation.
const EMAIL: &str = "/data/attributes/email";
const APPS: &str = "/data/relationships/visibleApps";

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
pub struct Problem {
    code: &'static str,
    title: &'static str,
    detail: String,
    source: Option<Source>,
}

/// The part of the request that is wrong.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Source {
    Parameter(String),
    Pointer(String),
}

/// What a handler returns.
pub type Answer<T> = Result<T, Fault>;

impl Problem {
    fn new(code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { code, title, detail: detail.into(), source: None }
    }

    fn at(self, pointer: impl Into<String>) -> Self {
        Self { source: Some(Source::Pointer(pointer.into())), ..self }
    }

    /// Creates an error about an attribute that is absent or empty.
    pub fn required(attribute: &str) -> Self {
        let title = "The provided entity is missing a required attribute";
        let detail = format!("You must provide a value for the attribute '{attribute}' with this request");
        Self::new("ENTITY_ERROR.ATTRIBUTE.REQUIRED", title, detail).at(pointer(attribute))
    }

    /// Creates an error about an attribute of the wrong type, or with a word that does not exist.
    pub fn wrong_type(attribute: &str, value: &serde_json::Value, expected: &str) -> Self {
        let title = "An attribute in the provided entity has the wrong type";
        let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        let detail = format!("'{value}' is not a valid value for the attribute '{attribute}'. Expected {expected}.");
        Self::new("ENTITY_ERROR.ATTRIBUTE.TYPE", title, detail).at(pointer(attribute))
    }

    /// Creates an error about an unknown attribute.
    pub fn unknown(attribute: &str) -> Self {
        let title = "The provided entity includes an unknown attribute";
        let detail = format!("'{attribute}' is not an attribute on the resource 'userInvitations'");
        Self::new("ENTITY_ERROR.ATTRIBUTE.UNKNOWN", title, detail).at(pointer(attribute))
    }

    /// Creates an error about a value of the right type that is not acceptable.
    fn invalid(at: impl Into<String>, detail: impl Into<String>) -> Self {
        let title = "An attribute in the provided entity has invalid value";
        Self::new("ENTITY_ERROR.ATTRIBUTE.INVALID", title, detail).at(at)
    }

    fn duplicate(detail: &str) -> Self {
        let title = "The provided entity includes an attribute with a value that has already been used";
        Self::new("ENTITY_ERROR.ATTRIBUTE.INVALID.DUPLICATE", title, detail).at(EMAIL)
    }

    /// Creates an error about the apps that the document names.
    pub fn relationship(detail: impl Into<String>) -> Self {
        let title = "The provided entity includes a relationship with an invalid value";
        Self::new("ENTITY_ERROR.RELATIONSHIP.INVALID", title, detail).at(APPS)
    }

    /// Creates an error about the document around the attributes.
    pub fn entity(at: &str, detail: &str) -> Self {
        Self::new("ENTITY_ERROR", "The provided entity can't be accepted", detail).at(at)
    }
}

fn pointer(attribute: &str) -> String {
    format!("/data/attributes/{attribute}")
}

impl From<Vec<Problem>> for Fault {
    fn from(problems: Vec<Problem>) -> Self {
        Self { status: StatusCode::CONFLICT, problems, retry_after: None, cause: None }
    }
}

impl Fault {
    fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, ..vec![Problem::new(code, title, detail)].into() }
    }

    /// Creates an answer about a query parameter.
    pub fn parameter(name: &str, detail: impl Into<String>) -> Self {
        let problem = Problem::new("PARAMETER_ERROR.INVALID", "A parameter has an invalid value", detail);
        let problem = Problem { source: Some(Source::Parameter(name.to_owned())), ..problem };
        Self { status: StatusCode::BAD_REQUEST, ..vec![problem].into() }
    }

    /// Returns the answer for a resource that does not exist or belongs to another organization.
    pub fn missing(kind: &str, id: &str) -> Self {
        let detail = format!("There is no resource of type '{kind}' with id '{id}'");
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "The specified resource does not exist", detail)
    }

    /// Returns the answer to a path that does not exist.
    pub fn no_route() -> Self {
        let detail = "The path provided does not match a defined resource type.";
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "The specified resource does not exist", detail)
    }

    /// Returns the answer to the path of an unknown relationship.
    pub fn no_relationship(name: &str) -> Self {
        let detail = format!("The relationship '{name}' does not exist");
        Self::new(StatusCode::NOT_FOUND, "PATH_ERROR", "The URL path is not valid", detail)
    }

    /// Returns the answer to a method that the path does not support.
    pub fn no_method() -> Self {
        let detail = "This path does not support the method.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "The method is not allowed", detail)
    }

    /// Returns the answer to a request that the key's permissions allow, but the scope of the token does not.
    pub fn out_of_scope() -> Self {
        Self::forbidden("The scope of the token does not include this request.")
    }

    fn forbidden(detail: impl Into<String>) -> Self {
        let title = "The API key in use does not allow this request";
        Self::new(StatusCode::FORBIDDEN, "FORBIDDEN_ERROR", title, detail)
    }

    /// Returns the answer to a request whose handler panicked.
    pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
        Self::from(Error::Internal(cause_of(panic))).into_response()
    }
}

/// Gives the request an id, and puts an error into the vendor's envelope.
pub async fn tell(mut request: Request, next: Next) -> Response {
    let number = RequestUuid::of(&mut request);
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Fault>() {
        Some(fault) => {
            let headers = std::mem::take(response.headers_mut());
            let mut response = fault.enveloped(number);
            response.headers_mut().extend(headers);
            response
        }
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
        let error = |problem: &Problem| {
            let Problem { code, title, detail, source } = problem;
            let mut error = json!({
                "id": number, "status": self.status.as_u16().to_string(), "code": code, "title": title, "detail": detail,
            });
            if let Some(source) = source {
                error["source"] = json!(source);
            }
            error
        };
        let errors: Vec<_> = self.problems.iter().map(error).collect();
        let mut response = (self.status, Json(json!({ "errors": errors }))).into_response();
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, retry_after(wait));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(Cause(cause));
        }
        response
    }
}

impl From<Unreadable> for Fault {
    fn from(unreadable: Unreadable) -> Self {
        let Unreadable { status, field, sentence, is_query, .. } = unreadable;
        if status == StatusCode::UNPROCESSABLE_ENTITY {
            return match is_query {
                true => Self::parameter(&field, sentence),
                false => {
                    vec![Problem::invalid(format!("/{}", field.replace(['.', '['], "/").replace(']', "")), sentence)]
                        .into()
                }
            };
        }
        let (code, title) = match status {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("UNSUPPORTED_MEDIA_TYPE", "The media type is not supported"),
            StatusCode::PAYLOAD_TOO_LARGE => ("ENTITY_TOO_LARGE", "The request entity is too large"),
            StatusCode::REQUEST_TIMEOUT => ("REQUEST_TIMEOUT", "The request took too long"),
            _ => ("ENTITY_INVALID", "JSON processing failed"),
        };
        Self::new(status, code, title, sentence)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated => {
                let title = "Authentication credentials are missing or invalid.";
                let detail =
                    "Provide a properly configured and signed bearer token, and make sure that it has not expired.";
                Self::new(StatusCode::UNAUTHORIZED, "NOT_AUTHORIZED", title, detail)
            }
            Error::Forbidden(permission) => Self::forbidden(format!(
                "The key is not allowed to {}. It needs the permission {}.",
                permission.deed(),
                permission.as_str()
            )),
            Error::Missing(missing) => of_missing(missing),
            Error::Invalid(violations) => violations.into_iter().map(of_violation).collect::<Vec<_>>().into(),
            Error::Conflict(conflict) => of_conflict(&conflict),
            Error::Closed(status) => of_closed(status),
            Error::RateLimited(Exceeded { retry_after, .. }) => {
                let title = "The request rate limit has been reached.";
                let fault = Self::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMIT_EXCEEDED", title, "Try again later.");
                Self { retry_after: Some(retry_after), ..fault }
            }
            Error::Busy(busy) => {
                let title = "The service is busy.";
                let fault =
                    Self::new(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", title, "Try again later.");
                Self { retry_after: Some(busy.retry_after), ..fault }
            }
            Error::Rows(rows) => Error::first_of(rows).into(),
            Error::Internal(cause) => {
                let detail =
                    "Something went wrong on our side. Give X-Request-Id to the operator, who can find it in the log.";
                let title = "An unexpected error occurred.";
                let fault = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "UNEXPECTED_ERROR", title, detail);
                Self { cause: Some(Arc::from(cause)), ..fault }
            }
        }
    }
}

/// Returns the answer about a closed invitation. Apple's example for 410 is an accepted invitation; any other closed
/// invitation does not exist any more.
pub fn of_closed(status: Status) -> Fault {
    match status {
        Status::Accepted => {
            let detail = "The invitation has been accepted. The person is now a user.";
            Fault::new(StatusCode::GONE, "GONE", "The specified resource is gone", detail)
        }
        Status::Pending | Status::Declined | Status::Revoked | Status::Expired => of_missing(Missing::Invitation),
    }
}

fn of_missing(missing: Missing) -> Fault {
    let kind = match missing {
        Missing::Organization => "organizations",
        Missing::Member => "users",
        Missing::Invitation => "userInvitations",
        Missing::Role => "roles",
        Missing::Resource => return vec![Problem::relationship("There is no such app.")].into(),
        Missing::ApiKey => "keys",
        Missing::Mail => "mails",
        Missing::Webhook => "webhooks",
        Missing::Delivery => "deliveries",
        Missing::Person => "people",
        Missing::Link => "links",
        Missing::Route => return Fault::no_route(),
    };
    let detail = format!("There is no such resource of type '{kind}'");
    Fault::new(StatusCode::NOT_FOUND, "NOT_FOUND", "The specified resource does not exist", detail)
}

fn of_violation(violation: Violation) -> Problem {
    if violation.field == "resource_ids" {
        return Problem::relationship(violation.sentence);
    }
    let at = match &*violation.field {
        "email" => EMAIL.to_owned(),
        "name" => pointer("firstName"),
        "roles" | "role_ids" => pointer("roles"),
        field => pointer(field),
    };
    Problem::invalid(at, violation.sentence)
}

fn of_conflict(conflict: &Conflict) -> Fault {
    let problem = match conflict {
        Conflict::BeyondLimit => {
            return Fault::forbidden("The invitation goes beyond the apps that this key is limited to.".to_owned());
        }
        Conflict::AlreadyInvited(_) => Problem::duplicate("The address has an open invitation."),
        Conflict::AlreadyMember => Problem::duplicate("The address already belongs to a user."),
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
        | Conflict::KeyReused => {
            let detail = "The request cannot be fulfilled because of the state of another resource.";
            Problem::new("STATE_ERROR", "The state of a resource does not allow this", detail)
        }
    };
    vec![problem].into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vestibule_domain::{Instant, InvitationId, Permission};

    #[test]
    fn each_failure_has_its_status_and_code() {
        let open = Conflict::AlreadyInvited(InvitationId::new(Instant::UNIX_EPOCH));
        let invalid = Error::invalid(Violation::new("email", "no_at", "It has no @."));
        let duplicate = (409, "ENTITY_ERROR.ATTRIBUTE.INVALID.DUPLICATE");
        for (error, wanted) in [
            (Error::Unauthenticated, (401, "NOT_AUTHORIZED")),
            (Error::Forbidden(Permission::UserInvite), (403, "FORBIDDEN_ERROR")),
            (Error::Missing(Missing::Invitation), (404, "NOT_FOUND")),
            (Error::Missing(Missing::Route), (404, "NOT_FOUND")),
            (Error::Missing(Missing::Resource), (409, "ENTITY_ERROR.RELATIONSHIP.INVALID")),
            (invalid, (409, "ENTITY_ERROR.ATTRIBUTE.INVALID")),
            (Error::Conflict(open), duplicate),
            (Error::Conflict(Conflict::AlreadyMember), duplicate),
            (Error::Conflict(Conflict::Changed), (409, "STATE_ERROR")),
            (Error::Closed(Status::Accepted), (410, "GONE")),
            (Error::Closed(Status::Revoked), (404, "NOT_FOUND")),
            (Error::Rows(vec![(0, Error::Unauthenticated)]), (401, "NOT_AUTHORIZED")),
            (Error::RateLimited(Exceeded::of_requests(Duration::from_secs(7))), (429, "RATE_LIMIT_EXCEEDED")),
            (Error::internal("a secret"), (500, "UNEXPECTED_ERROR")),
        ] {
            let fault = Fault::from(error);
            assert_eq!((fault.status.as_u16(), fault.problems[0].code), wanted);
            assert!(!fault.problems[0].detail.contains("a secret"));
        }
    }
}
