//! Invite one person, or several in one transaction.

use super::{
    invitation_mail,
    limits::{Emails, charges_of_one},
    new_invitation::{NewInvitation, Parsed, SharedTerms},
    revoke::withdraw,
};
use crate::service::{Error, InvitationConflict, Result, Scope, authorize::names, roles::with_first_used, subject};
use std::collections::HashSet;
use vestibule_domain::{
    EmailAddress, Exceeded, Fact, Instant, Invitation, InvitationId, MailState, Name, Permission, Role, RoleId, State,
};
use vestibule_store::{LockedTx, Snapshot};

/// The reason why somebody can't be invited now.
pub(super) enum InviteConflict {
    Member(Vec<RoleId>),
    Open(Box<Invitation>),
    /// The mailbox has been sent too many emails.
    Full(Exceeded),
}

/// What all invitations of one transaction have in common.
pub(super) struct InviteBatch<'a> {
    pub terms: &'a SharedTerms,
    pub roles: &'a [Role],
    pub emails: &'a Emails,
    pub now: Instant,
}

impl subject::Invitations<'_> {
    /// Invites one person. Returns `AlreadyInvited` with the id of an open invitation to the email address.
    pub async fn invite_one(self, scope: &Scope, new: &NewInvitation) -> Result<Invitation> {
        let now = self.now();
        scope.require(Permission::UserInvite)?;
        self.write_in(scope, Some(Permission::UserInvite), async |tx, scope| {
            let parsed = new.parse(scope.organization(), now)?;
            let limits = charges_of_one(scope, new.notify.then_some(&parsed.email));
            self.0.limits().take(tx, &limits, now).await?;
            let all = tx.roles().all(scope.organization().id).await?;
            invite(tx, scope, &all, new, parsed, &Emails::default(), now).await
        })
        .await
    }

    /// Invites everybody or nobody, each row in its own scope of this organization. Otherwise [`Error::Rows`] lists
    /// every rejected row with its reason.
    pub async fn invite_all(self, scope: &Scope, rows: &[(Scope, NewInvitation)]) -> Result<Vec<Invitation>> {
        let now = self.now();
        self.write_in(scope, Some(Permission::UserInvite), async |tx, scope| {
            self.take_from_limits(tx, scope, rows.len(), now).await?;
            let emails = self.take_emails(tx, scope, emails_of(rows.iter().map(|(_, new)| new)), now).await?;
            let all = tx.roles().all(scope.organization().id).await?;
            let (mut invitations, mut refused) = (Vec::new(), Vec::new());
            for (number, (scope, new)) in rows.iter().enumerate() {
                match invite_in(tx, scope, &all, new, &emails, now).await {
                    Ok(invitation) => invitations.push(invitation),
                    Err(error @ (Error::Internal(_) | Error::Busy(_))) => return Err(error),
                    Err(error) => refused.push((number, error)),
                }
            }
            if refused.is_empty() { Ok(invitations) } else { Err(Error::Rows(refused)) }
        })
        .await
    }
}

/// Returns the email addresses that get a mail, each once.
pub(super) fn emails_of<'a>(rows: impl Iterator<Item = &'a NewInvitation>) -> Vec<EmailAddress> {
    let mut seen = HashSet::new();
    let emails = rows.filter(|row| row.notify).filter_map(|row| EmailAddress::parse(&row.email).ok());
    emails.filter(|email| seen.insert(email.to_string())).collect()
}

/// Calls [`invite`] in the row's own scope.
async fn invite_in(
    tx: &mut LockedTx,
    scope: &Scope,
    all: &[Role],
    new: &NewInvitation,
    emails: &Emails,
    now: Instant,
) -> Result<Invitation> {
    let scope = scope.renew_beside(tx, Some(Permission::UserInvite)).await?;
    let parsed = new.parse(scope.organization(), now)?;
    invite(tx, &scope, all, new, parsed, emails, now).await
}

