//! What is done to invitations, in words. Forms and functions use the same.

use super::{Caller, EditForm, refused::at_field};
use crate::changes::Done;
use futures::FutureExt;
use vestibule_core::service::Result;
use vestibule_domain::number::plural;
use vestibule_domain::{ActId, InvitationId, Tally, UndoOutcome, Undone, UndoneChange};

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
            let tally = Tally::of(&invitations.resend_many(&caller.scope, ids).await?);
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
            let tally = Tally::of(&invitations.revoke_many(&caller.scope, ids).await?);
            Ok(done(caller, tally.done > 0, revoked_many(tally)))
        }
    }
}

/// Edits the invitations that the form names. An edit that changes nothing has nothing to take back.
pub async fn edit(caller: &Caller, form: &EditForm) -> Result<Done> {
    let (invitations, edit) = (caller.vestibule.invitations(), form.edit());
    let tally = match form.id.read().as_slice() {
        [id] => {
            invitations.edit(&caller.scope, *id, &edit).boxed().await.map_err(at_field)?;
            Tally { done: 1, ..Tally::default() }
        }
        ids => Tally::of(&invitations.edit_many(&caller.scope, ids, &edit).boxed().await.map_err(at_field)?),
    };
    let edited = Edited::of(caller, tally.done).await;
    let (title, text) = edited_many(edited, tally);
    Ok(Done { title, text, act: edited.act })
}

/// How many invitations an edit has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edited {
    pub count: u64,
    /// How many of them have another link since.
    pub new_links: u64,
    /// The act that can be taken back.
    pub act: Option<ActId>,
}

impl Edited {
    /// Returns what the caller has edited just now. If that can't be read any more, it is `most`, and can't be taken
    /// back.
    pub async fn of(caller: &Caller, most: u64) -> Self {
        let Some(act) = caller.scope.act() else { return Self { count: most, ..Self::default() } };
        match caller.vestibule.invitations().undoable(&caller.scope, act).boxed().await {
            Ok(Some(act)) => Self { count: act.invitations, new_links: act.new_links, act: Some(act.id) },
            Ok(None) => Self::default(),
            Err(_) => Self { count: most, ..Self::default() },
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

/// Says how many invitations were edited, and what their links are.
pub fn edited(count: u64, new_links: u64) -> Words {
    let title = match count {
        0 => "Nothing was changed".to_owned(),
        1 => "Invitation updated".to_owned(),
        count => format!("{} updated", plural(count, "invitation", "invitations")),
    };
    (title, links_of_edited(count, new_links))
}

fn edited_many(edits: Edited, tally: Tally) -> Words {
    if tally == Tally::default() {
        return ("Nothing was changed".to_owned(), "Select open invitations in the list first.".to_owned());
    }
    let (title, links) = edited(edits.count, edits.new_links);
    let same = match tally.done.saturating_sub(edits.count) {
        1 if tally == (Tally { done: 1, ..Tally::default() }) => "It is already like that.".to_owned(),
        same => unchanged(same),
    };
    let text: Vec<String> = [links, same, left_out(tally)].into_iter().filter(|part| !part.is_empty()).collect();
    (title, text.join(" "))
}

/// Returns the sentence about the links of edited invitations. One that gives more has a new link if no mail proves
/// whose it is.
fn links_of_edited(count: u64, new_links: u64) -> String {
    let words = match (count, new_links) {
        (0, _) => "",
        (1, 0) => "The link stays the same, and shows what is offered now.",
        (_, 0) => "Their links stay the same, and show what is offered now.",
        (1, _) => "It gives more than before, so it has a new link. Copy it and hand it over yourself.",
        (_, 1) => "1 gives more than before, so it has a new link. Copy it from its page and hand it over yourself.",
        (_, more) => {
            return format!(
                "{more} give more than before, so they have new links. Copy each from its page and hand it over yourself."
            );
        }
    };
    words.to_owned()
}

/// Returns the sentence about invitations that already were as they should be.
fn unchanged(count: u64) -> String {
    match count {
        0 => String::new(),
        1 => "1 was already like that.".to_owned(),
        more => format!("{more} were already like that."),
    }
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
        (UndoOutcome::Conflict, "the email address has another invitation or belongs to a member"),
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
fn left_out(Tally { closed, forbidden, changed, .. }: Tally) -> String {
    let closed = match closed {
        0 => String::new(),
        1 => "1 was already closed and stays as it is.".to_owned(),
        more => format!("{more} were already closed and stay as they are."),
    };
    let forbidden = match forbidden {
        0 => String::new(),
        1 => "1 gives more than you can give, and stays as it is. Ask an owner.".to_owned(),
        more => format!("{more} give more than you can give, and stay as they are. Ask an owner."),
    };
    let changed = match changed {
        0 => String::new(),
        1 => "Somebody has changed 1 since you opened the form, and it stays as it is. Look again.".to_owned(),
        more => {
            format!("Somebody has changed {more} since you opened the form, and they stay as they are. Look again.")
        }
    };
    [closed, forbidden, changed].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" ")
}
