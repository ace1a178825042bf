//! The outbox: every mail of the organization, and why a mail has not been sent.

use super::{
    ApiState,
    caller::{ById, OrganizationScope},
    problem::ApiResult,
    reading::{Query, limit},
    wire::List,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use vestibule_domain::{Letter, Mail, MailFilter, MailId, MailState, clock};

pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(retry))
}

/// A mail in the outbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mail)]
pub struct MailBody {
    id: Uuid,
    /// The kind of letter.
    #[schema(example = "invitation")]
    letter: &'static str,
    invitation_id: Option<Uuid>,
    #[schema(example = "grace@example.com")]
    recipient: String,
    #[schema(value_type = String, example = "sent")]
    state: MailState,
    attempts: u32,
    /// When the next attempt is due, while the mail is waiting.
    #[serde(serialize_with = "clock::write")]
    due_at: DateTime<Utc>,
    /// The mail server's last answer.
    response: Option<String>,
    #[serde(serialize_with = "clock::write")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "clock::write_option")]
    sent_at: Option<DateTime<Utc>>,
}

/// A mail with its text. The link or code in it is masked. If no mail server is set up, keys that can grant every role
/// in the invitation see the link: it is for handing over, and does not prove access to the mailbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailDetail)]
pub struct MailDetailBody {
    #[serde(flatten)]
    mail: MailBody,
    subject: String,
    text: String,
    html: String,
}

/// The filter and page of a list of mails.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// `next_cursor` or `previous_cursor` of another page of the same list.
    cursor: Option<String>,
    /// The number of rows per page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u32>,
    #[param(value_type = Option<String>, pattern = "^(queued|sent|deferred|failed|cancelled)$")]
    state: Option<MailState>,
    /// Part of the recipient's email address.
    #[param(max_length = 300)]
    q: Option<String>,
}

/// List mails
#[utoipa::path(get, path = "/organizations/{org}/mails", tag = "mails", operation_id = "list_mails",
    params(ListParams), responses((status = 200, body = List<MailBody>)))]
async fn list(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    query: Query<ListParams>,
) -> ApiResult<vestibule_web::Json<List<MailBody>>> {
    let asked = query.0;
    let filter = MailFilter { state: asked.state, text: asked.q };
    let found = state.vestibule.outbox().page(&scope, &filter, asked.cursor.as_deref(), limit(asked.limit)?).await?;
    let total = found.counts.of(filter.state);
    Ok(vestibule_web::Json(List::of(found.page, total, MailBody::from)))
}

/// Read a mail
#[utoipa::path(get, path = "/organizations/{org}/mails/{id}", tag = "mails", operation_id = "get_mail",
    responses((status = 200, body = MailDetailBody)))]
async fn show(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<MailId>,
) -> ApiResult<vestibule_web::Json<MailDetailBody>> {
    let detail = state.vestibule.outbox().get(&scope, id).await?;
    let (subject, text, html) = (detail.subject, detail.text, detail.html);
    Ok(vestibule_web::Json(MailDetailBody { mail: detail.mail.into(), subject, text, html }))
}

/// Send a mail again now
///
/// For a mail that failed or is waiting. It is the same mail, with the same Message-ID. A mail of an invitation that is
/// closed or has a newer link is rejected.
#[utoipa::path(post, path = "/organizations/{org}/mails/{id}/retry", tag = "mails", operation_id = "retry_mail",
    responses((status = 200, body = MailDetailBody)))]
async fn retry(
    state: State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<MailId>,
) -> ApiResult<vestibule_web::Json<MailDetailBody>> {
    state.vestibule.outbox().retry(&scope, id).await?;
    show(state, OrganizationScope(scope), ById(id)).await
}

impl From<Mail> for MailBody {
    fn from(mail: Mail) -> Self {
        let (letter, invitation_id) = match mail.letter {
            Letter::Invitation { invitation_id, .. } => ("invitation", Some(invitation_id)),
            Letter::Reminder { invitation_id, .. } => ("reminder", Some(invitation_id)),
            Letter::InvitationAccepted { invitation_id } => ("invitation_accepted", Some(invitation_id)),
            Letter::InvitationDeclined { invitation_id } => ("invitation_declined", Some(invitation_id)),
            Letter::Code { invitation_id, .. } => ("code", Some(invitation_id)),
            Letter::WebhookDisabled { .. } => ("webhook_disabled", None),
            Letter::PasswordReset { .. } => ("password_reset", None),
            Letter::PasswordChanged { .. } => ("password_changed", None),
        };
        Self {
            id: mail.id.uuid(),
            letter,
            invitation_id: invitation_id.map(|id| id.uuid()),
            recipient: mail.recipient,
            state: mail.state,
            attempts: mail.attempts,
            due_at: mail.due_at,
            response: mail.response,
            created_at: mail.created_at,
            sent_at: mail.sent_at,
        }
    }
}
