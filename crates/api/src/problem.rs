//! The error answers of the API: problem details as in RFC 9457, with a stable `code` for programs.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use utoipa::ToSchema;
use vestibule_core::service::{
    AccountConflict, Conflict, Error, InvitationConflict, JobConflict, MailConflict, NotFound, OrganizationConflict,
    RequestConflict, ResourceConflict, RoleConflict, WebhookConflict,
};
use vestibule_domain::Exceeded;
use vestibule_web::extract::RequestRejection;
use vestibule_web::http_error::{retry_after, span};
use vestibule_web::log::{Cause, cause_of};

/// An error answer with its headers, and the cause for the log.
#[derive(Debug)]
pub struct Problem {
    body: Box<ProblemBody>,
    retry_after: Option<std::time::Duration>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What a handler returns.
pub type ApiResult<T> = Result<T, Problem>;

/// Problem details as RFC 9457 defines them. Some codes have additional members.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `about:blank`: `status` gives the kind of error, `code` the exact one.
    #[schema(example = "about:blank")]
    r#type: &'static str,
    /// The status in words.
    #[schema(example = "Conflict")]
    title: &'static str,
    #[schema(example = 409)]
    status: u16,
    /// What happened, and what to do about it.
    #[schema(example = "This email address has an open invitation. Resend or edit that one.")]
    detail: String,
    /// Stable: programs should check this.
    #[schema(example = "already_invited")]
    code: String,
    /// Everything that is wrong with the request, field by field, where fields can be named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    #[serde(flatten)]
    #[schema(ignore)]
    more: Map<String, Value>,
}

/// An error in one field.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// The path of the field, like `invitations[3].email`.
    #[schema(example = "email")]
    pub field: String,
    #[schema(example = "domain_not_allowed")]
    pub code: String,
    pub detail: String,
}

impl Problem {
    /// Creates a problem with this status, code and detail.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        let body = ProblemBody {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            code: code.to_owned(),
            errors: Vec::new(),
            more: Map::new(),
        };
        Self { body: Box::new(body), retry_after: None, cause: None }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.body.more.insert(name.to_owned(), value.into());
        self
    }

    fn with_errors(mut self, errors: Vec<FieldProblem>) -> Self {
        self.body.errors = errors;
        self
    }

    /// Returns the answer to a path that does not exist.
    pub fn no_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "route_missing", "There is no such path. See /api/docs for all operations.")
    }

    /// Returns the answer to a method that the path does not support.
    pub fn no_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method",
            "This path does not support the method. See /api/docs for all operations.",
        )
    }

    /// Returns the answer to a request whose handler panicked.
    pub fn panicked(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
        Self::from(Error::Internal(cause_of(panic))).into_response()
    }

    /// Returns code, detail and field errors for one row of a bulk request: the same as a request for this row alone
    /// would get.
    pub fn into_row(self) -> (String, String, Vec<FieldProblem>) {
        (self.body.code, self.body.detail, self.body.errors)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.body.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, vestibule_web::Json(self.body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, retry_after(wait));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"Vestibule\""));
        }
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(Cause(Arc::from(cause)));
        }
        response
    }
}

impl From<RequestRejection> for Problem {
    fn from(unreadable: RequestRejection) -> Self {
        let RequestRejection { kind, code, field, sentence, is_query: _ } = unreadable;
        let problem = Self::new(kind.status(), code, sentence.clone());
        match field.is_empty() {
            true => problem,
            false => problem.with_errors(vec![FieldProblem { field, code: code.into(), detail: sentence }]),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated => {
                let detail = "Send an API key of this installation: Authorization: Bearer vsk_…";
                Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail)
            }
            Error::Forbidden(permission) => {
                let detail = format!(
                    "This key is not allowed to {}. It needs the permission {}.",
                    permission.action_phrase(),
                    permission.as_str()
                );
                Self::new(StatusCode::FORBIDDEN, "forbidden", detail).with("permission", permission.as_str())
            }
            Error::NotFound(missing) => of_missing(missing),
            Error::Invalid(violations) => {
                let errors = violations.into_iter().map(|violation| FieldProblem {
                    field: wire_name(violation.field.into_owned()),
                    code: violation.code.into_owned(),
                    detail: violation.sentence.into_owned(),
                });
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Part of the request is wrong; see errors.")
                    .with_errors(errors.collect())
            }
            Error::Conflict(conflict) => of_conflict(conflict),
            Error::Closed(status) => {
                let detail = format!("The invitation is {status}, so it can’t be changed.");
                Self::new(StatusCode::CONFLICT, "closed", detail).with("invitation_status", status.as_str())
            }
            Error::RateLimited(exceeded) => of_limit(&exceeded),
            Error::Busy(busy) => {
                let detail = format!("{} Try again in {}.", busy.what.sentence(), span(busy.retry_after));
                let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, busy.what.code(), detail);
                Self { retry_after: Some(busy.retry_after), ..problem }
            }
            Error::Rows(rows) => Error::first_of(rows).into(),
            Error::Internal(cause) => {
                let detail =
                    "Something went wrong on our side. Give X-Request-Id to the operator, who can find it in the log.";
                Self { cause: Some(cause), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail) }
            }
        }
    }
}

/// Returns the answer to a request over a rate limit. Each limit has its own code.
fn of_limit(exceeded: &Exceeded) -> Problem {
    let Exceeded { limit, rate, left, retry_after } = *exceeded;
    let detail = format!("{} Try again in {}.", exceeded.sentence(), span(retry_after));
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, limit.code(), detail);
    Problem { retry_after: Some(retry_after), ..problem.with("limit", rate.burst).with("remaining", left) }
}

