//! Clerk's error answers: statuses, codes and texts.

use crate::fault::{self, EchoedRequest, Envelope, Reason};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};
use vestibule_core::service::{Conflict, Error, InvitationConflict, NotFound};
use vestibule_domain::{Permission, Status, Violation};
use vestibule_web::Json;
use vestibule_web::extract::{RequestRejection, UnreadableKind};

/// An error answer.
pub type Fault = fault::Fault<Details>;

/// What a handler returns.
pub type VendorResult<T> = Result<T, Fault>;

/// Everything that is wrong.
#[derive(Clone, Debug)]
pub struct Details(Vec<ErrorDetail>);

/// One error of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorDetail {
    message: String,
    long_message: String,
    code: &'static str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    meta: Map<String, Value>,
}

impl ErrorDetail {
    pub fn new(code: &'static str, message: impl Into<String>, long_message: impl Into<String>) -> Self {
        Self { message: message.into(), long_message: long_message.into(), code, meta: Map::new() }
    }

    /// Creates an error about one parameter of the request.
    pub fn of(parameter: &str, code: &'static str, message: &str, long_message: impl Into<String>) -> Self {
        Self::new(code, message, long_message).with("param_name", parameter)
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.meta.insert(name.to_owned(), value.into());
        self
    }
}

impl From<ErrorDetail> for Details {
    fn from(detail: ErrorDetail) -> Self {
        Self(vec![detail])
    }
}

impl Fault {
    /// Creates an answer that lists everything that is wrong with a request.
    pub fn unprocessable(details: Vec<ErrorDetail>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, Details(details))
    }

    /// Returns the answer to a request without a usable `Authorization` header.
    pub fn no_key() -> Self {
        let long = "Authorization header is missing or ill-formed. It must be: Bearer <secret key>.";
        let detail =
            ErrorDetail::new("authorization_header_format_invalid", "Invalid Authorization header format", long);
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    pub fn not_found(long_message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, ErrorDetail::new("resource_not_found", "not found", long_message))
    }

    /// Returns the answer to an unknown role.
    pub fn no_role() -> Self {
        let detail = ErrorDetail::of("role", "resource_not_found", "not found", "Organization role not found");
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// Returns the answer to a list with too many items.
    pub fn too_many(most: usize) -> Self {
        let long = format!("Parameters exceed the maximum allowed bulk processing size of {most}.");
        Self::new(StatusCode::BAD_REQUEST, ErrorDetail::new("bulk_size_exceeded", "bulk size exceeded", long))
    }

    /// Like [`From`], in Clerk's terms for application invitations. `emails` are the email addresses of the request.
    pub fn of_application(error: Error, emails: &[&str]) -> Self {
        match error {
            Error::Rows(rows) => Self::of_application_rows(rows, emails),
            Error::Conflict(Conflict::Invitation(InvitationConflict::AlreadyInvited(_))) => Self::duplicates(emails),
            Error::Conflict(Conflict::Invitation(InvitationConflict::AlreadyMember)) => {
                let long = "That email address is taken. Please try another.";
                let detail =
                    ErrorDetail::of("email_address", "form_identifier_exists", "That email address is taken.", long);
                Self::unprocessable(vec![detail])
            }
            Error::Closed(status) => {
                let (code, word) = match status {
                    Status::Accepted => ("invitation_already_accepted", "accepted"),
                    Status::Revoked | Status::Declined => ("invitation_already_revoked", "revoked"),
                    Status::Expired | Status::Pending => ("invitation_expired", "expired"),
                };
                let long = format!("The invitation is already {word}, so it can’t be revoked.");
                Self::new(StatusCode::BAD_REQUEST, ErrorDetail::new(code, format!("already {word}"), long))
            }
            Error::NotFound(NotFound::Invitation) => Self::not_found("No invitation was found with this id."),
            error @ (Error::Unauthenticated
            | Error::Forbidden(_)
            | Error::NotFound(_)
            | Error::Invalid(_)
            | Error::Conflict(_)
            | Error::RateLimited(_)
            | Error::Busy(_)
            | Error::Internal(_)) => error.into(),
        }
    }

    /// Reports all duplicates together, as Clerk's format allows that. Of other errors, it reports the first.
    fn of_application_rows(rows: Vec<(usize, Error)>, emails: &[&str]) -> Self {
        let is_duplicate = |error: &Error| {
            matches!(error, Error::Conflict(Conflict::Invitation(InvitationConflict::AlreadyInvited(_))))
        };
        if rows.iter().all(|(_, error)| is_duplicate(error)) {
            let emails: Vec<&str> = rows.iter().filter_map(|(row, _)| emails.get(*row).copied()).collect();
            return Self::duplicates(&emails);
        }
        let first = rows.into_iter().find(|(_, error)| !is_duplicate(error));
        let (row, error) = first.unwrap_or_else(|| (0, Error::internal("no row is refused")));
        Self::of_application(error, emails.get(row..=row).unwrap_or_default())
    }

    fn duplicates(emails: &[&str]) -> Self {
        let list = emails.join(", ");
        let long = format!("There are already pending invitations for the following email addresses: {list}");
        let detail = ErrorDetail::new("duplicate_record", "duplicate invitation", long).with("email_addresses", emails);
        Self::new(StatusCode::BAD_REQUEST, detail)
    }
}

