//! Undo: what somebody in the portal did to invitations a moment ago is taken back, and each is as it was, with the same
//! link.

use super::{edit::changes, find::inviter_name, limits::charges_of_resend, own, schedule_reminder};
use crate::service::{
    Conflict, Error, InvitationConflict, NotFound, RequestConflict, Result, Scope, power::inviter_may, subject,
};
use vestibule_domain::{
    ActId, ActRecord, Change, Changeable, Fact, Instant, Invitation, InvitationId, Letter, Mail, MailState, NotUndone,
    Permission, Role, State, UndoOutcome, UndoResult, UndoableAct, Undone, UndoneChange, UserId, undo::UNDO_FOR,
};
use vestibule_store::{LockedTx, Snapshot};

/// An invitation as it is before an act, if the act can be undone.
pub(super) struct Undoable(Option<Before>);

struct Before {
    act_id: ActId,
    user_id: UserId,
    invitation: Changeable,
    remind_at: Option<Instant>,
}

impl Undoable {
    /// Remembers how the invitation is before the scope changes it. Does nothing for a scope without an act.
    pub async fn before(tx: &mut Snapshot, scope: &Scope, invitation: &Invitation) -> Result<Self> {
        let (Some(act_id), Some(member)) = (scope.act(), scope.member()) else { return Ok(Self(None)) };
        let remind_at = tx.reminders().of(invitation.id).await?;
        let invitation = Changeable::of(invitation);
        Ok(Self(Some(Before { act_id, user_id: member.user_id, invitation, remind_at })))
    }

    /// Keeps what is needed to undo the change. Its event must be the last one that was recorded.
    pub async fn keep(self, tx: &mut LockedTx, change: UndoneChange, after: &Invitation, now: Instant) -> Result<()> {
        let Some(Before { act_id, user_id, invitation, remind_at }) = self.0 else { return Ok(()) };
        let organization_id = tx.organization_id();
        let record = ActRecord {
            act_id,
            organization_id,
            invitation_id: after.id,
            user_id,
            change,
            before: invitation,
            after: Changeable::of(after),
            remind_at,
            event_number: tx.events().last(organization_id).await?,
            done_at: now,
        };
        Ok(tx.acts_mut().add(&record).await?)
    }
}

