//! The list of invitations, and a single one with its history.

use super::{offset_page::offered, own};
use crate::service::resources::{limits, some};
use crate::service::{Error, NotFound, Result, Scope, outbox::page_request, subject};
use std::collections::BTreeMap;
use vestibule_domain::{
    CursorPage, CursorPageRequest, Editable, Instant, Invitation, InvitationDetail, InvitationFilter, InvitationId,
    InvitationList, InvitationRow, Inviter, Name, OrganizationId, Permission, Resource, ResourceId, Role,
    bounds::{few, selected},
    token::{Channel, LinkClaims, Token},
};
use vestibule_store::Snapshot;

impl subject::Invitations<'_> {
    /// Returns a page of invitations with the counts, at most 500, newest first unless the filter says otherwise.
    pub async fn page(
        self,
        scope: &Scope,
        filter: &InvitationFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<InvitationList> {
        scope.require(Permission::UserRead)?;
        filter.check()?;
        let (now, id) = (self.now(), scope.organization().id);
        let request = CursorPageRequest { begin: filter.begin, ..page_request(scope, cursor, limit)? };
        self.read(async |tx| {
            let page = page(tx, id, filter, request, now).await?;
            let counts = tx.invitations().count(id, filter, now).await?;
            Ok(InvitationList { page, counts, power: scope.power(tx).await?, now })
        })
        .await
    }

    /// Returns a page of the list without the counts, which take longer the more invitations there are.
    pub async fn page_without_counts(
        self,
        scope: &Scope,
        filter: &InvitationFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<CursorPage<InvitationRow>> {
        scope.require(Permission::UserRead)?;
        filter.check()?;
        let (now, id) = (self.now(), scope.organization().id);
        let request = CursorPageRequest { begin: filter.begin, ..page_request(scope, cursor, limit)? };
        self.read(async |tx| page(tx, id, filter, request, now).await).await
    }

    /// Returns one invitation with its events and mails, and its link if the scope may have it.
    pub async fn detail(self, scope: &Scope, id: InvitationId) -> Result<InvitationDetail> {
        scope.require(Permission::UserRead)?;
        let now = self.now();
        self.read(async |tx| {
            let invitation = own(tx, scope, id).await?;
            let roles = tx.roles().all(invitation.organization_id).await?;
            Ok(InvitationDetail {
                link: self.shared_link(scope, &roles, &invitation, now),
                events: tx.events().of_invitation(id).await?,
                mails: tx.mails().of_invitation(id).await?,
                row: described(tx, invitation, now).await?,
                now,
            })
        })
        .await
    }

    /// Returns one invitation as a row of the list.
    pub async fn row(self, scope: &Scope, id: InvitationId) -> Result<InvitationRow> {
        scope.require(Permission::UserRead)?;
        let now = self.now();
        self.read(async |tx| {
            let invitation = own(tx, scope, id).await?;
            described(tx, invitation, now).await
        })
        .await
    }

    /// Returns the rows of those of these invitations that exist, in the same order.
    pub async fn rows(self, scope: &Scope, ids: &[InvitationId]) -> Result<Vec<InvitationRow>> {
        scope.require(Permission::UserRead)?;
        few("id", ids)?;
        let now = self.now();
        self.read(async |tx| {
            let mut rows = Vec::new();
            for id in ids {
                match own(tx, scope, *id).await {
                    Ok(invitation) => rows.push(described(tx, invitation, now).await?),
                    Err(Error::NotFound(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(rows)
        })
        .await
    }

    /// Returns what those of these invitations offer that the caller can edit, and counts the others. Invitations that
    /// don't exist are left out; returns `NotFound::Invitation` if none does.
    pub async fn editable(self, scope: &Scope, ids: &[InvitationId]) -> Result<Editable> {
        scope.require(Permission::UserInvite)?;
        selected(ids)?;
        let (now, organization_id) = (self.now(), scope.organization().id);
        self.read(async |tx| {
            let (roles, power) = (tx.roles().all(organization_id).await?, scope.power(tx).await?);
            let invitations = tx.invitations().among(organization_id, ids).await?;
            if invitations.is_empty() && !ids.is_empty() {
                return Err(NotFound::Invitation.into());
            }
            Ok(Editable::of(invitations, roles, &power, now))
        })
        .await
    }

    /// Returns an invitation that was just created or changed as a row of the list.
    pub async fn describe(self, invitation: Invitation) -> Result<InvitationRow> {
        let now = self.now();
        self.read(async |tx| described(tx, invitation, now).await).await
    }

    /// Returns an invitation that this scope has just created as a row of the list. `roles` are all roles of the
    /// organization.
    pub async fn describe_new(self, scope: &Scope, roles: &[Role], invitation: Invitation) -> Result<InvitationRow> {
        match scope.name_of(invitation.inviter).cloned() {
            Some(inviter) if invitation.resource_ids.is_empty() => {
                Ok(row(invitation, inviter, roles, &BTreeMap::new(), self.now()))
            }
            _ => self.describe(invitation).await,
        }
    }

    /// Returns the link to pass on by hand, which does not prove the mailbox. Only those who could have made the
    /// invitation get it. `roles` are all roles of the organization.
    pub fn shared_link(self, scope: &Scope, roles: &[Role], invitation: &Invitation, now: Instant) -> Option<String> {
        self.shared_token(scope, roles, invitation, now).map(|token| self.0.letters().acceptance_url(&token))
    }

    pub(super) fn shared_token(
        self,
        scope: &Scope,
        roles: &[Role],
        invitation: &Invitation,
        now: Instant,
    ) -> Option<Token> {
        let claims =
            LinkClaims { invitation_id: invitation.id, generation: invitation.generation, channel: Channel::Shared };
        let may = invitation.is_pending(now) && may_hand_over(scope, roles, invitation);
        may.then(|| self.0.signing_keys.token(claims))
    }

    /// Returns the link to pass on by hand. Returns `Forbidden` for those who may not invite or can't give one of the
    /// roles, and `Closed` when the invitation is no longer pending.
    pub async fn link(self, scope: &Scope, id: InvitationId) -> Result<String> {
        scope.require_all(&[Permission::UserInvite, Permission::UserRead])?;
        let now = self.now();
        self.read(async |tx| {
            let invitation = own(tx, scope, id).await?;
            let closed = || Error::Closed(invitation.status(now));
            if !invitation.is_pending(now) {
                return Err(closed());
            }
            let roles = scope.grantable(tx, &invitation.role_ids).await?;
            self.shared_link(scope, &roles, &invitation, now).ok_or_else(closed)
        })
        .await
    }
}

/// Checks whether the scope could have made this invitation, and so may have its link. `roles` are all roles of the
/// organization.
pub(in crate::service) fn may_hand_over(scope: &Scope, roles: &[Role], invitation: &Invitation) -> bool {
    let may_give = |role: &Role| role.permissions.iter().all(|permission| scope.has(*permission));
    scope.has(Permission::UserInvite)
        && invitation.role_ids.iter().all(|id| roles.iter().any(|role| role.id == *id && may_give(role)))
}

async fn page(
    tx: &mut Snapshot,
    id: OrganizationId,
    filter: &InvitationFilter,
    request: CursorPageRequest,
    now: Instant,
) -> Result<CursorPage<InvitationRow>> {
    let roles = tx.roles().all(id).await?;
    let rows = tx.invitations().page(id, filter, request, now).await?;
    let page = CursorPage::new(rows, request, id, |(invitation, _)| invitation.id.uuid());
    let ids = page.items.iter().flat_map(|(invitation, _)| invitation.resource_ids.iter().copied());
    let resources = limits(tx, id, ids.collect::<Vec<_>>()).await?;
    Ok(page.map(|(invitation, inviter)| row(invitation, inviter, &roles, &resources, now)))
}

async fn described(tx: &mut Snapshot, invitation: Invitation, now: Instant) -> Result<InvitationRow> {
    let inviter = inviter_name(tx, &invitation).await?;
    let roles = tx.roles().all(invitation.organization_id).await?;
    let resources = limits(tx, invitation.organization_id, invitation.resource_ids.clone()).await?;
    Ok(row(invitation, inviter, &roles, &resources, now))
}

/// Returns the inviter's name as the organization sees it: the person's, or that of the program's key.
pub(in crate::service) async fn inviter_name(tx: &mut Snapshot, invitation: &Invitation) -> Result<Name> {
    let name = match invitation.inviter {
        Inviter::User(id) | Inviter::OnBehalf { user_id: id, .. } => {
            tx.users().get(id).await?.map(|(user, _)| user.name)
        }
        Inviter::ApiKey(id) => tx.api_keys().get(id).await?.map(|key| key.name),
    };
    Ok(name.ok_or(NotFound::Member)?)
}

fn row(
    invitation: Invitation,
    inviter: Name,
    roles: &[Role],
    resources: &BTreeMap<ResourceId, Resource>,
    now: Instant,
) -> InvitationRow {
    InvitationRow {
        status: invitation.status(now),
        inviter,
        roles: offered(roles, &invitation),
        resources: some(resources, &invitation.resource_ids),
        invitation,
    }
}