impl Envelope for Details {
    const CHALLENGE: &'static str = "Bearer";

    fn refuse(reason: Reason) -> Fault {
        let of = |status, code, message: &str, long: &str| Fault::new(status, ErrorDetail::new(code, message, long));
        match reason {
            Reason::Unauthenticated => {
                let text = "The provided Clerk Secret Key is invalid. Make sure that your Clerk Secret Key is correct.";
                of(StatusCode::UNAUTHORIZED, "clerk_key_invalid", text, text)
            }
            Reason::Forbidden(permission) => forbidden(permission),
            Reason::NotFound(missing) => of_missing(missing),
            Reason::Invalid(violations) => Fault::unprocessable(violations.iter().map(detail).collect()),
            Reason::Invitation(conflict) => of_invitation(&conflict),
            Reason::LastOwner | Reason::Conflict => {
                let long = "The current state does not allow this.";
                of(StatusCode::BAD_REQUEST, "resource_conflict", "conflict", long)
            }
            Reason::Closed(_) => {
                let long = "The organization invitation is not in the 'pending' status.";
                of(StatusCode::NOT_FOUND, "organization_invitation_not_pending", "not pending", long)
            }
            Reason::TooManyRequests => {
                let long = "Too many requests. Please try again in a bit.";
                of(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Too many requests", long)
            }
            Reason::Busy => {
                let long = "The service is busy. Please try again in a bit.";
                of(StatusCode::SERVICE_UNAVAILABLE, "service_unavailable", "Service unavailable", long)
            }
            Reason::Internal => {
                let long =
                    "There was an internal error. Give X-Request-Id to the operator, who can find it in the log.";
                let message = "Oops, an unexpected error occurred";
                of(StatusCode::INTERNAL_SERVER_ERROR, "internal_clerk_error", message, long)
            }
            Reason::Method => {
                let long = "This path does not support the HTTP method.";
                of(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "method not allowed", long)
            }
            Reason::RequestRejection(unreadable) => of_unreadable(unreadable),
        }
    }

    fn body(&self, _: StatusCode, _: &EchoedRequest) -> Response {
        Json(json!({ "errors": self.0 })).into_response()
    }
}

fn of_unreadable(unreadable: RequestRejection) -> Fault {
    let RequestRejection { kind, code, field, sentence, is_query: _ } = unreadable;
    let detail = match kind {
        UnreadableKind::Invalid if !field.is_empty() => detail(&Violation::new(field, code, sentence)),
        UnreadableKind::TooLarge => ErrorDetail::new("request_body_too_large", "request body too large", sentence),
        UnreadableKind::MediaType => {
            ErrorDetail::new("unsupported_content_type", "content type is not supported", sentence)
        }
        UnreadableKind::Malformed | UnreadableKind::Invalid | UnreadableKind::Timeout => {
            let long = "The request body is invalid. Please consult the API documentation for more information.";
            ErrorDetail::new("request_body_invalid", "Request body invalid", long)
        }
    };
    Fault::new(kind.status(), detail)
}

fn forbidden(permission: Permission) -> Fault {
    let long = format!(
        "This needs the permission to {}. No key can grant a role that allows more than itself.",
        permission.action_phrase()
    );
    let detail = ErrorDetail::new("missing_organization_permission", "missing permission", long)
        .with("permissions", vec![permission.as_str()]);
    Fault::new(StatusCode::FORBIDDEN, detail)
}

fn of_missing(missing: NotFound) -> Fault {
    match missing {
        NotFound::Organization => Fault::not_found("Given organization not found."),
        NotFound::Member => {
            let long = "The user is not a member of the organization.";
            let detail = ErrorDetail::new("not_a_member_in_organization", "not a member", long);
            Fault::new(StatusCode::FORBIDDEN, detail)
        }
        NotFound::Invitation => {
            let long = "No invitation found with this id.";
            let detail = ErrorDetail::new("organization_invitation_not_found", "not found", long);
            Fault::new(StatusCode::NOT_FOUND, detail)
        }
        NotFound::Role => Fault::no_role(),
        NotFound::Route => Fault::not_found("There is nothing at this address. Check the path and the version in it."),
        NotFound::Resource
        | NotFound::ApiKey
        | NotFound::Mail
        | NotFound::Webhook
        | NotFound::Delivery
        | NotFound::Act
        | NotFound::Job
        | NotFound::Person
        | NotFound::Link => Fault::not_found("There is no such thing, or this key has no access to it."),
    }
}

fn of_invitation(conflict: &InvitationConflict) -> Fault {
    let of = |code, message, long| Fault::new(StatusCode::BAD_REQUEST, ErrorDetail::new(code, message, long));
    match conflict {
        InvitationConflict::AlreadyInvited(_) => of(
            "organization_invitation_not_unique",
            "organization invitation not unique",
            "Organizations cannot have duplicate pending invitations for an email address.",
        ),
        InvitationConflict::AlreadyMember => of(
            "already_a_member_in_organization",
            "already a member",
            "The email address belongs to someone who is already a member of the organization.",
        ),
        InvitationConflict::BeyondLimit => {
            let long = "The invitation goes beyond the resources that this key is limited to.";
            let detail = ErrorDetail::new("missing_organization_permission", "missing permission", long);
            Fault::new(StatusCode::FORBIDDEN, detail)
        }
        // no handler of this facade can meet these
        InvitationConflict::Replaced
        | InvitationConflict::InviterMayNot
        | InvitationConflict::Erased
        | InvitationConflict::TooLate => Details::refuse(Reason::Conflict),
    }
}

/// Describes a violation of one of our rules as an error about the parameter that caused it.
fn detail(violation: &Violation) -> ErrorDetail {
    let parameter = match &*violation.field {
        "email" => "email_address",
        "roles" | "role_ids" => "role",
        "metadata" => "public_metadata",
        field => field,
    };
    let code = match (parameter, &*violation.code) {
        ("email_address", code) if code != "domain_not_allowed" => {
            let long = "email_address must be a valid email address.";
            return ErrorDetail::of(parameter, "form_param_format_invalid", "is invalid", long);
        }
        ("redirect_url", _) => "invalid_redirect_url",
        ("public_metadata" | "private_metadata", _) => "form_param_value_too_large",
        _ => "form_param_value_invalid",
    };
    ErrorDetail::of(parameter, code, "is invalid", &*violation.sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::extract::Request;
    use axum::http::header;
    use std::time::Duration;
    use vestibule_domain::InvitationId;
    use vestibule_web::log::Cause;

    fn told(fault: Fault) -> (u16, &'static str) {
        (fault.status.as_u16(), fault.said.0[0].code)
    }

    /// Checks each kind of error, for organization invitations and for application invitations.
    #[test]
    fn each_failure_has_its_code() {
        let open = || {
            Error::from(InvitationConflict::AlreadyInvited(InvitationId::new(vestibule_domain::Instant::UNIX_EPOCH)))
        };
        let invalid = |field, code| Error::invalid(Violation::new(field, code, "It is wrong."));
        let wait = Duration::from_secs(7);
        type Case = (fn() -> Error, (u16, &'static str), (u16, &'static str));
        let same: [(Error, (u16, &str)); 10] = [
            (Error::Unauthenticated, (401, "clerk_key_invalid")),
            (Error::Forbidden(Permission::UserInvite), (403, "missing_organization_permission")),
            (Error::NotFound(NotFound::Organization), (404, "resource_not_found")),
            (Error::NotFound(NotFound::Role), (404, "resource_not_found")),
            (Error::NotFound(NotFound::Member), (403, "not_a_member_in_organization")),
            (invalid("email", "no_at"), (422, "form_param_format_invalid")),
            (invalid("email", "domain_not_allowed"), (422, "form_param_value_invalid")),
            (invalid("redirect_url", "redirect_origin"), (422, "invalid_redirect_url")),
            (fault::too_many_requests(wait), (429, "too_many_requests")),
            (Error::internal("a secret"), (500, "internal_clerk_error")),
        ];
        for (error, wanted) in same {
            assert_eq!(told(error.into()), wanted);
        }
        let each: [Case; 5] = [
            (
                || Error::NotFound(NotFound::Invitation),
                (404, "organization_invitation_not_found"),
                (404, "resource_not_found"),
            ),
            (
                || InvitationConflict::AlreadyMember.into(),
                (400, "already_a_member_in_organization"),
                (422, "form_identifier_exists"),
            ),
            (
                || Error::Closed(Status::Declined),
                (404, "organization_invitation_not_pending"),
                (400, "invitation_already_revoked"),
            ),
            (
                || Error::Closed(Status::Expired),
                (404, "organization_invitation_not_pending"),
                (400, "invitation_expired"),
            ),
            (
                || Error::Rows(vec![(1, InvitationConflict::AlreadyMember.into())]),
                (400, "already_a_member_in_organization"),
                (422, "form_identifier_exists"),
            ),
        ];
        for (error, organization, application) in each {
            assert_eq!(told(error().into()), organization);
            assert_eq!(told(Fault::of_application(error(), &["a", "b"])), application);
        }
        assert_eq!(told(open().into()), (400, "organization_invitation_not_unique"));
        assert_eq!(told(Fault::of_application(open(), &["a"])), (400, "duplicate_record"));
    }

    #[test]
    fn a_panic_is_told_in_the_envelope_and_its_words_are_not() {
        let echoed = EchoedRequest::of(&mut Request::default());
        let response = fault::told::<Details>(Fault::panicked(Box::new("a secret")), &echoed);
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
        let fault = Fault::from(Error::internal("a secret"));
        assert!(!serde_json::to_string(&fault.said.0).is_ok_and(|text| text.contains("a secret")));
        assert!(response.extensions().get::<Cause>().is_some(), "for the log");
    }
}
