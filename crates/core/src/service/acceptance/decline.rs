//! Declining, with a reason or without.

use super::{OpenedInvitation, ShownOffer};
use crate::service::{Error, Result, invitations::organization_mail, letters::inviter_of, subject};
use vestibule_domain::{Actor, Fact, Letter, Message, Status};

impl subject::Acceptance<'_> {
    /// Declines the invitation. The mailbox must be proved, as for accepting: somebody who was handed a link can't
    /// answer for its owner.
    pub async fn decline(self, shown_offer: impl Into<ShownOffer<'_>>, reason: &str) -> Result<()> {
        let (now, shown_offer) = (self.now(), shown_offer.into());
        let reason = Message::parse("reason", reason)?;
        self.write(async |tx| {
            let (tx, opened) = OpenedInvitation::locked(tx, shown_offer.acceptance_session, now).await?;
            opened.check_open(now)?;
            self.check_shown(&opened, shown_offer.terms.as_ref())?;
            self.check_proven(&opened, shown_offer.user)?;
            let declined = opened.context.invitation.decline(now, reason.clone())?;
            if !tx.invitations_mut().close(&declined).await? {
                return Err(Error::Closed(Status::Declined));
            }
            let fact = Fact::InvitationDeclined { reason: reason.as_ref().map(|reason| reason.as_str().to_owned()) };
            tx.record(now, &Actor::Invitee, (Some(declined.id), None), &fact).await?;
            if let Some(inviter) = inviter_of(tx, &declined).await? {
                let letter = Letter::InvitationDeclined { invitation_id: declined.id };
                tx.mails_mut().add(&organization_mail(&declined, letter, inviter.email.typed(), now)).await?;
            }
            Ok(())
        })
        .await
    }
}
