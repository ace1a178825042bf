//! Invite one person.

use crate::{
    ApiState,
    caller::At,
    problem::{Answer, Problem},
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

/// An invitation as it is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewInvitation, example = json!({
    "email": "grace@example.com", "name": "Grace Okafor", "roles": ["member"], "metadata": { "team": "garden" }
}))]
pub struct New {
    #[schema(format = Email, example = "grace@example.com")]
    pub(super) email: String,
    /// The invitee's name as the inviter knows it.
    #[schema(max_length = 100, example = "Grace Okafor")]
    name: Option<String>,
    /// Keys or ids of roles. None of them may allow more than the key that invites.
    #[serde(default = "member")]
    #[schema(min_items = 1, max_items = 100, default = json!(["member"]), example = json!(["member"]))]
    roles: Vec<String>,
    /// Ids or external ids of what the invitation is limited to; empty: not limited.
    #[serde(default)]
    #[schema(max_items = 100)]
    resources: Vec<String>,
    /// Goes to the member; may be told to the invitee.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"team": "garden"}))]
    metadata: Map<String, Value>,
    /// Goes to the member; for the organization's servers only.
    #[serde(default)]
    #[schema(value_type = Object)]
    private_metadata: Map<String, Value>,
    /// Where the invitee is sent after accepting; its origin must be one of the organization's.
    #[schema(max_length = 2000)]
    redirect_url: Option<String>,
    /// A time to come, within a year. Without it, and without `expires_in_days`, the organization's own.
    #[serde(default, deserialize_with = "clock::read")]
    expires_at: Option<DateTime<Utc>>,
    #[schema(minimum = 1, maximum = 365)]
    expires_in_days: Option<u16>,
    /// The inviter's own words, in plain text.
    #[serde(default)]
    #[schema(max_length = 2000)]
    message: Option<String>,
    /// The invitee's language.
    #[schema(max_length = 35, example = "de")]
    locale: Option<String>,
    /// Whether a mail is sent. Without one, the answer has the link to hand over.
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

/// Invite somebody
///
/// One invitation to an address may be open: a second one is refused with 409, and `invitation_id` names the first.
#[utoipa::path(post, path = "/organizations/{org}/invitations", tag = "invitations", operation_id = "create_invitation",
    request_body = New, responses((status = 201, body = InvitationBody)))]
pub async fn create(State(state): State<ApiState>, At(scope): At, json: Json<New>) -> Answer<Response> {
    let roles = state.vestibule.roles(&scope).await?;
    let new = read(&state, &scope, &roles, json.into_inner()).await?;
    let invitation = state.vestibule.invite_one(&scope, &new).await?;
    let url =
        (!new.notify).then(|| state.vestibule.shared_link(&scope, &roles, &invitation, invitation.issued_at)).flatten();
    let path = format!("/organizations/{}/invitations/{}", scope.organization().slug, invitation.id);
    let row = state.vestibule.describe(invitation.clone()).await?;
    let body = InvitationBody { acceptance_url: url, ..InvitationBody::new(row, state.vestibule.now()) };
    Ok(created(&path, &invitation, body))
}

/// Roles and resources by their names, and the rest as it is.
pub(super) async fn read(state: &ApiState, scope: &Scope, roles: &[Role], new: New) -> Result<NewInvitation, Problem> {
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