/// Adds the invitation if its roles may be given and there is no obstacle.
async fn invite(
    tx: &mut LockedTx,
    scope: &Scope,
    all: &[Role],
    new: &NewInvitation,
    mut parsed: Parsed,
    emails: &Emails,
    now: Instant,
) -> Result<Invitation> {
    let all = with_first_used(tx, scope, all, &new.roles_on_first_use, now).await?;
    let is_meant = |role: &&Role| new.roles_on_first_use.iter().any(|(key, _)| *key == role.key);
    parsed.terms.role_ids.extend(all.iter().filter(is_meant).map(|role| role.id));
    let roles = scope.check_terms(tx, &all, &parsed.terms).await?;
    if new.replaces_open
        && let Err(InviteConflict::Open(open)) = look(tx, scope, &parsed.email, now).await?
    {
        scope.require_offer(tx, &open).await?;
        withdraw(tx, &scope.actor(), *open, now).await?;
    }
    let inviting = InviteBatch { terms: &parsed.terms, roles: &roles, emails, now };
    match add(tx, scope, &inviting, &parsed.email, parsed.name).await? {
        Ok(invitation) => Ok(invitation),
        Err(InviteConflict::Member(_)) => Err(InvitationConflict::AlreadyMember.into()),
        Err(InviteConflict::Open(open)) => Err(InvitationConflict::AlreadyInvited(open.id).into()),
        Err(InviteConflict::Full(exceeded)) => Err(Error::RateLimited(exceeded)),
    }
}

/// Returns the obstacle to inviting this email address. If there is none, returns the expired invitation that the new
/// one replaces, if there is one.
pub(super) async fn look(
    tx: &mut Snapshot,
    scope: &Scope,
    email: &EmailAddress,
    now: Instant,
) -> Result<std::result::Result<Option<Invitation>, InviteConflict>> {
    let organization_id = scope.organization().id;
    if let Some(role_ids) = tx.members().roles_of_address(organization_id, email.as_str()).await? {
        return Ok(Err(InviteConflict::Member(role_ids)));
    }
    Ok(match tx.invitations().open(organization_id, email.as_str()).await? {
        Some(open) if open.is_pending(now) => Err(InviteConflict::Open(Box::new(open))),
        overdue => Ok(overdue),
    })
}

/// Adds the invitation, its event and its mail, or returns the obstacle.
pub(super) async fn add(
    tx: &mut LockedTx,
    scope: &Scope,
    inviting: &InviteBatch<'_>,
    email: &EmailAddress,
    name: Option<Name>,
) -> Result<std::result::Result<Invitation, InviteConflict>> {
    let InviteBatch { terms, roles, now, .. } = *inviting;
    match look(tx, scope, email, now).await? {
        Err(obstacle) => return Ok(Err(obstacle)),
        // the worker has not closed it yet
        Ok(Some(overdue)) => _ = super::expire(tx, overdue, now).await?,
        Ok(None) => {}
    }
    if let Some(exceeded) = inviting.emails.refused(email) {
        return Ok(Err(InviteConflict::Full(exceeded)));
    }
    let invitation = invitation(scope, terms, email, name, now)?;
    if !tx.invitations_mut().add(&invitation).await? {
        return Err(Error::internal("an open invitation appeared under the organization's lock"));
    }
    let fact = Fact::InvitationCreated { email: invitation.email.to_string(), roles: names(roles) };
    tx.record(now, &scope.actor(), (Some(invitation.id), None), &fact).await?;
    if invitation.mail_state == MailState::Queued {
        tx.mails_mut().add(&invitation_mail(&invitation, now)).await?;
    }
    Ok(Ok(invitation))
}

/// Returns a new invitation of these terms, which is not saved yet.
pub(super) fn invitation(
    scope: &Scope,
    terms: &SharedTerms,
    email: &EmailAddress,
    name: Option<Name>,
    now: Instant,
) -> Result<Invitation> {
    Ok(Invitation {
        id: InvitationId::new(now),
        organization_id: scope.organization().id,
        email: email.clone(),
        name,
        role_ids: terms.role_ids.clone(),
        resource_ids: terms.resource_ids.clone(),
        message: terms.message.clone(),
        metadata: terms.metadata.clone(),
        redirect_url: terms.redirect_url.clone(),
        locale: terms.locale.clone(),
        inviter: scope.inviter()?,
        generation: 1,
        last_generation: None,
        state: State::Pending,
        created_at: now,
        issued_at: now,
        expires_at: terms.expires_at,
        mail_state: if terms.notify { MailState::Queued } else { MailState::LinkOnly },
    })
}
