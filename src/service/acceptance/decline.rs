//! Declining, with a reason or without.

use super::Visited;
use crate::domain::{Actor, Fact, Letter, Message, Status};
use crate::service::{Conflict, Error, Missing, Result, Vestibule, invitations::organization_mail};

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
            let inviter_id = visited.told.invitation.inviter_id;
            let declined = visited.told.invitation.decline(now, reason.clone())?;
            if !tx.close_invitation(&declined).await? {
                return Err(Error::Closed(Status::Declined));
            }
            let fact = Fact::InvitationDeclined { reason: reason.as_ref().map(|reason| reason.as_str().to_owned()) };
            tx.record(declined.organization_id, now, &Actor::Invitee, (Some(declined.id), None), &fact).await?;
            let (inviter, _) = tx.user(inviter_id).await?.ok_or(Missing::Member)?;
            let letter = Letter::InvitationDeclined { invitation_id: declined.id };
            tx.add_mail(&organization_mail(&declined, letter, inviter.email.typed(), now)).await?;
            Ok(())
        })
        .await?;
        self.wake();
        Ok(())
    }
}
