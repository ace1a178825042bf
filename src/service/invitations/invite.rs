//! Invite one person or many.

use super::invitation_mail;
use crate::domain::{
    EmailAddress, Fact, Instant, Invitation, InvitationId, Invite, Invited, MailState, Message, Name, Organization,
    Outcome, Permission, Role, State, Status, Violation,
    recipients::{self, Recipient},
};
use crate::service::{Error, Result, Scope, Vestibule, authorize::names};
use crate::store::Tx;
use chrono::Duration;
use std::collections::HashSet;

/// Recipients of one invite at most; more is an import.
const MAX_RECIPIENTS: usize = 1_000;
/// Recipients in one transaction: others wait for it.
const BATCH: usize = 50;

/// A recipient as read: whom to invite, or what the writer is told instead.
type Read = std::result::Result<(EmailAddress, Option<Name>), Outcome>;

/// What all invitations of one invite have in common.
struct Terms {
    roles: Vec<Role>,
    message: Option<Message>,
    expires_at: Instant,
    notify: bool,
}

impl Vestibule {
    /// One entry for each recipient that was written, in order; good ones are kept whatever becomes of the others.
    /// What is wrong with the whole (roles, message, end, nobody written) is `Invalid`, and nobody is invited.
    pub async fn invite(&self, scope: &Scope, invite: &Invite) -> Result<Vec<Invited>> {
        let now = self.now();
        scope.require(Permission::UserInvite)?;
        let recipients = check(scope.organization(), invite, now)?;
        self.check_allowance(scope, recipients.len(), now).await?;
        let mut seen = HashSet::new();
        let mut results = Vec::new();
        for batch in recipients.chunks(BATCH) {
            let batch: Vec<(&Recipient, Read)> =
                batch.iter().map(|recipient| (recipient, read(recipient, &mut seen))).collect();
            let outcomes = self
                .write(async |tx| {
                    let scope = scope.renew(tx, Some(Permission::UserInvite)).await?;
                    let terms = terms(tx, &scope, invite, now).await?;
                    let mut outcomes = Vec::new();
                    for (_, read) in &batch {
                        outcomes.push(match read {
                            Ok((email, name)) => invite_one(tx, &scope, &terms, email, name.clone(), now).await?,
                            Err(refused) => refused.clone(),
                        });
                    }
                    Ok(outcomes)
                })
                .await?;
            results.extend(batch.iter().zip(outcomes).map(|((recipient, _), outcome)| Invited {
                name: recipient.name.clone(),
                address: recipient.address.clone(),
                outcome,
            }));
        }
        self.wake();
        Ok(results)
    }

    /// Refuses when the organization would go over its limit of this hour.
    async fn check_allowance(&self, scope: &Scope, more: usize, now: Instant) -> Result<()> {
        let (id, since) = (scope.organization().id, now - Duration::hours(1));
        let made = self.read(async |tx| tx.count_issued_since(id, since).await.map_err(Error::from)).await?;
        if made + more as u64 > u64::from(self.settings().invitations_per_hour) {
            return Err(Error::Throttled { retry_after: std::time::Duration::from_secs(60 * 30) });
        }
        Ok(())
    }
}

/// All that is wrong with the invite as a whole, or its recipients.
fn check(organization: &Organization, invite: &Invite, now: Instant) -> Result<Vec<Recipient>> {
    let recipients = recipients::split(&invite.recipients);
    let mut violations = Vec::new();
    if recipients.is_empty() {
        violations.push(Violation::new("recipients", "required", "Write at least one address."));
    }
    if recipients.len() > MAX_RECIPIENTS {
        violations.push(Violation::new(
            "recipients",
            "too_many",
            "Invite at most 1,000 people at once. Take the others out and invite them next.",
        ));
    }
    if invite.role_ids.is_empty() {
        violations.push(Violation::new("role_ids", "required", "Choose at least one role."));
    }
    violations.extend(message(organization, &invite.message, now).err());
    violations.extend(lifetime(organization, invite.lifetime_days).err());
    if violations.is_empty() { Ok(recipients) } else { Err(Error::Invalid(violations)) }
}

