//! Preview the mail of an invite: the first one that would be sent now. Nothing is saved, sent or charged, and no link is
//! made.

use super::{
    invitation_mail,
    invite::invitation,
    invite_many::{few_enough, read, terms},
};
use crate::{
    mail::LetterContents,
    service::{NotFound, Result, Scope, subject},
};
use std::collections::HashSet;
use vestibule_domain::{
    EmailAddress, Instant, Invite, MailPreview, Name, Permission, PreviewWarning, RecipientStanding, recipients,
};
use vestibule_store::Snapshot;

/// Whom a preview is to when nobody is typed yet.
const SOMEBODY: &str = "somebody@example.com";

impl subject::Invitations<'_> {
    /// Returns the mail to the first of the recipients who would be invited. Rejects those who may not invite, and
    /// whatever [`Self::invite`] would reject; but recipients and roles may be missing still.
    pub async fn preview_mail(self, scope: &Scope, invite: &Invite) -> Result<MailPreview> {
        scope.require(Permission::UserInvite)?;
        let now = self.now();
        let recipients = recipients::split(&invite.recipients);
        few_enough(recipients.len())?;
        let terms = terms(scope, invite, now)?;
        let mut seen = HashSet::new();
        let readable = recipients.iter().filter_map(|each| read(scope.organization(), each, &mut seen).ok());
        let people: Vec<(EmailAddress, Option<Name>)> = readable.collect();
        let (letter, mail, mut warnings) = self
            .read(async |tx| {
                let all = tx.roles().all(scope.organization().id).await?;
                scope.check_terms(tx, &all, &terms).await?;
                let ((email, name), warnings) = self.addressee(tx, scope, people, now).await?;
                let invitation = invitation(scope, &terms, &email, name, now)?;
                let mail = invitation_mail(&invitation, now);
                let letter = self.0.letters().preview(tx, invitation).await?.ok_or(NotFound::Organization)?;
                Ok((letter, mail, warnings))
            })
            .await?;
        warnings.extend(invite.role_ids.is_empty().then_some(PreviewWarning::NoRole));
        warnings.extend((!invite.notify).then_some(PreviewWarning::LinksOnly));
        warnings.extend((invite.notify && !self.0.has_mail_server()).then_some(PreviewWarning::NoMailServer));
        let preheader = self.0.letters.preheader(&letter);
        let contents = LetterContents::Invitation(letter);
        let message = self.0.letters().message(&mail, &contents, self.0.letters.render(&contents));
        Ok(MailPreview {
            from: message.sender(),
            to: message.to,
            subject: message.subject,
            preheader,
            text: message.text,
            html: message.html,
            warnings,
        })
    }

    /// Returns the first of these people who would be invited. If none would, it is the first one, or somebody made up.
    async fn addressee(
        self,
        tx: &mut Snapshot,
        scope: &Scope,
        people: Vec<(EmailAddress, Option<Name>)>,
        now: Instant,
    ) -> Result<((EmailAddress, Option<Name>), Vec<PreviewWarning>)> {
        let emails: Vec<EmailAddress> = people.iter().map(|(email, _)| email.clone()).collect();
        let known = self.known(tx, scope, &emails, now).await?;
        let is_left_out = |email| matches!(known.standing(scope, email), Some(RecipientStanding::LeftOut { .. }));
        if let Some(first) = people.iter().find(|(email, _)| !is_left_out(email)) {
            return Ok((first.clone(), Vec::new()));
        }
        match people.into_iter().next() {
            Some(first) => Ok((first, vec![PreviewWarning::NobodyInvited])),
            None => {
                let somebody = EmailAddress::parse(SOMEBODY).expect("it is an address");
                Ok(((somebody, None), vec![PreviewWarning::NoRecipient]))
            }
        }
    }
}
