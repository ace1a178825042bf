//! Send mail: leases due rows of the outbox, sends them outside any transaction, and saves what came of it.
//!
//! At least once: a process that dies between the server's "250" and our commit leaves a row whose lease lapses, and
//! the next worker sends the mail again under the same Message-ID.

use crate::domain::{Actor, Delivery, Fact, Instant, Letter, Mail, MailState, Trying};
use crate::service::{Result, Vestibule, schedule_reminder};
use crate::telemetry::metrics;
use chrono::Duration;
use futures::{StreamExt, stream};

/// Rows leased at once.
const BATCH: u32 = 20;
/// Conversations with the mail server at once.
const AT_ONCE: usize = 4;
/// How long a worker may take for its batch; a conversation ends after 60 seconds whatever happens, so five rounds of
/// four fit into it.
const LEASE_MINUTES: i64 = 6;
/// A mail that our own configuration holds up is tried again after this many minutes, for as long as it takes.
const OUR_FAULT_MINUTES: i64 = 10;

pub async fn send_mail(vestibule: &Vestibule) -> Result<u64> {
    if !vestibule.has_mail_server() {
        return Ok(0);
    }
    let now = vestibule.now();
    let until = now + Duration::minutes(LEASE_MINUTES);
    if !vestibule.read(async |tx| Ok(tx.has_due_mail(now).await?)).await? {
        return Ok(0);
    }
    let mails = vestibule.write(async |tx| Ok(tx.lease_mails(now, until, BATCH).await?)).await?;
    let count = mails.len() as u64;
    let mut sending =
        stream::iter(mails).map(|(mail, trying)| send_one(vestibule, mail, trying)).buffer_unordered(AT_ONCE);
    while let Some(result) = sending.next().await {
        result?;
    }
    Ok(count)
}

async fn send_one(vestibule: &Vestibule, mail: Mail, trying: Trying) -> Result<()> {
    let delivery = match vestibule.compose(&mail, vestibule.now()).await? {
        Some(contents) => {
            let rendered = vestibule.letters.render(&contents);
            let message = vestibule.message(&mail, rendered);
            match &vestibule.mailer {
                Some(mailer) => Some(mailer.send(&message).await),
                None => return Ok(()),
            }
        }
        None => None,
    };
    let now = vestibule.now();
    let settled = settled(mail, trying, delivery, now);
    save(vestibule, &settled, now).await?;
    metrics::mail_settled(settled.state);
    Ok(())
}

/// The row as the try left it; no delivery means that the mail is not needed any more.
fn settled(mail: Mail, trying: Trying, delivery: Option<Delivery>, now: Instant) -> Mail {
    match delivery {
        None => Mail { state: MailState::Cancelled, ..mail },
        Some(Delivery::Sent { response }) => {
            Mail { state: MailState::Sent, response: Some(response), sent_at: Some(now), ..mail }
        }
        Some(Delivery::Failed { response }) => Mail { state: MailState::Failed, response: Some(response), ..mail },
        Some(Delivery::Deferred { response, our_fault: true }) => {
            let due_at = now + Duration::minutes(OUR_FAULT_MINUTES);
            Mail { state: MailState::Deferred, response: Some(response), due_at, ..mail }
        }
        Some(Delivery::Deferred { response, our_fault: false }) => {
            match trying.next(mail.attempts, now, rand::random_range(-1.0..=1.0)) {
                Some(due_at) => Mail { state: MailState::Deferred, response: Some(response), due_at, ..mail },
                None => Mail { state: MailState::Failed, response: Some(response), ..mail },
            }
        }
    }
}

/// The row, the invitation's mail state and the event, together; nothing when another worker has taken over.
async fn save(vestibule: &Vestibule, mail: &Mail, now: Instant) -> Result<()> {
    vestibule
        .write(async |tx| {
            let Some(id) = mail.organization_id else {
                tx.settle_mail(mail).await?;
                return Ok(());
            };
            let Some((tx, organization)) = tx.lock_organization(id).await? else { return Ok(()) };
            if !tx.settle_mail(mail).await? {
                return Ok(());
            }
            let Letter::Invitation { invitation_id, generation } = &mail.letter else { return Ok(()) };
            if mail.state != MailState::Cancelled {
                tx.save_mail_state(*invitation_id, *generation, mail.state).await?;
            }
            if mail.state == MailState::Sent {
                schedule_reminder(tx, &organization, *invitation_id, *generation, now).await?;
            }
            match fact(mail) {
                Some(fact) => Ok(tx.record(now, &Actor::System, (Some(*invitation_id), None), &fact).await?),
                None => Ok(()),
            }
        })
        .await
}

/// What the timeline tells of a finished mail.
fn fact(mail: &Mail) -> Option<Fact> {
    let response = mail.response.clone().unwrap_or_default();
    match mail.state {
        MailState::Sent => Some(Fact::InvitationSent { response }),
        MailState::Failed => Some(Fact::InvitationDeliveryFailed { response }),
        MailState::Queued | MailState::Deferred | MailState::Cancelled | MailState::LinkOnly => None,
    }
}
