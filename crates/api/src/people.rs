//! One person's data: export and erasure.

use super::{
    ApiState,
    caller::OrganizationScope,
    dependents::Dependency,
    problem::ApiResult,
    reading::{Json, Query},
};
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use vestibule_domain::{Erasure, KeptData};
use vestibule_web::export::document;

/// The person to export.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PersonParams {
    /// The person’s email address. Required.
    #[param(example = "grace@example.com")]
    email: Option<String>,
}

/// A person to erase.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Erase)]
pub struct EraseBody {
    /// The person’s email address.
    #[schema(example = "grace@example.com")]
    email: String,
    /// Only counts what is stored, and changes nothing.
    #[serde(default)]
    #[schema(default = false)]
    dry_run: bool,
}

/// The outcome of an erasure: what was stored about the person, and the name that replaces theirs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Erasure)]
pub struct ErasureBody {
    /// The name that replaces the person’s everywhere. Null for a dry run.
    #[schema(example = "Erased person 7f3a91c2")]
    pseudonym: Option<String>,
    /// False while mails and events are still being erased in the background, and for a dry run.
    finished: bool,
    kept: KeptBody,
}

/// How much is stored about the person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Kept)]
pub struct KeptBody {
    /// Whether the person is a member.
    member: bool,
    /// Invitations to the person.
    invitations: u64,
    /// Invitations that the person sent.
    invitations_sent: u64,
    mails: u64,
    /// Events that the person caused, or that are about them.
    events: u64,
    api_keys: u64,
    webhooks: u64,
}

impl From<KeptData> for KeptBody {
    fn from(kept: KeptData) -> Self {
        let KeptData { member, invitations, invited, mails, events, api_keys, webhooks, account: _, last_owner: _ } =
            kept;
        Self { member, invitations, invitations_sent: invited, mails, events, api_keys, webhooks }
    }
}

pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(export)).routes(routes!(erase))
}

/// Export a person’s data
///
/// Everything that the organization stores about an email address, as one JSON document: membership, invitations to and
/// from the person, visits, mails, the keys and webhooks that they created, deliveries and events. Contains no secrets.
/// The key needs an owner's permissions. A response that breaks off is incomplete.
#[utoipa::path(get, path = "/organizations/{org}/people/export", tag = "people", operation_id = "export_person",
    params(PersonParams), responses((status = 200, content_type = "application/json", body = Object)))]
async fn export(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    query: Query<PersonParams>,
) -> ApiResult<Response> {
    let email = query.0.email.unwrap_or_default();
    let pieces = state.vestibule.personal_data().export(&scope, &email).await?;
    Ok(document(&format!("{}-person", scope.organization().slug), pieces))
}

/// Erase a person
///
/// Revokes an open invitation, removes the membership as `remove_member` does, deletes the person's mails, and replaces
/// the person with a pseudonym everywhere else in the organization. This can’t be undone. The chain of events still
/// verifies. The person's account is deleted when no organization holds it any longer. The key needs an owner's
/// permissions. The last owner can't be erased.
#[utoipa::path(post, path = "/organizations/{org}/people/erase", tag = "people", operation_id = "erase_person",
    params(Dependency), request_body = EraseBody, responses((status = 200, body = ErasureBody)))]
async fn erase(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    query: Query<Dependency>,
    json: Json<EraseBody>,
) -> ApiResult<vestibule_web::Json<ErasureBody>> {
    let EraseBody { email, dry_run } = json.into_inner();
    if dry_run {
        let kept = state.vestibule.erasure().kept_on(&scope, &email).await?.into();
        return Ok(vestibule_web::Json(ErasureBody { pseudonym: None, finished: false, kept }));
    }
    let Erasure { pseudonym, kept, is_finished } = state.vestibule.erasure().erase(&query.0.of(scope), &email).await?;
    Ok(vestibule_web::Json(ErasureBody { pseudonym: Some(pseudonym), finished: is_finished, kept: kept.into() }))
}