/// Returns the name that the API uses for the field.
fn wire_name(field: String) -> String {
    match field.as_str() {
        "role_ids" => "roles".to_owned(),
        "resource_ids" => "resources".to_owned(),
        _ => field,
    }
}

fn of_missing(missing: NotFound) -> Problem {
    let (code, what) = match missing {
        NotFound::Organization => ("organization_missing", "organization"),
        NotFound::Member => ("member_missing", "member"),
        NotFound::Invitation => ("invitation_missing", "invitation"),
        NotFound::Role => ("role_missing", "role"),
        NotFound::Resource => ("resource_missing", "resource"),
        NotFound::ApiKey => ("key_missing", "key"),
        NotFound::Mail => ("mail_missing", "mail"),
        NotFound::Webhook => ("webhook_missing", "webhook"),
        NotFound::Delivery => ("delivery_missing", "delivery"),
        NotFound::Act => ("act_missing", "act"),
        NotFound::Job => ("job_missing", "job"),
        NotFound::Person => {
            let detail = "No data is stored for this email address.";
            return Problem::new(StatusCode::NOT_FOUND, "person_missing", detail);
        }
        NotFound::Link => ("link_missing", "link"),
        NotFound::Route => return Problem::no_route(),
    };
    Problem::new(StatusCode::NOT_FOUND, code, format!("There is no such {what}, or this key has no access to it."))
}

fn of_conflict(conflict: Conflict) -> Problem {
    let of = |code: &str, detail: &str| Problem::new(StatusCode::CONFLICT, code, detail);
    match conflict {
        Conflict::Invitation(conflict) => of_invitation(conflict),
        Conflict::Account(AccountConflict::EmailTaken) => {
            of("email_taken", "This email address already has an account.")
        }
        Conflict::Account(AccountConflict::WrongAccount) => {
            of("wrong_account", "The invitation is for another email address.")
        }
        Conflict::Account(AccountConflict::MailboxUnproven) => {
            of("mailbox_unproven", "The invitee has to prove access to the mailbox first.")
        }
        Conflict::Organization(OrganizationConflict::SlugTaken) => {
            of("slug_taken", "Another organization has this slug.")
        }
        Conflict::Organization(OrganizationConflict::AlreadySetUp) => {
            of("already_set_up", "The installation is already set up.")
        }
        Conflict::LastOwner => {
            of("last_owner", "An organization needs at least one owner. Make someone else an owner first.")
        }
        Conflict::Role(conflict) => of_role(conflict),
        Conflict::Resource(ResourceConflict::ExternalIdTaken) => {
            of("external_id_taken", "Another resource has this external id.")
        }
        Conflict::Resource(ResourceConflict::InUse(uses)) => {
            of("resource_in_use", "Members or invitations are limited to this resource. Change them first.")
                .with("uses", uses)
        }
        Conflict::Webhook(WebhookConflict::TooMany) => {
            of("too_many_webhooks", "An organization has at most 50 webhooks.")
        }
        Conflict::Webhook(WebhookConflict::NotReplayable) => of(
            "not_replayable",
            "The delivery is already under way, or its webhook is disabled. Enable the webhook first.",
        ),
        Conflict::Mail(MailConflict::NoServer) => {
            of("no_mail_server", "No mail server is set up, so no mail can be sent.")
        }
        Conflict::Mail(MailConflict::Done) => of("mail_done", "The mail was already sent, or is no longer needed."),
        Conflict::Job(JobConflict::TooMany) => of("too_many_jobs", "The organization has too many jobs under way."),
        Conflict::Job(JobConflict::NothingMatches) => of("nothing_matches", "There is nothing to do."),
        Conflict::Request(conflict) => of_request(conflict),
    }
}

fn of_invitation(conflict: InvitationConflict) -> Problem {
    let of = |code: &str, detail: &str| Problem::new(StatusCode::CONFLICT, code, detail);
    match conflict {
        InvitationConflict::AlreadyMember => of("already_member", "This email address belongs to a member."),
        InvitationConflict::AlreadyInvited(id) => {
            of("already_invited", "This email address has an open invitation. Resend or edit that one.")
                .with("invitation_id", json!(id))
        }
        InvitationConflict::Replaced => of("replaced", "The invitation was resent in the meantime. Read it again."),
        InvitationConflict::InviterMayNot => {
            of("inviter_may_not", "The inviter is no longer allowed to grant these roles.")
        }
        InvitationConflict::BeyondLimit => {
            let detail = "The invitation goes beyond the resources that this key’s creator is limited to.";
            Problem::new(StatusCode::FORBIDDEN, "beyond_limit", detail)
        }
        InvitationConflict::Erased => {
            of("erased", "The data of this person was erased. Create a new invitation instead.")
        }
        InvitationConflict::TooLate => of("too_late", "This can no longer be undone."),
    }
}

fn of_role(conflict: RoleConflict) -> Problem {
    let of = |code: &str, detail: &str| Problem::new(StatusCode::CONFLICT, code, detail);
    match conflict {
        RoleConflict::KeyTaken => of("role_key_taken", "Another role has this key."),
        RoleConflict::BuiltIn => of("role_built_in", "This is a built-in role. It can’t be changed or deleted."),
        RoleConflict::InUse(uses) => {
            of("role_in_use", "Members or open invitations have this role. Give them another role first.")
                .with("uses", uses)
        }
    }
}

fn of_request(conflict: RequestConflict) -> Problem {
    match conflict {
        RequestConflict::Changed => {
            let detail = "Someone else changed this after you read it. Read it again, and send the new ETag.";
            Problem::new(StatusCode::PRECONDITION_FAILED, "changed", detail)
        }
        RequestConflict::KeyReused => {
            let detail =
                "This Idempotency-Key was already used for a different request. Use a new key for each request.";
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reuse", detail)
        }
    }
}
