//! Bulk invitations, with an outcome for each row.

use super::create::{NewInvitationBody, read};
use crate::{
    ApiState,
    caller::OrganizationScope,
    problem::{ApiResult, FieldProblem, Problem},
    reading::{Json, Query},
};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use vestibule_core::service::{Conflict, Error, InvitationConflict, MAX_RECIPIENTS, NewInvitation, RowOutcome, Scope};
use vestibule_domain::{Role, Violation};

/// Up to 1,000 invitations.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewInvitations)]
pub struct NewInvitationsBody {
    #[schema(min_items = 1, max_items = 1000)]
    invitations: Vec<NewInvitationBody>,
}

/// The options of a bulk request.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BulkParams {
    /// Checks every row, but saves and sends nothing.
    dry_run: Option<bool>,
}

/// The outcome of each row, in order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvitationOutcomes)]
pub struct OutcomesBody {
    outcomes: Vec<OutcomeBody>,
    /// How many were invited, or would be in a dry run.
    invited: usize,
    /// How many were refused.
    refused: usize,
    dry_run: bool,
}

/// The outcome of one row.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvitationOutcome)]
pub struct OutcomeBody {
    /// The index of the row, starting at 0.
    row: usize,
    #[schema(example = "grace@example.com")]
    email: String,
    #[schema(example = "invited")]
    outcome: &'static str,
    /// The new invitation, or the open one that the email address already has.
    invitation_id: Option<Uuid>,
    /// Why the row was refused: the code that a request for this row alone would get.
    code: Option<String>,
    detail: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    /// The link to hand over, with `notify: false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    acceptance_url: Option<String>,
}

/// Invite up to a thousand people
///
/// Each row has its own outcome. Valid rows are saved even when others are refused.
#[utoipa::path(post, path = "/organizations/{org}/invitations/bulk", tag = "invitations",
    operation_id = "create_invitations", params(BulkParams), request_body = NewInvitationsBody,
    responses((status = 200, body = OutcomesBody)))]
pub async fn create_many(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    query: Query<BulkParams>,
    json: Json<NewInvitationsBody>,
) -> ApiResult<vestibule_web::Json<OutcomesBody>> {
    let dry_run = query.0.dry_run.unwrap_or_default();
    let sent = json.into_inner().invitations;
    if sent.is_empty() || sent.len() > MAX_RECIPIENTS {
        let violation = Violation::new("invitations", "range", "Send 1 to 1,000 invitations at once.");
        return Err(Error::invalid(violation).into());
    }
    let roles = state.vestibule.roles().all(&scope).await?;
    let (mut rows, mut unread) = (Vec::new(), BTreeMap::new());
    for (number, new) in sent.into_iter().enumerate() {
        let email = new.email.clone();
        let row = read(&state, &scope, &roles, new).await.unwrap_or_else(|problem| {
            unread.insert(number, problem.into_row());
            NewInvitation { email, ..NewInvitation::default() }
        });
        rows.push(row);
    }
    let outcomes = state.vestibule.invitations().invite_rows(&scope, &rows, dry_run).await?;
    let outcomes: Vec<OutcomeBody> = outcomes
        .into_iter()
        .enumerate()
        .map(|(number, outcome)| {
            let body = outcome_body(&state, (&scope, &roles), number, &rows[number], outcome);
            match unread.remove(&number) {
                Some((code, detail, errors)) => OutcomeBody { code: Some(code), detail: Some(detail), errors, ..body },
                None => body,
            }
        })
        .collect();
    let invited = outcomes.iter().filter(|outcome| outcome.code.is_none()).count();
    Ok(vestibule_web::Json(OutcomesBody { refused: outcomes.len() - invited, invited, outcomes, dry_run }))
}

fn outcome_body(
    state: &ApiState,
    (scope, roles): (&Scope, &[Role]),
    row: usize,
    new: &NewInvitation,
    outcome: RowOutcome,
) -> OutcomeBody {
    let mut body = OutcomeBody {
        row,
        email: new.email.clone(),
        outcome: "refused",
        invitation_id: None,
        code: None,
        detail: None,
        errors: Vec::new(),
        acceptance_url: None,
    };
    let error = match outcome {
        RowOutcome::Invited(invitation) => {
            let link = || state.vestibule.invitations().shared_link(scope, roles, &invitation, invitation.issued_at);
            body.acceptance_url = (!new.notify).then(link).flatten();
            return OutcomeBody { outcome: "invited", invitation_id: Some(invitation.id.uuid()), ..body };
        }
        RowOutcome::WouldInvite => return OutcomeBody { outcome: "would_invite", ..body },
        RowOutcome::AlreadyInvited(id) => {
            body.invitation_id = Some(id.uuid());
            Error::Conflict(Conflict::Invitation(InvitationConflict::AlreadyInvited(id)))
        }
        RowOutcome::AlreadyMember => Error::Conflict(Conflict::Invitation(InvitationConflict::AlreadyMember)),
        RowOutcome::WrittenTwice => {
            Error::invalid(Violation::new("email", "written_twice", "This email address is already in an earlier row."))
        }
        RowOutcome::Refused(violations) => Error::Invalid(violations),
    };
    let (code, detail, errors) = Problem::from(error).into_row();
    OutcomeBody { code: Some(code), detail: Some(detail), errors, ..body }
}
