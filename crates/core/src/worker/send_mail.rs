//! One mail: it is composed, sent outside any transaction, and the result is saved.
//!
//! Delivery is at least once: if a process dies between the server's "250" and the commit, the row's lease expires, and
//! the next worker sends the mail again under the same Message-ID. A process that lives never sends a mail twice.

use super::saving::until_saved;
use super::supervise::stopped;
use crate::mail::{Handover, MailMessage};
use crate::service::{Composed, Result, Vestibule, schedule_reminder};
use chrono::Duration;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::watch;
use vestibule_domain::{Actor, Fact, Instant, Letter, Mail, MailState, SendOutcome};
use vestibule_store::LeasedMail;
use vestibule_telemetry::metrics;

/// The minutes after which a mail is tried again that fails because of the configuration, as often as needed.
const OUR_FAULT_MINUTES: i64 = 10;
/// The seconds after which a mail is tried again that could not be composed because the database failed.
const NOT_COMPOSED_SECONDS: i64 = 5;
/// The time that a conversation has to reach the mail itself when the process is about to end. One that has not is
/// abandoned: its mail was not sent, and the next process sends it. One that has is waited for.
const GRACE: std::time::Duration = std::time::Duration::from_secs(5);

/// The result of working on a mail.
#[derive(Clone, Debug)]
enum MailOutcome {
    Tried(SendOutcome),
    /// The mail is no longer needed.
    NotWanted,
    /// The mail was not sent, and is due again at this time.
    Unsent(Instant),
}

/// Sends the mail, and returns when the result is saved.
pub async fn send(vestibule: Arc<Vestibule>, leased: LeasedMail, stop: watch::Receiver<bool>) {
    let handover = Handover::default();
    let trying = AssertUnwindSafe(attempt(&vestibule, &leased, &handover, stop)).catch_unwind();
    let outcome = trying.await.unwrap_or_else(|_| {
        tracing::error!(mail.id = %leased.mail.id, "Sending a mail panicked");
        let response = "An internal error occurred while sending. See the server’s log.".to_owned();
        MailOutcome::Tried(SendOutcome::Deferred { response, our_fault: false })
    });
    let now = vestibule.now();
    // a mail may have arrived although no answer confirmed it
    let may_be_out = handover.is_uncertain() || leased.may_be_out;
    let settled = match outcome {
        MailOutcome::Unsent(due_at) => {
            return until_saved("send_mail", || give_back(&vestibule, &leased.mail, due_at)).await;
        }
        MailOutcome::NotWanted => not_wanted(leased.mail, may_be_out, now),
        MailOutcome::Tried(outcome) => settled(&leased, outcome, now),
    };
    until_saved("send_mail", || save(&vestibule, &settled, may_be_out, now)).await;
}

async fn attempt(
    vestibule: &Vestibule,
    leased: &LeasedMail,
    handover: &Handover,
    stop: watch::Receiver<bool>,
) -> MailOutcome {
    let (now, due_at) = (vestibule.now(), leased.mail.due_at);
    let tried = tokio::select! {
        tried = compose_and_send(vestibule, leased, handover) => tried,
        () = is_given_up(handover, stop) => return MailOutcome::Unsent(due_at),
    };
    tried.unwrap_or_else(|error| {
        super::log_failure::<()>("send_mail", Err(&error));
        MailOutcome::Unsent(now + Duration::seconds(NOT_COMPOSED_SECONDS))
    })
}

async fn compose_and_send(vestibule: &Vestibule, leased: &LeasedMail, handover: &Handover) -> Result<MailOutcome> {
    let Some(mailer) = &vestibule.mailer else { return Ok(MailOutcome::Unsent(leased.mail.due_at)) };
    let message = match vestibule.letters().compose(leased, vestibule.now()).await? {
        Composed::Mail(message) => message,
        other => return Ok(unsent(&other, leased)),
    };
    let mut changed = None;
    let again = async || -> Result<Option<MailMessage>> {
        match vestibule.letters().compose(leased, vestibule.now()).await? {
            Composed::Mail(message) => Ok(Some(*message)),
            other => {
                changed = Some(unsent(&other, leased));
                Ok(None)
            }
        }
    };
    let outcome = mailer.send_if_wanted(&message, handover, again).await?;
    Ok(outcome.map(MailOutcome::Tried).or(changed).unwrap_or(MailOutcome::NotWanted))
}

