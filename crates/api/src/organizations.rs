//! The organization that a key belongs to.

use super::{
    ApiState,
    caller::OrganizationScope,
    problem::ApiResult,
    reading::{Json, tagged},
    wire::OrganizationBody,
};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use vestibule_core::service::{Error, OrganizationEdit};
use vestibule_domain::Permission;

/// The changes to an organization. Fields that are not sent keep their value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OrganizationEdit)]
pub struct OrganizationEditBody {
    #[schema(nullable = false, min_length = 1, max_length = 100, example = "Acme")]
    name: Option<String>,
    #[schema(nullable = false, minimum = 1, maximum = 365, example = 14)]
    invitation_lifetime_days: Option<u16>,
    /// Less than `invitation_lifetime_days`. Null turns reminders off.
    #[serde(default, with = "::serde_with::rust::double_option")]
    #[schema(value_type = Option<u16>, minimum = 1, maximum = 89, example = 3)]
    reminder_days: Option<Option<u16>>,
    #[schema(nullable = false, max_items = 100, example = json!(["example.com"]))]
    allowed_domains: Option<Vec<String>>,
    #[schema(nullable = false, max_items = 50, example = json!(["https://app.example"]))]
    redirect_origins: Option<Vec<String>>,
    /// The number of days after a person's last invitation ended. Null: nobody is erased.
    #[serde(default, with = "::serde_with::rust::double_option")]
    #[schema(value_type = Option<u16>, minimum = 1, maximum = 3650, example = 180)]
    invitation_retention_days: Option<Option<u16>>,
    /// Null, or more than the installation's setting: the installation's setting applies.
    #[serde(default, with = "::serde_with::rust::double_option")]
    #[schema(value_type = Option<u16>, minimum = 1, maximum = 3650, example = 30)]
    mail_retention_days: Option<Option<u16>>,
}

pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(show, edit))
}

/// Read the organization
#[utoipa::path(get, path = "/organizations/{org}", tag = "organization", operation_id = "get_organization",
    responses((status = 200, body = OrganizationBody)))]
async fn show(OrganizationScope(scope): OrganizationScope) -> ApiResult<Response> {
    if !scope.has(Permission::OrganizationRead) {
        return Err(Error::Forbidden(Permission::OrganizationRead).into());
    }
    let organization = scope.organization().clone();
    Ok(tagged(StatusCode::OK, &organization.clone(), OrganizationBody::from(organization)))
}

/// Edit the organization
#[utoipa::path(patch, path = "/organizations/{org}", tag = "organization", operation_id = "edit_organization",
    request_body = OrganizationEditBody, responses((status = 200, body = OrganizationBody)))]
async fn edit(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    json: Json<OrganizationEditBody>,
) -> ApiResult<Response> {
    let edit = json.into_inner();
    let edit = OrganizationEdit {
        name: edit.name,
        invitation_lifetime_days: edit.invitation_lifetime_days,
        reminder_days: edit.reminder_days,
        allowed_domains: edit.allowed_domains,
        redirect_origins: edit.redirect_origins,
        invitation_retention_days: edit.invitation_retention_days,
        mail_retention_days: edit.mail_retention_days,
    };
    let organization = state.vestibule.organizations().edit(&scope, &edit).await?;
    Ok(tagged(StatusCode::OK, &organization.clone(), OrganizationBody::from(organization)))
}
