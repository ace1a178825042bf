//! The list as the facades need it: pages by offset, and invitations with everything that they refer to.

use super::own;
use crate::service::resources::{limits, some};
use crate::service::{NotFound, Result, Scope, subject};
use vestibule_domain::{
    Instant, Invitation, InvitationId, InvitationView, Inviter, Name, OffsetPage, OffsetPageRequest, Permission, Role,
    User,
};
use vestibule_store::Snapshot;

impl subject::Invitations<'_> {
    /// Returns the part of the list that `request` selects, with the total.
    pub async fn offset_page(self, scope: &Scope, request: &OffsetPageRequest) -> Result<OffsetPage> {
        scope.require(Permission::UserRead)?;
        request.check()?;
        let (now, id) = (self.now(), scope.organization().id);
        self.read(async |tx| {
            let (invitations, total) = tx.invitations().offset_page(id, request, now).await?;
            let rows = self.views(tx, scope, invitations, now).await?;
            Ok(OffsetPage { rows, total })
        })
        .await
    }

    /// Returns one invitation in the form of the list.
    pub async fn view(self, scope: &Scope, id: InvitationId) -> Result<InvitationView> {
        scope.require(Permission::UserRead)?;
        let now = self.now();
        self.read(async |tx| {
            let invitation = own(tx, scope, id).await?;
            self.views(tx, scope, vec![invitation], now).await
        })
        .await?
        .pop()
        .ok_or(NotFound::Invitation.into())
    }

    /// Returns invitations that were just created or changed in the form of the list.
    pub async fn views_of(self, scope: &Scope, invitations: Vec<Invitation>) -> Result<Vec<InvitationView>> {
        let now = self.now();
        self.read(async |tx| self.views(tx, scope, invitations, now).await).await
    }

    /// Does the same as [`Self::views_of`] for one invitation.
    pub async fn view_of(self, scope: &Scope, invitation: Invitation) -> Result<InvitationView> {
        self.views_of(scope, vec![invitation]).await?.pop().ok_or(NotFound::Invitation.into())
    }

    async fn views(
        self,
        tx: &mut Snapshot,
        scope: &Scope,
        invitations: Vec<Invitation>,
        now: Instant,
    ) -> Result<Vec<InvitationView>> {
        let roles = tx.roles().all(scope.organization().id).await?;
        let ids = invitations.iter().flat_map(|invitation| invitation.resource_ids.iter().copied());
        let resources = limits(tx, scope.organization().id, ids.collect::<Vec<_>>()).await?;
        let mut views: Vec<InvitationView> = Vec::with_capacity(invitations.len());
        for invitation in invitations {
            // usually few people invite many, so the inviter is often known from an earlier row
            let known = views.iter().find(|view| view.invitation.inviter == invitation.inviter);
            let (person, program) = match known {
                Some(known) => (known.person.clone(), known.program.clone()),
                None => inviters(tx, invitation.inviter).await?,
            };
            views.push(InvitationView {
                status: invitation.status(now),
                token: self.shared_token(scope, &roles, &invitation, now),
                roles: offered(&roles, &invitation),
                resources: some(&resources, &invitation.resource_ids),
                person,
                program,
                invitation,
            });
        }
        Ok(views)
    }
}

async fn inviters(tx: &mut Snapshot, inviter: Inviter) -> Result<(Option<User>, Option<Name>)> {
    let person = match inviter.user_id() {
        Some(id) => tx.users().get(id).await?.map(|(user, _)| user),
        None => None,
    };
    let program = match inviter.api_key_id() {
        Some(id) => tx.api_keys().get(id).await?.map(|key| key.name),
        None => None,
    };
    Ok((person, program))
}

/// Returns those of the organization's roles that the invitation offers.
pub(super) fn offered(roles: &[Role], invitation: &Invitation) -> Vec<Role> {
    roles.iter().filter(|role| invitation.role_ids.contains(&role.id)).cloned().collect()
}