fn unsent(composed: &Composed, leased: &LeasedMail) -> MailOutcome {
    match composed {
        // an expired lease is given back; a row that another worker has leased since is not touched
        Composed::NotOurs => MailOutcome::Unsent(leased.mail.due_at),
        Composed::NotWanted | Composed::Mail(_) => MailOutcome::NotWanted,
    }
}

/// Waits until the process is about to end and the grace time is over. Never returns once the mail itself is being
/// sent.
async fn is_given_up(handover: &Handover, mut stop: watch::Receiver<bool>) {
    stopped(&mut stop).await;
    tokio::time::sleep(GRACE).await;
    if handover.has_begun() {
        // the conversation has its own time limit
        std::future::pending::<()>().await;
    }
}

/// Returns the row after this attempt.
fn settled(leased: &LeasedMail, outcome: SendOutcome, now: Instant) -> Mail {
    let mail = leased.mail.clone();
    match outcome {
        SendOutcome::Sent { response } => {
            Mail { state: MailState::Sent, response: Some(response), sent_at: Some(now), ..mail }
        }
        SendOutcome::Failed { response } => Mail { state: MailState::Failed, response: Some(response), ..mail },
        SendOutcome::Deferred { response, our_fault: true } => {
            let due_at = now + Duration::minutes(OUR_FAULT_MINUTES);
            Mail { state: MailState::Deferred, response: Some(response), due_at, ..mail }
        }
        SendOutcome::Deferred { response, our_fault: false } => {
            match leased.trying.next(mail.attempts, now, rand::random_range(-1.0..=1.0)) {
                Some(due_at) => Mail { state: MailState::Deferred, response: Some(response), due_at, ..mail },
                None => Mail { state: MailState::Failed, response: Some(response), ..mail },
            }
        }
    }
}

/// Returns the row of a mail that is no longer needed. It is not shown as cancelled if it may have arrived.
fn not_wanted(mail: Mail, may_be_out: bool, now: Instant) -> Mail {
    if !may_be_out {
        return Mail { state: MailState::Cancelled, ..mail };
    }
    let words = "It may have arrived: an earlier attempt ended without an answer. It is no longer needed.";
    Mail { state: MailState::Sent, response: Some(words.to_owned()), sent_at: Some(now), ..mail }
}

async fn give_back(vestibule: &Vestibule, mail: &Mail, due_at: Instant) -> Result<()> {
    vestibule.write(async |tx| Ok(tx.mail_leases_mut().give_back(mail, due_at).await?)).await
}

/// Saves the row, the invitation's mail state and the event in one transaction, or nothing when another worker has
/// taken over.
async fn save(vestibule: &Vestibule, mail: &Mail, may_be_out: bool, now: Instant) -> Result<()> {
    let is_ours = vestibule
        .write(async |tx| {
            let Some(id) = mail.organization_id else {
                return Ok(tx.mail_leases_mut().settle(mail, may_be_out).await?);
            };
            let Some((tx, organization)) = tx.lock_organization(id).await? else { return Ok(false) };
            if !tx.mail_leases_mut().settle(mail, may_be_out).await? {
                return Ok(false);
            }
            let Letter::Invitation { invitation_id, generation } = &mail.letter else { return Ok(true) };
            if mail.state != MailState::Cancelled {
                tx.invitations_mut().save_mail_state(*invitation_id, *generation, mail.state).await?;
            }
            if mail.state == MailState::Sent {
                schedule_reminder(tx, &organization, *invitation_id, *generation, now).await?;
            }
            if let Some(fact) = fact(mail) {
                tx.record(now, &Actor::System, (Some(*invitation_id), None), &fact).await?;
            }
            Ok(true)
        })
        .await?;
    if is_ours {
        metrics::mail_settled(mail.state);
    }
    Ok(())
}

/// Returns the event for a finished mail.
fn fact(mail: &Mail) -> Option<Fact> {
    let response = mail.response.clone().unwrap_or_default();
    match mail.state {
        MailState::Sent => Some(Fact::InvitationSent { response }),
        MailState::Failed => Some(Fact::InvitationDeliveryFailed { response }),
        MailState::Queued | MailState::Deferred | MailState::Cancelled | MailState::LinkOnly | MailState::Held => None,
    }
}