impl subject::Invitations<'_> {
    /// Returns when a mail with a new link is due: at once, or once this can't be undone any more. Without a mail
    /// server nothing is sent, so nothing waits.
    pub(super) fn mail_due(self, scope: &Scope, now: Instant) -> Instant {
        if scope.act().is_some() && self.0.has_mail_server() { now + UNDO_FOR } else { now }
    }

    /// Returns what the caller can still take back of this act. Returns `None` for an act of somebody else, one that was
    /// too long ago or was taken back, and one that changed nothing.
    pub async fn undoable(self, scope: &Scope, act_id: ActId) -> Result<Option<UndoableAct>> {
        let now = self.now();
        let records = self.records(scope, act_id).await?;
        let until = records.iter().map(ActRecord::until).min().filter(|until| now <= *until);
        let change = records.first().map(|record| record.change);
        let new_links = records.iter().filter(|record| record.has_new_link()).count() as u64;
        Ok(until.zip(change).map(|(until, change)| UndoableAct {
            id: act_id,
            change,
            invitations: records.len() as u64,
            new_links,
            until,
        }))
    }

    /// Takes back what the caller did in this act, each invitation in a transaction of its own, and returns the result
    /// for each. Returns `NotFound::Act` for an act of somebody else or of another organization, and for one that was
    /// taken back; returns `TooLate` if all of it was done more than ten seconds ago. If it is interrupted, calling it
    /// again continues.
    pub async fn undo(self, scope: &Scope, act_id: ActId) -> Result<Undone> {
        let now = self.now();
        scope.require(Permission::UserInvite)?;
        scope.check_text()?;
        let records = self.records(scope, act_id).await?;
        let change = records.first().ok_or(NotFound::Act)?.change;
        if records.iter().all(|record| now > record.until()) {
            return Err(InvitationConflict::TooLate.into());
        }
        let mut results = Vec::new();
        for ActRecord { invitation_id: id, .. } in records {
            let name = self.name_of(scope, id).await?;
            let outcome = outcome(self.undo_one(scope, act_id, id, now).await)?;
            results.push(UndoResult { id, name, outcome });
        }
        // somebody else's click was faster
        if results.iter().all(|result| result.outcome == UndoOutcome::Missing) {
            return Err(NotFound::Act.into());
        }
        Ok(Undone { change, results })
    }

    async fn records(self, scope: &Scope, act_id: ActId) -> Result<Vec<ActRecord>> {
        let Some(member) = scope.member() else { return Ok(Vec::new()) };
        self.read(async |tx| Ok(tx.acts().of(scope.organization().id, member.user_id, act_id).await?)).await
    }

    async fn undo_one(self, scope: &Scope, act_id: ActId, id: InvitationId, now: Instant) -> Result<Invitation> {
        self.write_in(scope, Some(Permission::UserInvite), async |tx, scope| {
            let record = tx.acts().get(act_id, id).await?.ok_or(NotFound::Act)?;
            let present = own(tx, scope, id).await?;
            let before = record.take_back(present.clone(), now)?;
            if tx.acts().is_overtaken(&record).await? {
                return Err(RequestConflict::Changed.into());
            }
            scope.require_offer(tx, &present).await?;
            scope.require_offer(tx, &before).await?;
            check_possible(tx, &before).await?;
            let back = with_inviter(tx, scope, before.clone()).await?;
            let back = with_mail(tx, &present, back, now).await?;
            let mut changes = changes(tx, &present, &back).await?;
            changes.extend(inviter_change(tx, &before, &back).await?);
            save(tx, &record, present.generation, &back).await?;
            let (change, status) = (record.change, back.state.recorded());
            let fact = Fact::InvitationChangeUndone { change, status, generation: back.generation, changes };
            tx.record(now, &scope.actor(), (Some(id), None), &fact).await?;
            if record.change == UndoneChange::Resent {
                self.0.limits().give_back(tx, &charges_of_resend(scope, &present)).await?;
            }
            let was_replaced = back.generation != present.generation;
            // it was sent while another link was the present one
            if was_replaced && before.mail_state != MailState::Sent && back.mail_state == MailState::Sent {
                schedule_reminder(tx, scope.organization(), id, back.generation, now).await?;
            }
            Ok(back)
        })
        .await
    }
}

/// Saves the invitation as it was, and forgets the act, which can't be undone twice.
async fn save(tx: &mut LockedTx, record: &ActRecord, generation: u32, back: &Invitation) -> Result<()> {
    let taken = tx.acts_mut().take(record).await?;
    if !taken || !tx.invitations_mut().take_back(back, generation, record.remind_at).await? {
        return Err(RequestConflict::Changed.into());
    }
    Ok(())
}

/// Converts the result for one invitation. Errors that don't concern this invitation remain errors.
fn outcome(undone: Result<Invitation>) -> Result<UndoOutcome> {
    match undone {
        Ok(_) => Ok(UndoOutcome::Done),
        Err(
            Error::NotFound(NotFound::Act | NotFound::Invitation)
            | Error::Conflict(Conflict::Invitation(InvitationConflict::Erased)),
        ) => Ok(UndoOutcome::Missing),
        Err(Error::Conflict(Conflict::Invitation(InvitationConflict::TooLate))) => Ok(UndoOutcome::TooLate),
        Err(Error::Conflict(Conflict::Request(RequestConflict::Changed))) => Ok(UndoOutcome::Changed),
        Err(Error::Conflict(Conflict::Invitation(
            InvitationConflict::AlreadyInvited(_) | InvitationConflict::AlreadyMember,
        ))) => Ok(UndoOutcome::Conflict),
        Err(Error::Conflict(Conflict::Invitation(InvitationConflict::BeyondLimit))) => Ok(UndoOutcome::Forbidden),
        // the scope may invite, so what this invitation offers must be too much
        Err(Error::Forbidden(permission)) if permission != Permission::UserInvite => Ok(UndoOutcome::Forbidden),
        Err(error) => Err(error),
    }
}

impl From<NotUndone> for Error {
    fn from(refused: NotUndone) -> Self {
        match refused {
            NotUndone::TooLate => InvitationConflict::TooLate.into(),
            NotUndone::Changed => RequestConflict::Changed.into(),
            NotUndone::Erased => InvitationConflict::Erased.into(),
        }
    }
}

