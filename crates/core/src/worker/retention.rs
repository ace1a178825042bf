//! Retention: removes data for which an organization sets a retention of its own.

use super::Done;
use crate::service::{Result, Vestibule};
use chrono::Duration;
use vestibule_domain::{Organization, OrganizationId};

/// The number of mails per transaction.
const BATCH: u32 = 500;

/// Removes mails past their organization's retention, and starts to erase invitees past theirs. Returns how many of
/// both.
pub async fn keep(vestibule: &Vestibule) -> Result<u64> {
    let mut done = Done::default();
    for (id, invitations, mails) in vestibule.read(async |tx| Ok(tx.erasures().retentions().await?)).await? {
        if mails.is_some() {
            done.note(prune_mails(vestibule, id, mails).await);
        }
        if let Some(days) = invitations {
            done.note(erase_invitees(vestibule, id, days).await);
        }
    }
    done.into_result()
}

async fn prune_mails(vestibule: &Vestibule, id: OrganizationId, days: Option<u16>) -> Result<u64> {
    let days = Organization::mail_days(days, vestibule.settings().mail_retention_days);
    let before = vestibule.now() - Duration::days(i64::from(days));
    let mut done = 0;
    loop {
        match vestibule.write(async |tx| Ok(tx.mails_mut().prune_of(id, before, BATCH).await?)).await? {
            0 => return Ok(done),
            more => done += more,
        }
    }
}

async fn erase_invitees(vestibule: &Vestibule, id: OrganizationId, days: u16) -> Result<u64> {
    let mut done = 0;
    loop {
        match vestibule.erasure().erase_overdue(id, days).await? {
            0 => return Ok(done),
            more => done += more,
        }
    }
}
