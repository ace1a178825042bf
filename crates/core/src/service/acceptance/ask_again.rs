//! Asking for a new link by opening an old one. The mail goes to the invited email address and to no other, and the
//! answer does not reveal whether one was sent.

use super::{OpenedInvitation, opened};
use crate::service::{
    Error, Result,
    invitations::{Renewal, invitation_mail, renew_link},
    rate_limits::Charge,
    subject,
};
use chrono::Duration;
use std::net::IpAddr;
use vestibule_domain::{Actor, Instant, MailState, RateLimit, Status};
use vestibule_store::LockedTx;

impl subject::Acceptance<'_> {
    /// Mails the invitee a working link. Returns `RateLimited` for a client that asks too often. To a mailbox that has
    /// had too many mails it sends nothing and returns no error, because that would reveal them.
    pub async fn ask_again(self, acceptance_session: &str, client: IpAddr) -> Result<()> {
        let now = self.now();
        let by_client = [Charge::of_client(RateLimit::EmailsAskedByClient, client)];
        self.write(async |tx| {
            opened(tx, acceptance_session, now).await?;
            self.0.limits().take(tx, &by_client, now).await
        })
        .await?;
        let asked = self
            .write(async |tx| {
                let (tx, opened) = OpenedInvitation::locked(tx, acceptance_session, now).await?;
                if !opened.inviter_may(tx).await? {
                    return Ok(());
                }
                self.0.limits().take(tx, &new_link_limits(&opened), now).await?;
                mail_again(tx, opened, now).await
            })
            .await;
        match asked {
            // nothing to send: the invitee is a member, has another open invitation, or has had enough mails
            Err(Error::Conflict(_) | Error::Closed(_) | Error::RateLimited(_)) => Ok(()),
            asked => asked,
        }
    }
}

fn new_link_limits(opened: &OpenedInvitation) -> [Charge; 2] {
    let mailbox = &opened.context.invitation.email;
    [Charge::one(RateLimit::NewLinks, mailbox), Charge::email_to(mailbox)]
}

/// Renews the link of an expired invitation; for a pending one, mails the link that it has, which stays valid.
async fn mail_again(tx: &mut LockedTx, opened: OpenedInvitation, now: Instant) -> Result<()> {
    let (organization, invitation) = (opened.context.organization, opened.context.invitation);
    match invitation.status(now) {
        Status::Expired => {
            let lifetime = Duration::days(i64::from(organization.invitation_lifetime_days));
            let renewal = Renewal { change: None, lifetime, mail_due: now };
            renew_link(tx, invitation, renewal, &Actor::Invitee, now).await.map(drop)
        }
        Status::Pending => {
            tx.invitations_mut().save_mail_state(invitation.id, invitation.generation, MailState::Queued).await?;
            Ok(tx.mails_mut().add(&invitation_mail(&invitation, now)).await?)
        }
        Status::Accepted | Status::Declined | Status::Revoked => Ok(()),
    }
}