async fn terms(tx: &mut Tx, scope: &Scope, invite: &Invite, now: Instant) -> Result<Terms> {
    Ok(Terms {
        roles: scope.grantable(tx, &invite.role_ids).await?,
        message: message(scope.organization(), &invite.message, now)?,
        expires_at: now + lifetime(scope.organization(), invite.lifetime_days)?,
        notify: invite.notify,
    })
}

/// The inviter's words; without links while the organization is new.
pub(super) fn message(
    organization: &Organization,
    text: &str,
    now: Instant,
) -> std::result::Result<Option<Message>, Violation> {
    let message = Message::parse("message", text)?;
    if message.as_ref().is_some_and(Message::has_link) && !organization.may_send_links(now) {
        let sentence =
            "In its first week an organization can’t send web addresses in its messages. Take the address out.";
        return Err(Violation::new("message", "link", sentence));
    }
    Ok(message)
}

pub(super) fn lifetime(organization: &Organization, days: Option<u16>) -> std::result::Result<Duration, Violation> {
    let days = days.unwrap_or(organization.invitation_lifetime_days);
    if !(1..=Organization::MAX_LIFETIME_DAYS).contains(&days) {
        return Err(Violation::new("lifetime_days", "range", "Choose from 1 to 90 days."));
    }
    Ok(Duration::days(i64::from(days)))
}

/// The address and the name, or what the writer is told about them.
fn read(recipient: &Recipient, seen: &mut HashSet<String>) -> Read {
    let refused = |code: &str, sentence: String| Outcome::Refused { code: code.into(), sentence };
    let email = EmailAddress::parse(&recipient.address).map_err(|error| refused(error.code(), error.to_string()))?;
    let name = recipient.name.as_deref().map(|name| Name::parse("name", name)).transpose();
    let name = name.map_err(|violation| refused(&violation.code, format!("The name: {}", violation.sentence)))?;
    if !seen.insert(email.to_string()) {
        return Err(Outcome::WrittenTwice);
    }
    Ok((email, name))
}

async fn invite_one(
    tx: &mut Tx,
    scope: &Scope,
    terms: &Terms,
    email: &EmailAddress,
    name: Option<Name>,
    now: Instant,
) -> Result<Outcome> {
    let organization = scope.organization();
    if let Some(role_ids) = tx.roles_of_address(organization.id, email.as_str()).await? {
        let mut roles = tx.roles(organization.id).await?;
        roles.retain(|role| role_ids.contains(&role.id));
        return Ok(Outcome::AlreadyMember { roles: names(&roles) });
    }
    if let Some(open) = tx.open_invitation(organization.id, email.as_str()).await? {
        if open.status(now) == Status::Pending {
            let inviter =
                tx.user(open.inviter_id).await?.map_or_else(|| scope.member().name.clone(), |(user, _)| user.name);
            return Ok(Outcome::AlreadyInvited { id: open.id, inviter, expires_at: open.expires_at });
        }
        // its time is over and the sweep has not come by yet: it gives way
        crate::service::invitations::expire(tx, open, now).await?;
    }
    let invitation = Invitation {
        id: InvitationId::new(now),
        organization_id: organization.id,
        email: email.clone(),
        name,
        role_ids: terms.roles.iter().map(|role| role.id).collect(),
        message: terms.message.clone(),
        inviter_id: scope.member().user_id,
        generation: 1,
        state: State::Pending,
        created_at: now,
        issued_at: now,
        expires_at: terms.expires_at,
        mail_state: if terms.notify { MailState::Queued } else { MailState::LinkOnly },
    };
    add(tx, scope, &invitation, &terms.roles, now).await?;
    Ok(Outcome::Invited { id: invitation.id })
}

/// The invitation, its event and its mail.
async fn add(tx: &mut Tx, scope: &Scope, invitation: &Invitation, roles: &[Role], now: Instant) -> Result<()> {
    if !tx.add_invitation(invitation).await? {
        return Err(Error::internal("an open invitation appeared under the organization's lock"));
    }
    let fact = Fact::InvitationCreated { email: invitation.email.to_string(), roles: names(roles) };
    tx.record(invitation.organization_id, now, &scope.actor(), (Some(invitation.id), None), &fact).await?;
    if invitation.mail_state == MailState::Queued {
        tx.add_mail(&invitation_mail(invitation, now)).await?;
    }
    Ok(())
}