/// Rejects an invitation that can't be as it was: its address is somebody's now, or has another open invitation, or its
/// roles or resources are gone.
async fn check_possible(tx: &mut Snapshot, before: &Invitation) -> Result<()> {
    if before.state != State::Pending {
        return Ok(());
    }
    let (id, address) = (before.organization_id, before.email.as_str());
    if let Some(open) = tx.invitations().open(id, address).await?.filter(|open| open.id != before.id) {
        return Err(InvitationConflict::AlreadyInvited(open.id).into());
    }
    if tx.members().roles_of_address(id, address).await?.is_some() {
        return Err(InvitationConflict::AlreadyMember.into());
    }
    if !offers_what_exists(tx, before).await? {
        return Err(RequestConflict::Changed.into());
    }
    Ok(())
}

async fn offers_what_exists(tx: &mut Snapshot, before: &Invitation) -> Result<bool> {
    let roles: Vec<Role> = tx.roles().all(before.organization_id).await?;
    if !before.role_ids.iter().all(|id| roles.iter().any(|role| role.id == *id)) {
        return Ok(false);
    }
    for id in &before.resource_ids {
        if tx.resources().get(before.organization_id, *id).await?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns the invitation with an inviter who can give what it offers: if the earlier one can't any more or is gone, the
/// scope becomes the inviter, as with an edit.
async fn with_inviter(tx: &mut Snapshot, scope: &Scope, before: Invitation) -> Result<Invitation> {
    let all = tx.roles().all(before.organization_id).await?;
    let may = inviter_may(tx, &before, &all).await?;
    Ok(if may { before } else { Invitation { inviter: scope.inviter()?, ..before } })
}

/// Returns the change of the inviter, if the earlier one is not back.
async fn inviter_change(tx: &mut Snapshot, before: &Invitation, back: &Invitation) -> Result<Option<Change>> {
    if before.inviter == back.inviter {
        return Ok(None);
    }
    let from = match inviter_name(tx, before).await {
        Ok(name) => name.to_string(),
        // the account is gone
        Err(Error::NotFound(_)) => String::new(),
        Err(error) => return Err(error),
    };
    let to = inviter_name(tx, back).await?.to_string();
    Ok(Some(Change { field: "inviter".into(), from, to }))
}

/// Cancels the mails with the link that is taken back, revives those with the link that works again, and returns the
/// invitation with the state that its mail has now. Returns `TooLate` if a worker has had one of the former in its
/// hands: it may have been sent.
async fn with_mail(tx: &mut LockedTx, present: &Invitation, back: Invitation, now: Instant) -> Result<Invitation> {
    let mails = tx.mails().of_invitation(back.id).await?;
    let (undone, own) = (links(&mails, |link| link > back.generation), links(&mails, |link| link == back.generation));
    if present.generation != back.generation {
        for mail in undone.iter().filter(|mail| mail.state != MailState::Cancelled) {
            if !tx.mails_mut().recall(mail.id).await? {
                return Err(InvitationConflict::TooLate.into());
            }
        }
    }
    let newest = own.iter().find(|mail| matches!(mail.letter, Letter::Invitation { .. }));
    let mail_state = match newest.map(|mail| mail.state) {
        None => back.mail_state,
        Some(MailState::Cancelled) if back.is_pending(now) => MailState::Queued,
        Some(MailState::Cancelled) => back.mail_state,
        Some(state) => state,
    };
    if back.is_pending(now) {
        for mail in own.iter().filter(|mail| mail.state == MailState::Cancelled) {
            tx.mails_mut().revive(mail.id, now).await?;
        }
    }
    Ok(Invitation { mail_state, ..back })
}

/// Returns the mails whose link has such a number.
fn links(mails: &[Mail], is_meant: impl Fn(u32) -> bool) -> Vec<&Mail> {
    let number = |mail: &Mail| match mail.letter {
        Letter::Invitation { generation, .. } | Letter::Reminder { generation, .. } => Some(generation),
        _ => None,
    };
    mails.iter().filter(|mail| number(mail).is_some_and(&is_meant)).collect()
}
