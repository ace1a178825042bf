//! Invite many at once: people pasted into the form, or the rows of a program's request.

use super::{
    find::inviter_name,
    invite::{InviteBatch, InviteConflict, add, emails_of, look},
    limits::Emails,
    new_invitation::{NewInvitation, SharedTerms, Violations, email, lifetime, message},
};
use crate::service::{Error, NotFound, Result, Scope, authorize::names, subject};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use vestibule_domain::{
    EmailAddress, Exceeded, Instant, Invitation, InvitationId, Invite, InviteOutcome, InviteResult, Metadata, Name,
    Organization, Permission, Role, Violation,
    number::grouped,
    recipients::{self, Recipient},
};
use vestibule_store::{LockedTx, Snapshot};

/// The most recipients of one request; more have to be split.
pub const MAX_RECIPIENTS: usize = 1_000;
/// The number of recipients per transaction; it is limited because other writes wait for it.
const BATCH: usize = 50;

/// A recipient that was read: whom to invite, or the outcome to report instead.
pub(super) type Read = std::result::Result<(EmailAddress, Option<Name>), InviteOutcome>;

/// The result of one row of many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    Invited(Box<Invitation>),
    /// A dry run found no obstacle.
    WouldInvite,
    AlreadyInvited(InvitationId),
    AlreadyMember,
    /// An earlier row has the same email address.
    WrittenTwice,
    Refused(Vec<Violation>),
}

impl subject::Invitations<'_> {
    /// Invites the recipients and returns one result for each, in order; valid ones are invited even if others fail.
    /// Returns `Invalid`, and invites nobody, when something is wrong with the whole: roles, message, expiry or no
    /// recipients.
    pub async fn invite(self, scope: &Scope, invite: &Invite) -> Result<Vec<InviteResult>> {
        let now = self.now();
        scope.require(Permission::UserInvite)?;
        let recipients = check(scope.organization(), invite, now)?;
        let mut seen = HashSet::new();
        let mut results = Vec::new();
        for (number, batch) in recipients.chunks(BATCH).enumerate() {
            let batch: Vec<(&Recipient, Read)> =
                batch.iter().map(|recipient| (recipient, read(scope.organization(), recipient, &mut seen))).collect();
            let outcomes = self
                .write_in(scope, Some(Permission::UserInvite), async |tx, scope| {
                    let terms = terms(scope, invite, now)?;
                    let all = tx.roles().all(scope.organization().id).await?;
                    let roles = scope.check_terms(tx, &all, &terms).await?;
                    // for all of them before the first, so that a rejected request has invited nobody
                    if number == 0 {
                        self.take_from_limits(tx, scope, recipients.len(), now).await?;
                    }
                    let mailed = if terms.notify { addresses(&batch) } else { Vec::new() };
                    let emails = self.take_emails(tx, scope, mailed, now).await?;
                    let inviting = InviteBatch { terms: &terms, roles: &roles, emails: &emails, now };
                    let (mut outcomes, mut invited) = (Vec::new(), HashSet::new());
                    for (_, read) in &batch {
                        outcomes.push(match read {
                            Ok((email, name)) => {
                                let added = add(tx, scope, &inviting, email, name.clone()).await?;
                                invited.extend(added.is_ok().then(|| email.to_string()));
                                outcome(tx, &all, added).await?
                            }
                            Err(refused) => refused.clone(),
                        });
                    }
                    self.give_back_unused(tx, scope, batch.len(), &emails, &invited).await?;
                    Ok(outcomes)
                })
                .await?;
            results.extend(batch.iter().zip(outcomes).map(|((recipient, _), outcome)| InviteResult {
                name: recipient.name.clone(),
                address: recipient.address.clone(),
                outcome,
            }));
        }
        Ok(results)
    }

    /// Invites the rows and returns one result for each, in order; valid ones are invited even if others fail. A dry
    /// run checks every row and saves nothing.
    pub async fn invite_rows(self, scope: &Scope, rows: &[NewInvitation], dry_run: bool) -> Result<Vec<RowOutcome>> {
        let now = self.now();
        scope.require(Permission::UserInvite)?;
        if rows.is_empty() || rows.len() > MAX_RECIPIENTS {
            return Err(Violation::new("invitations", "range", "Send 1 to 1,000 invitations at once.").into());
        }
        if dry_run {
            return self.read(async |tx| self.look_at_rows(tx, scope, rows, now).await).await;
        }
        let mut outcomes = Vec::new();
        let mut seen = HashSet::new();
        for (number, batch) in rows.chunks(BATCH).enumerate() {
            let is_again: Vec<bool> = batch.iter().map(|row| !seen.insert(address(row))).collect();
            let done = self
                .write_in(&scope.part(number), Some(Permission::UserInvite), async |tx, scope| {
                    // for all rows before the first, so that a rejected request has invited nobody
                    if number == 0 {
                        self.take_from_limits(tx, scope, rows.len(), now).await?;
                    }
                    let first = batch.iter().zip(&is_again).filter(|(_, is_again)| !**is_again);
                    let emails = self.take_emails(tx, scope, emails_of(first.map(|(row, _)| row)), now).await?;
                    let all = tx.roles().all(scope.organization().id).await?;
                    let mut done = Vec::new();
                    for (row, is_again) in batch.iter().zip(&is_again) {
                        done.push(invite_row(tx, scope, &all, row, *is_again, &emails, now).await?);
                    }
                    self.give_back_unused(tx, scope, batch.len(), &emails, &invited(&done)).await?;
                    Ok(done)
                })
                .await?;
            outcomes.extend(done);
        }
        Ok(outcomes)
    }
}

