//! Invite one person.

use crate::{
    ApiState,
    caller::OrganizationScope,
    problem::{ApiResult, Problem},
    reading::{Json, created, role_ids},
    wire::InvitationBody,
};
use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use vestibule_core::service::{Error, Expiry, NewInvitation, Scope};
use vestibule_domain::{Role, Violation, clock};

/// An invitation to be created.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewInvitation, example = json!({
    "email": "grace@example.com", "name": "Grace Okafor", "roles": ["member"], "metadata": { "team": "garden" }
}))]
pub struct NewInvitationBody {
    #[schema(format = Email, example = "grace@example.com")]
    pub(super) email: String,
    /// The invitee's name as the inviter entered it.
    #[schema(max_length = 100, example = "Grace Okafor")]
    name: Option<String>,
    /// Keys or ids of roles. None of them can allow more than your key.
    #[serde(default = "member")]
    #[schema(min_items = 1, max_items = 100, default = json!(["member"]), example = json!(["member"]))]
    roles: Vec<String>,
    /// Ids or external ids of the resources that the invitation is limited to. Empty: no limit.
    #[serde(default)]
    #[schema(max_items = 100)]
    resources: Vec<String>,
    /// Copied to the member on acceptance. The invitee may see it.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"team": "garden"}))]
    metadata: Map<String, Value>,
    /// Copied to the member on acceptance. Only the organization's servers see it.
    #[serde(default)]
    #[schema(value_type = Object)]
    private_metadata: Map<String, Value>,
    /// Where to send the invitee after accepting. Its origin has to be one of the organization's redirect origins.
    #[schema(max_length = 2000)]
    redirect_url: Option<String>,
    /// A time in the future, at most a year away. Without this and `expires_in_days`, the organization's setting
    /// applies.
    #[serde(default, deserialize_with = "clock::read")]
    expires_at: Option<DateTime<Utc>>,
    #[schema(minimum = 1, maximum = 365)]
    expires_in_days: Option<u16>,
    /// A personal message in plain text.
    #[serde(default)]
    #[schema(max_length = 2000)]
    message: Option<String>,
    /// The invitee's language.
    #[schema(max_length = 35, example = "de")]
    locale: Option<String>,
    /// Whether to send the invitation by email. If false, the answer has the link to hand over.
    #[serde(default = "yes")]
    #[schema(default = true)]
    notify: bool,
}

fn member() -> Vec<String> {
    vec![Role::MEMBER.to_owned()]
}

fn yes() -> bool {
    true
}

/// Invite a person
///
/// An email address can have one open invitation. A second one is refused with 409, and `invitation_id` names the
/// first.
#[utoipa::path(post, path = "/organizations/{org}/invitations", tag = "invitations", operation_id = "create_invitation",
    request_body = NewInvitationBody, responses((status = 201, body = InvitationBody)))]
pub async fn create(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    json: Json<NewInvitationBody>,
) -> ApiResult<Response> {
    let roles = state.vestibule.roles().all(&scope).await?;
    let new = read(&state, &scope, &roles, json.into_inner()).await?;
    let invitation = state.vestibule.invitations().invite_one(&scope, &new).await?;
    let url = (!new.notify)
        .then(|| state.vestibule.invitations().shared_link(&scope, &roles, &invitation, invitation.issued_at))
        .flatten();
    let path = format!("/organizations/{}/invitations/{}", scope.organization().slug, invitation.id);
    let row = state.vestibule.invitations().describe_new(&scope, &roles, invitation.clone()).await?;
    let body = InvitationBody { acceptance_url: url, ..InvitationBody::new(row, state.vestibule.now()) };
    Ok(created(&path, &invitation, body))
}

/// Resolves the names of roles and resources, and takes the rest as it is.
pub(super) async fn read(
    state: &ApiState,
    scope: &Scope,
    roles: &[Role],
    new: NewInvitationBody,
) -> Result<NewInvitation, Problem> {
    let expiry = match (new.expires_at, new.expires_in_days) {
        (Some(_), Some(_)) => {
            let sentence = "Send expires_at or expires_in_days, not both.";
            return Err(Error::invalid(Violation::new("expires_in_days", "both", sentence)).into());
        }
        (Some(at), None) => Expiry::At(at),
        (None, Some(days)) => Expiry::Days(days),
        (None, None) => Expiry::Usual,
    };
    Ok(NewInvitation {
        role_ids: role_ids(roles, &new.roles, "roles")?,
        roles_on_first_use: Vec::new(),
        resource_ids: state.resource_ids(scope, &new.resources, "resources").await?,
        email: new.email,
        name: new.name,
        message: new.message.unwrap_or_default(),
        metadata: new.metadata,
        private_metadata: new.private_metadata,
        redirect_url: new.redirect_url,
        locale: new.locale,
        expiry,
        notify: new.notify,
        replaces_open: false,
    })
}
