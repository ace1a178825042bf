//! Declining, with a reason or without.

use super::Visited;
use crate::domain::{Actor, Fact, Letter, Message, Status};
use crate::service::{Conflict, Error, Result, Vestibule, invitations::organization_mail, letters::inviter_of};

impl Vestibule {
    /// Needs the mailbox proved, like accepting: whoever was handed a link can't answer for its owner.
    pub async fn decline(&self, visit: &str, reason: &str) -> Result<()> {
        let now = self.now();
        let reason = Message::parse("reason", reason)?;
        self.write(async |tx| {
            let visited = Visited::locked(tx, visit, now).await?;
            visited.check_open(now)?;
            if !visited.visit.is_proven {
                return Err(Conflict::MailboxUnproven.into());
            }
            let declined = visited.told.invitation.decline(now, reason.clone())?;
            if !tx.close_invitation(&declined).await? {
                return Err(Error::Closed(Status::Declined));
            }
            let fact = Fact::InvitationDeclined { reason: reason.as_ref().map(|reason| reason.as_str().to_owned()) };
            tx.record(declined.organization_id, now, &Actor::Invitee, (Some(declined.id), None), &fact).await?;
            if let Some(inviter) = inviter_of(tx, &declined).await? {
                let letter = Letter::InvitationDeclined { invitation_id: declined.id };
                tx.add_mail(&organization_mail(&declined, letter, inviter.email.typed(), now)).await?;
            }
            Ok(())
        })
        .await?;
        self.wake();
        Ok(())
    }
}
