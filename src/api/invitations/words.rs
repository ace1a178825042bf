//! An invitation as the API tells it, with what its ids stand for.

use crate::api::{
    ApiState,
    problem::Problem,
    wire::{DeliveryBody, InvitationBody, InviterBody, ResourceBody, RoleRef, closing},
};
use crate::domain::{InvitationRow, ResourceId, Role};
use crate::service::Scope;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What ids stand for.
pub struct Words {
    roles: Vec<Role>,
    resources: BTreeMap<Uuid, ResourceBody>,
    now: DateTime<Utc>,
}

impl Words {
    pub async fn read(state: &ApiState, scope: &Scope, ids: Vec<ResourceId>) -> Result<Self, Problem> {
        Ok(Self {
            roles: state.vestibule.roles(scope).await?,
            resources: state.resources(scope, ids.into_iter()).await?,
            now: state.vestibule.now(),
        })
    }

    pub fn invitation(&self, row: InvitationRow) -> InvitationBody {
        let (closed_at, invitation) = (row.invitation.closed_at(self.now), row.invitation);
        let (member_id, decline_reason) = closing(&invitation.state);
        let roles = self.roles.iter().filter(|role| invitation.role_ids.contains(&role.id));
        let resources = invitation.resource_ids.iter().filter_map(|id| self.resources.get(&id.uuid()));
        InvitationBody {
            id: invitation.id.uuid(),
            organization_id: invitation.organization_id.uuid(),
            email: invitation.email.typed().to_owned(),
            name: invitation.name.map(|name| name.to_string()),
            status: row.status,
            roles: roles.map(RoleRef::from).collect(),
            resources: resources.cloned().collect(),
            message: invitation.message.map(|message| message.as_str().to_owned()),
            metadata: invitation.metadata.public.into_map(),
            private_metadata: invitation.metadata.private.into_map(),
            redirect_url: invitation.redirect_url.map(|url| url.as_str().to_owned()),
            locale: invitation.locale.map(|locale| locale.as_str().to_owned()),
            inviter: InviterBody::new(invitation.inviter, row.inviter.to_string()),
            created_at: invitation.created_at,
            issued_at: invitation.issued_at,
            expires_at: invitation.expires_at,
            closed_at,
            member_id,
            decline_reason,
            delivery: DeliveryBody { state: invitation.mail_state },
            acceptance_url: None,
        }
    }
}
