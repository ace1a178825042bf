//! The list of invitations, filtered and sorted.

use crate::{
    ApiState,
    caller::OrganizationScope,
    problem::{ApiResult, Problem},
    reading::{Query, limit, role_id},
    wire::{InvitationBody, List},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use vestibule_core::service::Scope;
use vestibule_domain::{Begin, EmailAddress, InvitationFilter, MailState, Status, clock};

/// The filter, order and page of a list of invitations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// `next_cursor` or `previous_cursor` of another page of the same list.
    cursor: Option<String>,
    /// The number of rows per page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u32>,
    #[param(value_type = Option<String>, pattern = "^(pending|accepted|declined|revoked|expired)$")]
    status: Option<Status>,
    /// The whole email address.
    #[param(max_length = 300)]
    email: Option<String>,
    /// Words of an email address or a name, in any order. Case and accents don't matter. A word of one or two letters is
    /// the beginning of one, a longer word may stand inside another.
    #[param(max_length = 300)]
    q: Option<String>,
    /// The key or id of a role.
    role: Option<String>,
    /// The id of a user or an API key.
    inviter: Option<Uuid>,
    #[param(value_type = Option<String>, pattern = "^(queued|sent|deferred|failed|cancelled|link_only)$")]
    delivery: Option<MailState>,
    /// Created at this time or later.
    #[serde(default, deserialize_with = "clock::read")]
    created_from: Option<DateTime<Utc>>,
    /// Created before this time.
    #[serde(default, deserialize_with = "clock::read")]
    created_to: Option<DateTime<Utc>>,
    #[param(value_type = Option<String>, pattern = "^-?created_at$")]
    sort: Option<Sort>,
}

/// The order of the list.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub enum Sort {
    #[default]
    #[serde(rename = "-created_at")]
    NewestFirst,
    #[serde(rename = "created_at")]
    OldestFirst,
}

/// List invitations
///
/// Filtered by status, email address, text, role, inviter, delivery and date. `total` counts the matches on all
/// pages. With a filter apart from the status it ends at 10,000, and `total_is_exact` says so.
#[utoipa::path(get, path = "/organizations/{org}/invitations", tag = "invitations", operation_id = "list_invitations",
    params(ListParams), responses((status = 200, body = List<InvitationBody>)))]
pub async fn list(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    query: Query<ListParams>,
) -> ApiResult<vestibule_web::Json<List<InvitationBody>>> {
    let asked = query.0;
    let (limit, sort) = (limit(asked.limit)?, asked.sort.unwrap_or_default());
    let (filter, cursor) = (filter(&state, &scope, &asked).await?, asked.cursor);
    let found = state.vestibule.invitations().page(&scope, &filter, cursor.as_deref(), limit).await?;
    let total = found.counts.of(filter.status);
    let mut list = List::of(found.page, total, |row| InvitationBody::new(row, found.now));
    if let Sort::OldestFirst = sort {
        list.data.reverse();
        std::mem::swap(&mut list.next_cursor, &mut list.previous_cursor);
    }
    Ok(vestibule_web::Json(list))
}

async fn filter(state: &ApiState, scope: &Scope, asked: &ListParams) -> Result<InvitationFilter, Problem> {
    let role_id = match &asked.role {
        Some(name) => Some(role_id(&state.vestibule.roles().all(scope).await?, name, || "role".into())?),
        None => None,
    };
    let begin = match asked.sort.unwrap_or_default() {
        Sort::NewestFirst => Begin::Newest,
        Sort::OldestFirst => Begin::Oldest,
    };
    // text that is not an email address is kept as it is, and matches nothing
    let normal = |text: &String| EmailAddress::parse(text).map_or_else(|_| text.clone(), |email| email.to_string());
    Ok(InvitationFilter {
        status: asked.status,
        text: asked.q.clone(),
        role_id,
        email: asked.email.as_ref().map(normal),
        mail_state: asked.delivery,
        inviter_id: asked.inviter,
        created_from: asked.created_from,
        created_to: asked.created_to,
        begin,
    })
}
