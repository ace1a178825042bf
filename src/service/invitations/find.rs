//! The list of invitations, and one of them with all that happened to it.

use super::own;
use crate::domain::{
    Instant, Invitation, InvitationDetail, InvitationFilter, InvitationId, InvitationList, InvitationRow, Inviter,
    Name, OrganizationId, Page, PageRequest, Permission, Role,
    token::{Channel, Claims, Token},
};
use crate::service::{Error, Missing, Result, Scope, Vestibule, authorize::names, outbox::page_request};
use crate::store::Tx;

impl Vestibule {
    /// Newest first, at most 500 on a page.
    pub async fn invitations(
        &self,
        scope: &Scope,
        filter: &InvitationFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<InvitationList> {
        scope.require(Permission::UserRead)?;
        let (now, id) = (self.now(), scope.organization().id);
        let request = PageRequest { begin: filter.begin, ..page_request(scope, cursor, limit)? };
        self.read(async |tx| {
            let page = page(tx, id, filter, request, now).await?;
            Ok(InvitationList { page, counts: tx.count_invitations(id, filter, now).await?, now })
        })
        .await
    }

    /// A page of the list without the counts, which take longer the more invitations there are.
    pub async fn page_of_invitations(
        &self,
        scope: &Scope,
        filter: &InvitationFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<InvitationRow>> {
        scope.require(Permission::UserRead)?;
        let (now, id) = (self.now(), scope.organization().id);
        let request = PageRequest { begin: filter.begin, ..page_request(scope, cursor, limit)? };
        self.read(async |tx| page(tx, id, filter, request, now).await).await
    }

    pub async fn invitation(&self, scope: &Scope, id: InvitationId) -> Result<InvitationDetail> {
        scope.require(Permission::UserRead)?;
        let now = self.now();
        self.read(async |tx| {
            let invitation = own(tx, scope, id).await?;
            let inviter = inviter_name(tx, &invitation).await?;
            let roles = tx.roles(invitation.organization_id).await?;
            Ok(InvitationDetail {
                link: self.shared_link(scope, &roles, &invitation, now),
                events: tx.events_of_invitation(id).await?,
                mails: tx.mails_of_invitation(id).await?,
                row: row(invitation, inviter, &roles, now),
                now,
            })
        })
        .await
    }

    /// One invitation as a list has it.
    pub async fn invitation_row(&self, scope: &Scope, id: InvitationId) -> Result<InvitationRow> {
        scope.require(Permission::UserRead)?;
        let invitation = self.read(async |tx| own(tx, scope, id).await).await?;
        self.describe(scope, invitation).await
    }

    /// With the words that a reader needs.
    pub async fn describe(&self, scope: &Scope, invitation: Invitation) -> Result<InvitationRow> {
        let now = self.now();
        self.read(async |tx| {
            let inviter = inviter_name(tx, &invitation).await?;
            let roles = tx.roles(scope.organization().id).await?;
            Ok(row(invitation.clone(), inviter, &roles, now))
        })
        .await
    }

    /// The link to hand over: it does not prove the mailbox. Only for those who could have made the invitation; `roles`
    /// are all of the organization.
    pub fn shared_link(&self, scope: &Scope, roles: &[Role], invitation: &Invitation, now: Instant) -> Option<String> {
        self.shared_token(scope, roles, invitation, now).map(|token| self.acceptance_url(&token))
    }

    pub(super) fn shared_token(
        &self,
        scope: &Scope,
        roles: &[Role],
        invitation: &Invitation,
        now: Instant,
    ) -> Option<Token> {
        let claims =
            Claims { invitation_id: invitation.id, generation: invitation.generation, channel: Channel::Shared };
        let may = invitation.is_pending(now) && may_hand_over(scope, roles, invitation);
        may.then(|| self.keys.token(claims))
    }

    /// The link to hand over, or why not: refuses those who may not invite or not give one of the roles, and what is no
    /// longer pending.
    pub async fn link_of_invitation(&self, scope: &Scope, id: InvitationId) -> Result<String> {
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

/// Whether somebody could have made this invitation, and so may have its link. `roles` are all of the organization.
pub(in crate::service) fn may_hand_over(scope: &Scope, roles: &[Role], invitation: &Invitation) -> bool {
    let may_give = |role: &Role| role.permissions.iter().all(|permission| scope.has(*permission));
    scope.has(Permission::UserInvite)
        && invitation.role_ids.iter().all(|id| roles.iter().any(|role| role.id == *id && may_give(role)))
}

async fn page(
    tx: &mut Tx,
    id: OrganizationId,
    filter: &InvitationFilter,
    request: PageRequest,
    now: Instant,
) -> Result<Page<InvitationRow>> {
    let roles = tx.roles(id).await?;
    let rows = tx.invitations(id, filter, request, now).await?;
    let page = Page::new(rows, request, id, |(invitation, _)| invitation.id.uuid());
    Ok(page.map(|(invitation, inviter)| row(invitation, inviter, &roles, now)))
}

/// How whoever invited is spoken of to the organization: a person, or a program by its key's name.
pub(super) async fn inviter_name(tx: &mut Tx, invitation: &Invitation) -> Result<Name> {
    let name = match invitation.inviter {
        Inviter::User(id) | Inviter::OnBehalf { user_id: id, .. } => tx.user(id).await?.map(|(user, _)| user.name),
        Inviter::ApiKey(id) => tx.api_key(id).await?.map(|(key, _)| key.name),
    };
    Ok(name.ok_or(Missing::Member)?)
}

fn row(invitation: Invitation, inviter: Name, roles: &[Role], now: Instant) -> InvitationRow {
    let status = invitation.status(now);
    let roles: Vec<Role> = roles.iter().filter(|role| invitation.role_ids.contains(&role.id)).cloned().collect();
    InvitationRow { invitation, status, inviter, roles: names(&roles) }
}
