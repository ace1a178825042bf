//! One mail: composed, sent outside any transaction, and what came of it saved.
//!
//! At least once: a process that dies between the server's "250" and our commit leaves a row whose lease lapses, and
//! the next worker sends the mail again under the same Message-ID. A process that lives repeats nothing.

use super::saving::until_saved;
use super::supervise::stopped;
use crate::mail::{Handover, Message};
use crate::service::{Composed, Result, Vestibule, schedule_reminder};
use chrono::Duration;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::watch;
use vestibule_domain::{Actor, Delivery, Fact, Instant, Letter, Mail, MailState};
use vestibule_store::LeasedMail;
use vestibule_telemetry::metrics;

/// A mail that our own configuration holds up is tried again after this many minutes, for as long as it takes.
const OUR_FAULT_MINUTES: i64 = 10;
/// A mail that could not be composed, as the database failed, is tried again after this many seconds.
const NOT_COMPOSED_SECONDS: i64 = 5;
/// When the process is to end, a conversation that has not come to the mail itself by then is given up: so it was never
/// sent, and the next process sends it. One that has come so far is waited for.
const GRACE: std::time::Duration = std::time::Duration::from_secs(5);

/// What came of it.
#[derive(Clone, Debug)]
enum Outcome {
    Tried(Delivery),
    /// It is not needed any more.
    NotWanted,
    /// It was not sent, and is due again then.
    Unsent(Instant),
}

/// Sends it, and returns when what came of it is saved.
pub async fn send(vestibule: Arc<Vestibule>, leased: LeasedMail, stop: watch::Receiver<bool>) {
    let handover = Handover::default();
    let trying = AssertUnwindSafe(attempt(&vestibule, &leased, &handover, stop)).catch_unwind();
    let outcome = trying.await.unwrap_or_else(|_| {
        tracing::error!(mail.id = %leased.mail.id, "Sending a mail has panicked");
        let response = "Something went wrong here while it was being sent. The log says what.".to_owned();
        Outcome::Tried(Delivery::Deferred { response, our_fault: false })
    });
    let now = vestibule.now();
    // a mail may be out although nobody said so
    let may_be_out = handover.is_uncertain() || leased.may_be_out;
    let settled = match outcome {
        Outcome::Unsent(due_at) => {
            return until_saved("send_mail", || give_back(&vestibule, &leased.mail, due_at)).await;
        }
        Outcome::NotWanted => not_wanted(leased.mail, may_be_out, now),
        Outcome::Tried(delivery) => settled(&leased, delivery, now),
    };
    until_saved("send_mail", || save(&vestibule, &settled, may_be_out, now)).await;
}

async fn attempt(
    vestibule: &Vestibule,
    leased: &LeasedMail,
    handover: &Handover,
    stop: watch::Receiver<bool>,
) -> Outcome {
    let (now, due_at) = (vestibule.now(), leased.mail.due_at);
    let tried = tokio::select! {
        tried = compose_and_send(vestibule, leased, handover) => tried,
        () = is_given_up(handover, stop) => return Outcome::Unsent(due_at),
    };
    tried.unwrap_or_else(|error| {
        super::log_failure::<()>("send_mail", Err(&error));
        Outcome::Unsent(now + Duration::seconds(NOT_COMPOSED_SECONDS))
    })
}

async fn compose_and_send(vestibule: &Vestibule, leased: &LeasedMail, handover: &Handover) -> Result<Outcome> {
    let Some(mailer) = &vestibule.mailer else { return Ok(Outcome::Unsent(leased.mail.due_at)) };
    let message = match vestibule.compose(leased, vestibule.now()).await? {
        Composed::Mail(message) => message,
        other => return Ok(unsent(&other, leased)),
    };
    let mut changed = None;
    let again = async || -> Result<Option<Message>> {
        match vestibule.compose(leased, vestibule.now()).await? {
            Composed::Mail(message) => Ok(Some(*message)),
            other => {
                changed = Some(unsent(&other, leased));
                Ok(None)
            }
        }
    };
    let delivery = mailer.send_if_wanted(&message, handover, again).await?;
    Ok(delivery.map(Outcome::Tried).or(changed).unwrap_or(Outcome::NotWanted))
}

