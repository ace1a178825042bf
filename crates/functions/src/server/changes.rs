//! What is done to invitations, in words. Forms and functions use the same.

use super::Caller;
use crate::changes::Done;
use vestibule_core::service::Result;
use vestibule_domain::number::{grouped, plural};
use vestibule_domain::{InvitationId, Tally, UndoOutcome, Undone, UndoneChange, Violation, bounds::MAX_VALUES};

/// The most invitations that can be selected one by one.
const MOST_SELECTED: usize = 500;

/// A title, and the text below it.
pub type Words = (String, String);

/// Resends one invitation, or several of which each has an outcome of its own.
pub async fn resend(caller: &Caller, ids: &[InvitationId]) -> Result<Done> {
    let invitations = caller.vestibule.invitations();
    match ids {
        [id] => {
            let invitation = invitations.resend(&caller.scope, *id).await?;
            Ok(done(caller, true, resent(invitation.email.as_str(), caller.vestibule.has_mail_server())))
        }
        ids => {
            let mut tally = Tally::default();
            for part in parts(ids)? {
                tally = tally.and(Tally::of(&invitations.resend_many(&caller.scope, part).await?));
            }
            Ok(done(caller, tally.done > 0, resent_many(tally)))
        }
    }
}

/// Revokes one invitation, or several of which each has an outcome of its own.
pub async fn revoke(caller: &Caller, ids: &[InvitationId]) -> Result<Done> {
    let invitations = caller.vestibule.invitations();
    match ids {
        [id] => Ok(done(caller, true, revoked(&invitations.revoke(&caller.scope, *id).await?.invitee()))),
        ids => {
            let mut tally = Tally::default();
            for part in parts(ids)? {
                tally = tally.and(Tally::of(&invitations.revoke_many(&caller.scope, part).await?));
            }
            Ok(done(caller, tally.done > 0, revoked_many(tally)))
        }
    }
}

/// Splits what was selected, on several pages of the list, into what one use case takes. Rejects what takes longer than a
/// person waits.
fn parts(ids: &[InvitationId]) -> Result<impl Iterator<Item = &[InvitationId]>> {
    match ids.len() {
        0..=MOST_SELECTED => Ok(ids.chunks(MAX_VALUES)),
        count => {
            let sentence = format!(
                "Select at most {MOST_SELECTED} at once, or all that match. There are {}.",
                grouped(count as u64)
            );
            Err(Violation::new("ids", "too_many", sentence).into())
        }
    }
}

fn done(caller: &Caller, has_changed: bool, (title, text): Words) -> Done {
    Done { title, text, act: caller.scope.act().filter(|_| has_changed) }
}

pub fn resent(address: &str, has_mail_server: bool) -> Words {
    match has_mail_server {
        true => ("Resent. The earlier link no longer works".to_owned(), format!("A new email goes to {address}.")),
        false => (
            "There is a new link. The earlier one no longer works".to_owned(),
            "Copy it and hand it over yourself.".to_owned(),
        ),
    }
}

pub fn resent_many(tally: Tally) -> Words {
    let rest = format!("{} {}", left_out(tally), held_back(tally.limited));
    (format!("{} resent", plural(tally.done, "invitation", "invitations")), rest.trim().to_owned())
}

pub fn revoked(name: &str) -> Words {
    (format!("Invitation to {name} revoked"), "The link no longer works.".to_owned())
}

pub fn revoked_many(tally: Tally) -> Words {
    (format!("{} revoked", plural(tally.done, "invitation", "invitations")), left_out(tally))
}

/// Says what was taken back, and what was not and why.
pub fn undone(undone: &Undone) -> Done {
    let count = |outcome| undone.count(outcome) as u64;
    let title = match count(UndoOutcome::Done) {
        0 => "Nothing was undone".to_owned(),
        1 if undone.results.len() == 1 => "Undone".to_owned(),
        done => format!("{} undone", plural(done, "invitation", "invitations")),
    };
    let reasons = [
        (UndoOutcome::TooLate, "it was too late"),
        (UndoOutcome::Changed, "something has changed since"),
        (UndoOutcome::Conflict, "the address has another invitation or is a member’s"),
        (UndoOutcome::Forbidden, "the invitation gives more than you can give"),
    ];
    let others = reasons.iter().filter(|(outcome, _)| count(*outcome) > 0);
    let others = others.map(|(outcome, reason)| format!("{} not: {reason}.", count(*outcome)));
    let what = (count(UndoOutcome::Done) > 0).then(|| back(undone.change).to_owned());
    let text = what.into_iter().chain(others).collect::<Vec<_>>().join(" ");
    Done { title, text, act: None }
}

fn back(change: UndoneChange) -> &'static str {
    match change {
        UndoneChange::Revoked => "The link works again.",
        UndoneChange::Resent => "The earlier link works again, and no new email is sent.",
        UndoneChange::Edited => "The invitation is as it was before.",
    }
}

/// Returns the sentence about invitations that a rate limit refused.
fn held_back(limited: u64) -> String {
    match limited {
        0 => String::new(),
        1 => "1 has been sent too often. Resend it later.".to_owned(),
        more => format!("{more} have been sent too often. Resend them later."),
    }
}

/// Returns the sentences about invitations that were already closed, or that offer more than the user can grant.
fn left_out(Tally { closed, forbidden, .. }: Tally) -> String {
    let closed = match closed {
        0 => String::new(),
        1 => "1 was closed already and stays as it is.".to_owned(),
        more => format!("{more} were closed already and stay as they are."),
    };
    let forbidden = match forbidden {
        0 => String::new(),
        1 => "1 gives more than you can give, and stays as it is. Ask an owner.".to_owned(),
        more => format!("{more} give more than you can give, and stay as they are. Ask an owner."),
    };
    format!("{closed} {forbidden}").trim().to_owned()
}
