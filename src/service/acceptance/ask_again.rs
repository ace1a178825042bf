//! Asking for a new link with an old one. The mail goes to the invited address and to no other, and the answer is the
//! same whether one was sent.

use super::{Visited, visited};
use crate::domain::{Actor, Instant, MailState, Status};
use crate::service::{
    Error, Result, Vestibule,
    invitations::{invitation_mail, renew_link},
    throttle::Limit,
};
use crate::store::Tx;
use chrono::Duration;

impl Vestibule {
    pub async fn ask_again(&self, visit: &str) -> Result<()> {
        let now = self.now();
        let id = self.read(async |tx| Ok(visited(tx, visit, now).await?.visit.invitation_id)).await?;
        if self.throttle.check(Limit::AskAgain, id.to_string()).is_err() {
            return Ok(());
        }
        let asked = self
            .write(async |tx| {
                let visited = Visited::locked(tx, visit, now).await?;
                if visited.inviter_may(tx).await? { mail_again(tx, visited, now).await } else { Ok(()) }
            })
            .await;
        self.wake();
        match asked {
            // nothing to send: a member already, or another invitation is open
            Err(Error::Conflict(_) | Error::Closed(_)) => Ok(()),
            asked => asked,
        }
    }
}

/// An expired invitation gets a new link; a pending one mails the link that it has, which stays good.
async fn mail_again(tx: &mut Tx, visited: Visited, now: Instant) -> Result<()> {
    let (organization, invitation) = (visited.told.organization, visited.told.invitation);
    match invitation.status(now) {
        Status::Expired => {
            let days = Duration::days(i64::from(organization.invitation_lifetime_days));
            renew_link(tx, invitation, None, &Actor::Invitee, days, now).await.map(drop)
        }
        Status::Pending => {
            tx.save_mail_state(invitation.id, invitation.generation, MailState::Queued).await?;
            Ok(tx.add_mail(&invitation_mail(&invitation, now)).await?)
        }
        Status::Accepted | Status::Declined | Status::Revoked => Ok(()),
    }
}
