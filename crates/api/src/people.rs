//! One person's data: all that is kept on them, and its erasure.

use super::{
    ApiState,
    caller::At,
    dependents::Dependency,
    problem::Answer,
    reading::{Json, Query},
};
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use vestibule_domain::{Erasure, Kept};
use vestibule_web::export::document;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Sought {
    /// The person’s address. It takes one.
    #[param(example = "grace@example.com")]
    email: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Erase)]
pub struct EraseBody {
    /// The person’s address.
    #[schema(example = "grace@example.com")]
    email: String,
    /// Counts what is kept, and changes nothing.
    #[serde(default)]
    #[schema(default = false)]
    dry_run: bool,
}

/// What was kept, and what stands in its place.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Erasure)]
pub struct ErasureBody {
    /// The name that everything says in place of the person’s; null for a dry run.
    #[schema(example = "Erased person 7f3a91c2")]
    pseudonym: Option<String>,
    /// `false`: mails and events are still being looked through, in the background.
    finished: bool,
    kept: KeptBody,
}

/// How much is kept on the person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Kept)]
pub struct KeptBody {
    /// Whether they are a member.
    member: bool,
    /// Invitations to them.
    invitations: u64,
    /// Invitations that they made.
    invitations_sent: u64,
    mails: u64,
    /// Events that they caused, or that are about them.
    events: u64,
    api_keys: u64,
    webhooks: u64,
}

impl From<Kept> for KeptBody {
    fn from(kept: Kept) -> Self {
        let Kept { member, invitations, invited, mails, events, api_keys, webhooks, account: _, last_owner: _ } = kept;
        Self { member, invitations, invitations_sent: invited, mails, events, api_keys, webhooks }
    }
}

pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(export)).routes(routes!(erase))
}

/// Export a person’s data
///
/// All that the organization keeps on an address, as one JSON document: membership, invitations to and by them, visits,
/// mails, keys and webhooks that they made, deliveries, events. No secrets. It takes the permissions of an owner. An answer
/// that breaks off is not the whole.
#[utoipa::path(get, path = "/organizations/{org}/people/export", tag = "people", operation_id = "export_person",
    params(Sought), responses((status = 200, content_type = "application/json", body = Object)))]
async fn export(State(state): State<ApiState>, At(scope): At, query: Query<Sought>) -> Answer<Response> {
    let email = query.0.email.unwrap_or_default();
    let pieces = state.vestibule.export_person(&scope, &email).await?;
    Ok(document(&format!("{}-person", scope.organization().slug), pieces))
}

/// Erase a person
///
/// An open invitation is revoked, a membership ends as when it is removed, mails are deleted, and everywhere else in the
/// organization a pseudonym stands in place of the person: it can’t be turned back. The chain of events still verifies.
/// Their account goes when no organization holds it. It takes the permissions of an owner; the last owner stays.
#[utoipa::path(post, path = "/organizations/{org}/people/erase", tag = "people", operation_id = "erase_person",
    params(Dependency), request_body = EraseBody, responses((status = 200, body = ErasureBody)))]
async fn erase(
    State(state): State<ApiState>,
    At(scope): At,
    query: Query<Dependency>,
    json: Json<EraseBody>,
) -> Answer<axum::Json<ErasureBody>> {
    let EraseBody { email, dry_run } = json.into_inner();
    if dry_run {
        let kept = state.vestibule.kept_on(&scope, &email).await?.into();
        return Ok(axum::Json(ErasureBody { pseudonym: None, finished: false, kept }));
    }
    let Erasure { pseudonym, kept, is_finished } = state.vestibule.erase(&query.0.of(scope), &email).await?;
    Ok(axum::Json(ErasureBody { pseudonym: Some(pseudonym), finished: is_finished, kept: kept.into() }))
}
