//! The hold after a restore: what waits, and the operator's decision to release or discard it.

use super::{Result, subject};
use vestibule_domain::{Actor, Fact, Instant, Letter, MailState, OrganizationId};
use vestibule_store::{HeldCounts, HeldMail, Hold, LockedTx};

/// The number of mails that one transaction settles.
const BATCH: u32 = 100;
/// The response that the outbox shows for a discarded mail.
const DISCARDED: &str = "Discarded by the operator after a restore: it was waiting when the backup was taken.";

/// The operator's decision about everything that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldDecision {
    /// Mails and webhook deliveries are sent.
    Release,
    /// Nothing is sent: mails become Failed and can be sent again one by one, webhook deliveries become Cancelled.
    Discard,
}

impl subject::Held<'_> {
    /// Returns how much is held, and by which restore. The hold is `None` when everything was settled or nothing was
    /// restored.
    pub async fn counts(self) -> Result<(Option<Hold>, HeldCounts)> {
        let now = self.now();
        self.read(async |tx| Ok((tx.holds().current().await?, tx.holds().count(now).await?))).await
    }

    /// Releases or discards everything that is held, in batches, and ends the hold. Returns how much that was. If it is
    /// interrupted, the rest stays held, and calling it again continues.
    pub async fn settle(self, decision: HeldDecision) -> Result<HeldCounts> {
        let (_, before) = self.counts().await?;
        let now = self.now();
        loop {
            let batch = self.read(async |tx| Ok(tx.holds().mails(BATCH).await?)).await?;
            if batch.is_empty() {
                break;
            }
            for (of, mails) in by_organization(batch) {
                self.settle_mails(of, &mails, decision, now).await?;
            }
        }
        self.settle_organizations(decision, now).await?;
        self.write(async |tx| Ok(tx.holds_mut().end(now).await?)).await?;
        // deliveries of events that were recorded in the meantime
        self.settle_deliveries(decision, now).await?;
        Ok(before)
    }

    async fn settle_mails(
        self,
        of: Option<OrganizationId>,
        mails: &[HeldMail],
        decision: HeldDecision,
        now: Instant,
    ) -> Result<()> {
        self.write(async |tx| {
            let Some(id) = of else {
                for mail in mails {
                    match decision {
                        HeldDecision::Release => tx.mails_mut().release(mail.id, now).await?,
                        HeldDecision::Discard => tx.mails_mut().discard(mail.id, DISCARDED, now).await?,
                    };
                }
                return Ok(());
            };
            if let Some((tx, _)) = tx.lock_organization(id).await? {
                for mail in mails {
                    settle_mail(tx, mail, decision, now).await?;
                }
            }
            Ok(())
        })
        .await
    }

    async fn settle_organizations(self, decision: HeldDecision, now: Instant) -> Result<()> {
        if decision == HeldDecision::Discard {
            let organizations = self.0.store.all_organizations().await?;
            for (id, _) in organizations {
                self.write(async |tx| {
                    if let Some((tx, _)) = tx.lock_organization(id).await? {
                        tx.holds_mut().drop_due_reminders(now).await?;
                    }
                    Ok(())
                })
                .await?;
            }
        }
        self.settle_deliveries(decision, now).await
    }

    async fn settle_deliveries(self, decision: HeldDecision, now: Instant) -> Result<()> {
        let organizations = self.read(async |tx| Ok(tx.holds().organizations_with_deliveries().await?)).await?;
        for id in organizations {
            self.write(async |tx| {
                if let Some((tx, _)) = tx.lock_organization(id).await? {
                    tx.holds_mut().settle_deliveries(decision == HeldDecision::Release, now).await?;
                }
                Ok(())
            })
            .await?;
        }
        Ok(())
    }
}

/// Settles the mail and its invitation's mail state, and records an event for a mail that will not be sent.
async fn settle_mail(tx: &mut LockedTx, mail: &HeldMail, decision: HeldDecision, now: Instant) -> Result<()> {
    let (is_held, state) = match decision {
        HeldDecision::Release => (tx.mails_mut().release(mail.id, now).await?, MailState::Queued),
        HeldDecision::Discard => (tx.mails_mut().discard(mail.id, DISCARDED, now).await?, MailState::Failed),
    };
    let (true, Letter::Invitation { invitation_id, generation }) = (is_held, &mail.letter) else { return Ok(()) };
    tx.holds_mut().save_mail_state(*invitation_id, *generation, state).await?;
    if decision == HeldDecision::Discard {
        let fact = Fact::InvitationDeliveryFailed { response: DISCARDED.to_owned() };
        tx.record(now, &Actor::System, (Some(*invitation_id), None), &fact).await?;
    }
    Ok(())
}

/// Groups the mails by organization; they arrive in that order.
fn by_organization(mails: Vec<HeldMail>) -> Vec<(Option<OrganizationId>, Vec<HeldMail>)> {
    let mut groups: Vec<(Option<OrganizationId>, Vec<HeldMail>)> = Vec::new();
    for mail in mails {
        match groups.last_mut() {
            Some((of, group)) if *of == mail.organization_id => group.push(mail),
            _ => groups.push((mail.organization_id, vec![mail])),
        }
    }
    groups
}