fn unsent(composed: &Composed, leased: &LeasedMail) -> Outcome {
    match composed {
        // a lapsed lease is given back, and what another worker has by now stays with it
        Composed::NotOurs => Outcome::Unsent(leased.mail.due_at),
        Composed::NotWanted | Composed::Mail(_) => Outcome::NotWanted,
    }
}

/// Returns when the process is to end and the mail itself has not been begun in time.
async fn is_given_up(handover: &Handover, mut stop: watch::Receiver<bool>) {
    stopped(&mut stop).await;
    tokio::time::sleep(GRACE).await;
    if handover.has_begun() {
        // for as long as a conversation may take
        std::future::pending::<()>().await;
    }
}

/// The row as the try left it.
fn settled(leased: &LeasedMail, delivery: Delivery, now: Instant) -> Mail {
    let mail = leased.mail.clone();
    match delivery {
        Delivery::Sent { response } => {
            Mail { state: MailState::Sent, response: Some(response), sent_at: Some(now), ..mail }
        }
        Delivery::Failed { response } => Mail { state: MailState::Failed, response: Some(response), ..mail },
        Delivery::Deferred { response, our_fault: true } => {
            let due_at = now + Duration::minutes(OUR_FAULT_MINUTES);
            Mail { state: MailState::Deferred, response: Some(response), due_at, ..mail }
        }
        Delivery::Deferred { response, our_fault: false } => {
            match leased.trying.next(mail.attempts, now, rand::random_range(-1.0..=1.0)) {
                Some(due_at) => Mail { state: MailState::Deferred, response: Some(response), due_at, ..mail },
                None => Mail { state: MailState::Failed, response: Some(response), ..mail },
            }
        }
    }
}

/// What may have arrived must not read as if it had been stopped.
fn not_wanted(mail: Mail, may_be_out: bool, now: Instant) -> Mail {
    if !may_be_out {
        return Mail { state: MailState::Cancelled, ..mail };
    }
    let words = "It may have arrived: an earlier try ended without an answer. It is not needed any more.";
    Mail { state: MailState::Sent, response: Some(words.to_owned()), sent_at: Some(now), ..mail }
}

async fn give_back(vestibule: &Vestibule, mail: &Mail, due_at: Instant) -> Result<()> {
    vestibule.write(async |tx| Ok(tx.give_back_mail(mail, due_at).await?)).await
}

/// The row, the invitation's mail state and the event, together; nothing when another worker has taken over.
async fn save(vestibule: &Vestibule, mail: &Mail, may_be_out: bool, now: Instant) -> Result<()> {
    let is_ours = vestibule
        .write(async |tx| {
            let Some(id) = mail.organization_id else { return Ok(tx.settle_mail(mail, may_be_out).await?) };
            let Some((tx, organization)) = tx.lock_organization(id).await? else { return Ok(false) };
            if !tx.settle_mail(mail, may_be_out).await? {
                return Ok(false);
            }
            let Letter::Invitation { invitation_id, generation } = &mail.letter else { return Ok(true) };
            if mail.state != MailState::Cancelled {
                tx.save_mail_state(*invitation_id, *generation, mail.state).await?;
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

/// What the timeline tells of a finished mail.
fn fact(mail: &Mail) -> Option<Fact> {
    let response = mail.response.clone().unwrap_or_default();
    match mail.state {
        MailState::Sent => Some(Fact::InvitationSent { response }),
        MailState::Failed => Some(Fact::InvitationDeliveryFailed { response }),
        MailState::Queued | MailState::Deferred | MailState::Cancelled | MailState::LinkOnly | MailState::Held => None,
    }
}