/// Returns the text by which rows with the same email address are recognized, whether or not it is valid.
fn address(row: &NewInvitation) -> String {
    EmailAddress::parse(&row.email).map_or_else(|_| row.email.clone(), |email| email.to_string())
}

impl subject::Invitations<'_> {
    async fn look_at_rows(
        self,
        tx: &mut Snapshot,
        scope: &Scope,
        rows: &[NewInvitation],
        now: Instant,
    ) -> Result<Vec<RowOutcome>> {
        self.check_limits(tx, scope, rows.len(), now).await?;
        let all = tx.roles().all(scope.organization().id).await?;
        let (mut seen, mut outcomes) = (HashSet::new(), Vec::new());
        for row in rows {
            let is_again = !seen.insert(address(row));
            outcomes.push(match checked(tx, scope, &all, row, now).await? {
                Err(refused) => refused,
                Ok(_) if is_again => RowOutcome::WrittenTwice,
                Ok((parsed, _)) => self.look_at_row(tx, scope, &parsed.email, row.notify, now).await?,
            });
        }
        Ok(outcomes)
    }

    async fn look_at_row(
        self,
        tx: &mut Snapshot,
        scope: &Scope,
        email: &EmailAddress,
        notify: bool,
        now: Instant,
    ) -> Result<RowOutcome> {
        match look(tx, scope, email, now).await? {
            Err(obstacle) => Ok(obstacle.into()),
            Ok(_) if !notify => Ok(RowOutcome::WouldInvite),
            Ok(_) => match self.check_email(tx, scope, email, now).await {
                Ok(()) => Ok(RowOutcome::WouldInvite),
                Err(Error::RateLimited(exceeded)) => Ok(InviteConflict::Full(exceeded).into()),
                Err(error) => Err(error),
            },
        }
    }
}

/// Returns the email addresses of the valid recipients of a batch.
fn addresses(batch: &[(&Recipient, Read)]) -> Vec<EmailAddress> {
    batch.iter().filter_map(|(_, read)| read.as_ref().ok()).map(|(email, _)| email.clone()).collect()
}

/// Returns the email addresses of those who were invited.
fn invited(outcomes: &[RowOutcome]) -> HashSet<String> {
    let invitation = |outcome: &RowOutcome| match outcome {
        RowOutcome::Invited(invitation) => Some(invitation.email.to_string()),
        RowOutcome::WouldInvite
        | RowOutcome::AlreadyInvited(_)
        | RowOutcome::AlreadyMember
        | RowOutcome::WrittenTwice
        | RowOutcome::Refused(_) => None,
    };
    outcomes.iter().filter_map(invitation).collect()
}

async fn invite_row(
    tx: &mut LockedTx,
    scope: &Scope,
    all: &[Role],
    row: &NewInvitation,
    is_again: bool,
    emails: &Emails,
    now: Instant,
) -> Result<RowOutcome> {
    let (parsed, roles) = match checked(tx, scope, all, row, now).await? {
        Ok(parsed) => parsed,
        Err(refused) => return Ok(refused),
    };
    if is_again {
        return Ok(RowOutcome::WrittenTwice);
    }
    let inviting = InviteBatch { terms: &parsed.terms, roles: &roles, emails, now };
    Ok(match add(tx, scope, &inviting, &parsed.email, parsed.name).await? {
        Ok(invitation) => RowOutcome::Invited(Box::new(invitation)),
        Err(obstacle) => obstacle.into(),
    })
}

