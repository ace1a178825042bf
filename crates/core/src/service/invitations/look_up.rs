//! Look up recipients: what would come of each if the invite were sent now. Nothing is saved, and nothing is charged.

use super::{
    find::inviter_name,
    invite_many::{few_enough, is_full, read},
};
use crate::service::{Error, Result, Scope, authorize::names, subject};
use std::collections::{HashMap, HashSet};
use vestibule_domain::{
    EmailAddress, Exceeded, Instant, Invitation, InviteOutcome, Inviter, Name, Permission, RecipientPreview,
    RecipientStanding, RecipientsPreview, Role, RoleId, Violation,
    recipients::{self, Recipient},
    typo::likely_domain,
};
use vestibule_store::Snapshot;

impl subject::Invitations<'_> {
    /// Returns what would come of these recipients, written as in [`vestibule_domain::Invite::recipients`]. Rejects
    /// those who may not invite.
    pub async fn look_up(self, scope: &Scope, text: &str) -> Result<RecipientsPreview> {
        scope.require(Permission::UserInvite)?;
        let now = self.now();
        let recipients = recipients::split(text);
        if let Err(violation) = few_enough(recipients.len()) {
            let refusal = Some(violation.sentence.into_owned());
            return Ok(RecipientsPreview { ready: 0, others: Vec::new(), refusal, now });
        }
        self.read(async |tx| self.preview(tx, scope, &recipients, now).await).await
    }

    async fn preview(
        self,
        tx: &mut Snapshot,
        scope: &Scope,
        recipients: &[Recipient],
        now: Instant,
    ) -> Result<RecipientsPreview> {
        let (mut seen, mut others, mut ready) = (HashSet::new(), Vec::new(), 0_u64);
        let read: Vec<_> =
            recipients.iter().map(|recipient| read(scope.organization(), recipient, &mut seen)).collect();
        let emails: Vec<EmailAddress> =
            read.iter().filter_map(|read| read.as_ref().ok()).map(|(email, _)| email.clone()).collect();
        let known = self.known(tx, scope, &emails, now).await?;
        for (recipient, read) in recipients.iter().zip(read) {
            let standing = match read {
                Ok((email, _)) => known.standing(scope, &email),
                Err(outcome) => Some(RecipientStanding::LeftOut { outcome }),
            };
            match standing {
                Some(standing) => others.push(RecipientPreview { address: recipient.address.clone(), standing }),
                None => ready += 1,
            }
        }
        let mut preview = RecipientsPreview { ready, others, refusal: None, now };
        match self.check_limits(tx, scope, preview.invited(), now).await {
            Ok(()) => {}
            Err(Error::RateLimited(exceeded)) => preview.refusal = Some(exceeded.sentence()),
            Err(error) => return Err(error),
        }
        Ok(preview)
    }

    /// Returns everything that prevents one of these people from being invited.
    pub(super) async fn known(
        self,
        tx: &mut Snapshot,
        scope: &Scope,
        emails: &[EmailAddress],
        now: Instant,
    ) -> Result<Known> {
        let id = scope.organization().id;
        let texts: Vec<String> = emails.iter().map(ToString::to_string).collect();
        let mut open = tx.invitations().open_among(id, &texts).await?;
        open.retain(|open| open.is_pending(now));
        let mut inviters: Vec<(Inviter, Name)> = Vec::new();
        for invitation in &open {
            if inviters.iter().all(|(known, _)| *known != invitation.inviter) {
                inviters.push((invitation.inviter, inviter_name(tx, invitation).await?));
            }
        }
        Ok(Known {
            inviters,
            members: tx.members().roles_of_addresses(id, &texts).await?,
            open: open.into_iter().map(|open| (open.email.to_string(), open)).collect(),
            full: self.refused_emails(tx, scope, emails, now).await?,
            roles: tx.roles().all(id).await?,
        })
    }
}

/// What is known of the recipients, by their email address in its normal form.
pub(super) struct Known {
    members: HashMap<String, Vec<RoleId>>,
    open: HashMap<String, Invitation>,
    /// Who sent the open ones.
    inviters: Vec<(Inviter, Name)>,
    full: HashMap<String, Exceeded>,
    roles: Vec<Role>,
}

impl Known {
    fn inviter(&self, open: &Invitation) -> Option<&(Inviter, Name)> {
        self.inviters.iter().find(|(inviter, _)| *inviter == open.inviter)
    }

    /// Returns `None` if this person would be invited, and nothing seems to be wrong.
    pub(super) fn standing(&self, scope: &Scope, email: &EmailAddress) -> Option<RecipientStanding> {
        let key = email.as_str();
        let outcome = if let Some(ids) = self.members.get(key) {
            let roles: Vec<Role> = self.roles.iter().filter(|role| ids.contains(&role.id)).cloned().collect();
            InviteOutcome::AlreadyMember { roles: names(&roles) }
        } else if let Some((open, (_, inviter))) = self.open.get(key).and_then(|open| Some((open, self.inviter(open)?)))
        {
            let inviter = inviter.clone();
            InviteOutcome::AlreadyInvited { id: open.id, inviter, expires_at: open.expires_at }
        } else if let Some(exceeded) = self.full.get(key) {
            let Violation { code, sentence, .. } = is_full(exceeded);
            InviteOutcome::Refused { code: code.into_owned(), sentence: sentence.into_owned() }
        } else {
            return likely(scope, email).map(|likely| RecipientStanding::Doubtful { likely });
        };
        Some(RecipientStanding::LeftOut { outcome })
    }
}

/// Returns the address that was probably meant, if the domain seems to have a typing error.
fn likely(scope: &Scope, email: &EmailAddress) -> Option<String> {
    let own_domain = scope.member().map(|member| member.email.domain());
    let own = scope.organization().allowed_domains.iter().map(String::as_str).chain(own_domain);
    let domain = likely_domain(email.domain(), own)?;
    let (local, _) = email.typed().rsplit_once('@')?;
    Some(format!("{local}@{domain}"))
}