/// Returns the parsed row and its roles, or why it is rejected: one bad row does not stop the others.
async fn checked(
    tx: &mut Snapshot,
    scope: &Scope,
    all: &[Role],
    row: &NewInvitation,
    now: Instant,
) -> Result<std::result::Result<(super::new_invitation::Parsed, Vec<Role>), RowOutcome>> {
    let parsed = match row.parse(scope.organization(), now) {
        Ok(parsed) => parsed,
        Err(Error::Invalid(violations)) => return Ok(Err(RowOutcome::Refused(violations))),
        Err(error) => return Err(error),
    };
    let refused =
        |field, code, sentence: String| Ok(Err(RowOutcome::Refused(vec![Violation::new(field, code, sentence)])));
    match scope.check_terms(tx, all, &parsed.terms).await {
        Ok(roles) => Ok(Ok((parsed, roles))),
        Err(Error::Invalid(violations)) => Ok(Err(RowOutcome::Refused(violations))),
        Err(Error::Forbidden(permission)) => refused(
            "roles",
            "forbidden",
            format!("This role can {}, which the inviter can’t.", permission.action_phrase()),
        ),
        Err(Error::NotFound(NotFound::Role)) => refused("roles", "unknown", "There is no such role.".into()),
        Err(Error::NotFound(NotFound::Resource)) => {
            refused("resources", "unknown", "There is no such resource.".into())
        }
        Err(error) => Err(error),
    }
}

impl From<InviteConflict> for RowOutcome {
    fn from(obstacle: InviteConflict) -> Self {
        match obstacle {
            InviteConflict::Member(_) => Self::AlreadyMember,
            InviteConflict::Open(open) => Self::AlreadyInvited(open.id),
            InviteConflict::Full(exceeded) => Self::Refused(vec![is_full(&exceeded)]),
        }
    }
}

/// Returns the outcome for one recipient, for the portal's form.
async fn outcome(
    tx: &mut Snapshot,
    all: &[Role],
    added: std::result::Result<Invitation, InviteConflict>,
) -> Result<InviteOutcome> {
    Ok(match added {
        Ok(invitation) => InviteOutcome::Invited { id: invitation.id },
        Err(InviteConflict::Member(role_ids)) => {
            let roles: Vec<Role> = all.iter().filter(|role| role_ids.contains(&role.id)).cloned().collect();
            InviteOutcome::AlreadyMember { roles: names(&roles) }
        }
        Err(InviteConflict::Open(open)) => {
            let inviter = inviter_name(tx, &open).await?;
            InviteOutcome::AlreadyInvited { id: open.id, inviter, expires_at: open.expires_at }
        }
        Err(InviteConflict::Full(exceeded)) => {
            let Violation { code, sentence, .. } = is_full(&exceeded);
            InviteOutcome::Refused { code: code.into_owned(), sentence: sentence.into_owned() }
        }
    })
}

/// Returns the violation for a mailbox that has been sent too many emails.
pub(super) fn is_full(exceeded: &Exceeded) -> Violation {
    Violation::new("email", exceeded.limit.code(), exceeded.sentence())
}

/// Returns the recipients, or everything that is wrong with the request as a whole.
fn check(organization: &Organization, invite: &Invite, now: Instant) -> Result<Vec<Recipient>> {
    let recipients = recipients::split(&invite.recipients);
    let mut refusals = Violations::default();
    if recipients.is_empty() {
        refusals.add(Violation::new("recipients", "required", "Enter at least one email address."));
    }
    refusals.keep(few_enough(recipients.len()));
    if invite.role_ids.is_empty() {
        refusals.add(Violation::new("role_ids", "required", "Choose at least one role."));
    }
    refusals.keep(message(organization, &invite.message, now));
    refusals.keep(lifetime(organization, invite.expires_in_days));
    refusals.into_result()?;
    Ok(recipients)
}

/// Rejects more recipients than one invite may have.
pub(super) fn few_enough(count: usize) -> std::result::Result<(), Violation> {
    if count <= MAX_RECIPIENTS {
        return Ok(());
    }
    let sentence = format!(
        "Invite at most 1,000 people at a time; these are {}. Send the first ones, then paste the rest.",
        grouped(count as u64)
    );
    Err(Violation::new("recipients", "too_many", sentence))
}

/// Returns the terms that all recipients of an invite have in common.
pub(super) fn terms(scope: &Scope, invite: &Invite, now: Instant) -> Result<SharedTerms> {
    Ok(SharedTerms {
        role_ids: invite.role_ids.clone(),
        resource_ids: invite.resource_ids.clone(),
        message: message(scope.organization(), &invite.message, now)?,
        metadata: Metadata::default(),
        redirect_url: None,
        locale: None,
        expires_at: now + lifetime(scope.organization(), invite.expires_in_days)?,
        notify: invite.notify,
    })
}

/// Returns the email address and the name, or the outcome to report instead.
pub(super) fn read(organization: &Organization, recipient: &Recipient, seen: &mut HashSet<String>) -> Read {
    let refused = |violation: &Violation, before: &str| InviteOutcome::Refused {
        code: violation.code.to_string(),
        sentence: format!("{before}{}", violation.sentence),
    };
    let email = email(organization, &recipient.address).map_err(|violation| refused(&violation, ""))?;
    let name = recipient.name.as_deref().map(|name| Name::parse("name", name)).transpose();
    let name = name.map_err(|violation| refused(&violation, "The name: "))?;
    if !seen.insert(email.to_string()) {
        return Err(InviteOutcome::WrittenTwice);
    }
    Ok((email, name))
}
