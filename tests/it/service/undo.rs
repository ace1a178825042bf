//! What somebody in the portal has just done is taken back, and each invitation is as it was.

use crate::harness::{Acme, Database, PASSWORD, Receiver, Setup, TestApp};
use crate::webhooks::{actions, body};
use chrono::Duration;
use futures::future::join_all;
use serde_json::json;
use vestibule_core::service::{
    Conflict, Error, InvitationConflict, MemberEdit, NewInvitation, NotFound, OrganizationEdit, Result, Scope,
};
use vestibule_core::worker;
use vestibule_domain::token::{Channel, LinkClaims};
use vestibule_domain::{
    ActId, BulkOutcome, Change, Fact, Invitation, InvitationEdit, InvitationId, Inviter, MailState, Permission, State,
    Status, UndoOutcome, UndoableAct, Undone, UndoneChange, undo::UNDO_FOR,
};
use vestibule_store::Store;

const GRACE: &str = "grace@example.com";
const UNDONE: &str = "invitation.change_undone";

/// Somebody at the portal, who can take back what they do now.
fn acting(app: &TestApp, at: &Acme) -> Scope {
    at.scope.clone().undoable(app.vestibule.now())
}

fn act(scope: &Scope) -> ActId {
    scope.act().unwrap()
}

async fn undo(app: &TestApp, scope: &Scope) -> Result<Undone> {
    app.vestibule.invitations().undo(scope, act(scope)).await
}

/// Takes back an act on one invitation.
async fn undo_one(app: &TestApp, scope: &Scope) -> UndoOutcome {
    let undone = undo(app, scope).await.unwrap();
    assert_eq!(undone.results.len(), 1, "{undone:?}");
    undone.results[0].outcome
}

fn is_unknown<T: std::fmt::Debug>(refused: &Result<T>) -> bool {
    matches!(refused, Err(Error::NotFound(NotFound::Act)))
}

fn is_late<T: std::fmt::Debug>(refused: &Result<T>) -> bool {
    matches!(refused, Err(Error::Conflict(Conflict::Invitation(InvitationConflict::TooLate))))
}

/// Grace is invited, and the mail is sent.
async fn invited(app: &TestApp, at: &Acme) -> InvitationId {
    let id = app.invites(at, GRACE).await;
    app.settle().await;
    id
}

fn token(app: &TestApp, invitation_id: InvitationId, generation: u32) -> String {
    let claims = LinkClaims { invitation_id, generation, channel: Channel::Mail };
    app.signing_keys.token(claims).as_str().to_owned()
}

async fn accept(app: &TestApp, token: &str) -> Result<()> {
    let acceptance_session = app.vestibule.acceptance().open(token).await?;
    app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD).await.map(drop)
}

fn is_replaced(refused: &Result<()>) -> bool {
    matches!(refused, Err(Error::Conflict(Conflict::Invitation(InvitationConflict::Replaced))))
}

fn message(text: &str) -> InvitationEdit {
    InvitationEdit { message: Some(text.into()), ..InvitationEdit::default() }
}

fn note(text: &str) -> InvitationEdit {
    let private_metadata = json!({ "note": text }).as_object().cloned();
    InvitationEdit { private_metadata, ..InvitationEdit::default() }
}

async fn set_reminder(app: &TestApp, at: &Acme) {
    let edit = OrganizationEdit { reminder_days: Some(Some(3)), ..OrganizationEdit::default() };
    app.vestibule.organizations().edit(&at.scope, &edit).await.unwrap();
}

async fn count(app: &TestApp, at: &Acme, id: InvitationId, action: &str) -> usize {
    app.actions(at, id).await.iter().filter(|name| **name == action).count()
}

/// The invitation without what it remembers of links that were taken back.
fn plain(invitation: Invitation) -> Invitation {
    Invitation { last_generation: None, ..invitation }
}

both! {
    async fn a_revoked_invitation_is_back_with_the_same_link(app) {
        let acme = app.organization("Acme").await;
        let id = invited(&app, &acme).await;
        let (before, link) = (app.invitation(&acme, id).await, app.mailed_token(GRACE));
        let scope = acting(&app, &acme);
        app.vestibule.invitations().revoke(&scope, id).await.unwrap();
        assert!(matches!(accept(&app, &link).await, Err(Error::Closed(Status::Revoked))), "at once");
        app.advance(UNDO_FOR);
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        assert_eq!(app.invitation(&acme, id).await, before);
        let undone = Fact::InvitationChangeUndone { change: UndoneChange::Revoked, status: Status::Pending, generation: 1, changes: vec![] };
        assert_eq!(app.facts(&acme, UNDONE).await, [undone]);
        assert_eq!(app.count("select count(*) from acts").await, 0);
        app.settle().await;
        assert_eq!(app.inbox(GRACE).len(), 1);
        accept(&app, &link).await.unwrap();
    }

    async fn a_resend_that_is_taken_back_mails_nothing_and_the_earlier_link_works(app) {
        let acme = app.organization("Acme").await;
        let id = invited(&app, &acme).await;
        let (before, link) = (app.invitation(&acme, id).await, app.mailed_token(GRACE));
        app.advance(Duration::days(1));
        let scope = acting(&app, &acme);
        let resent = app.vestibule.invitations().resend(&scope, id).await.unwrap();
        assert_eq!((resent.generation, resent.mail_state), (2, MailState::Queued));
        app.advance(Duration::seconds(5));
        app.settle().await;
        assert!(is_replaced(&accept(&app, &link).await), "at once");
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        let back = app.invitation(&acme, id).await;
        assert_eq!((plain(back.clone()), back.last_generation), (before.clone(), Some(2)));
        app.advance(Duration::minutes(1));
        app.settle().await;
        assert_eq!(app.inbox(GRACE).len(), 1);
        let mails = app.vestibule.invitations().detail(&acme.scope, id).await.unwrap().mails;
        assert_eq!(mails.iter().map(|mail| mail.state).collect::<Vec<_>>(), [MailState::Cancelled, MailState::Sent]);
        let undone = Fact::InvitationChangeUndone {
            change: UndoneChange::Resent,
            status: Status::Pending,
            generation: 1,
            changes: vec![Change { field: "expires_at".into(), from: resent.expires_at.to_rfc3339(), to: before.expires_at.to_rfc3339() }],
        };
        assert_eq!(app.facts(&acme, UNDONE).await, [undone]);
        assert!(is_replaced(&accept(&app, &token(&app, id, 2)).await));
        accept(&app, &link).await.unwrap();
    }

    async fn a_resend_that_is_not_taken_back_is_mailed_after_ten_seconds(app) {
        let acme = app.organization("Acme").await;
        let id = invited(&app, &acme).await;
        let scope = acting(&app, &acme);
        app.vestibule.invitations().resend(&scope, id).await.unwrap();
        app.advance(UNDO_FOR - Duration::microseconds(1));
        app.settle().await;
        assert_eq!(app.inbox(GRACE).len(), 1);
        app.advance(Duration::microseconds(1));
        app.settle().await;
        assert_eq!(app.inbox(GRACE).len(), 2);
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::TooLate, "the mail was quicker");
        assert_eq!(app.facts(&acme, UNDONE).await, []);
        accept(&app, &app.mailed_token(GRACE)).await.unwrap();
    }

    async fn a_link_that_was_taken_back_is_never_made_again(app) {
        let acme = app.organization("Acme").await;
        let id = invited(&app, &acme).await;
        for generation in [2, 3] {
            let scope = acting(&app, &acme);
            let resent = app.vestibule.invitations().resend(&scope, id).await.unwrap();
            assert_eq!(resent.generation, generation);
            assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        }
        app.vestibule.invitations().edit(&acme.scope, id, &message("Welcome")).await.unwrap();
        let resent = app.vestibule.invitations().resend(&acme.scope, id).await.unwrap();
        assert_eq!((resent.generation, resent.last_generation), (4, None));
        app.settle().await;
        for generation in 1..=3 {
            assert!(is_replaced(&accept(&app, &token(&app, id, generation)).await), "link {generation}");
        }
        assert_eq!(app.mailed_token(GRACE), token(&app, id, 4));
        accept(&app, &token(&app, id, 4)).await.unwrap();
    }

    async fn an_edit_is_undone_whole(app) {
        let acme = app.organization("Acme").await;
        let (garden, orchard) = (app.resource(&acme, "Garden").await, app.resource(&acme, "Orchard").await);
        let new = NewInvitation {
            email: GRACE.into(),
            role_ids: vec![app.role(&acme, "member").await],
            resource_ids: vec![garden],
            message: "Come aboard".into(),
            metadata: json!({ "badge": 1.5e300, "list": [1, { "b": 2, "a": "é" }] }).as_object().unwrap().clone(),
            notify: true,
            ..NewInvitation::default()
        };
        let id = app.vestibule.invitations().invite_one(&acme.scope, &new).await.unwrap().id;
        app.settle().await;
        let before = app.invitation(&acme, id).await;
        let edit = InvitationEdit {
            role_ids: Some(vec![app.role(&acme, "admin").await, app.role(&acme, "member").await]),
            resource_ids: Some(vec![orchard, garden]),
            message: Some(String::new()),
            metadata: json!({ "badge": 0.1 }).as_object().cloned(),
            private_metadata: json!({ "note": -7e-12 }).as_object().cloned(),
            locale: Some(Some("de".into())),
            expires_in_days: Some(20),
            ..InvitationEdit::default()
        };
        let scope = acting(&app, &acme);
        app.vestibule.invitations().edit(&scope, id, &edit).await.unwrap();
        assert_ne!(app.invitation(&acme, id).await, before);
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        assert_eq!(app.invitation(&acme, id).await, before);
        let [Fact::InvitationEdited { changes }] = &app.facts(&acme, "invitation.edited").await[..] else { panic!() };
        let back: Vec<Change> = changes.iter().cloned().map(|Change { field, from, to }| Change { field, from: to, to: from }).collect();
        let undone = Fact::InvitationChangeUndone { change: UndoneChange::Edited, status: Status::Pending, generation: 1, changes: back };
        assert_eq!(app.facts(&acme, UNDONE).await, [undone]);
        accept(&app, &app.mailed_token(GRACE)).await.unwrap();
    }

    async fn after_ten_seconds_it_is_too_late(app) {
        let acme = app.organization("Acme").await;
        let id = invited(&app, &acme).await;
        let scope = acting(&app, &acme);
        app.vestibule.invitations().revoke(&scope, id).await.unwrap();
        let until = app.vestibule.now() + UNDO_FOR;
        let open = UndoableAct { id: act(&scope), change: UndoneChange::Revoked, invitations: 1, new_links: 0, until };
        app.advance(UNDO_FOR);
        assert_eq!(app.vestibule.invitations().undoable(&acme.scope, act(&scope)).await.unwrap(), Some(open));
        app.advance(Duration::microseconds(1));
        assert_eq!(app.vestibule.invitations().undoable(&acme.scope, act(&scope)).await.unwrap(), None);
        assert!(is_late(&undo(&app, &scope).await));
        assert_eq!(app.actions(&acme, id).await, ["invitation.created", "invitation.sent", "invitation.revoked"]);
        app.advance(Duration::minutes(1));
        worker::prune(&app.vestibule).await.unwrap();
        assert_eq!(app.count("select count(*) from acts").await, 0);
        assert!(is_unknown(&undo(&app, &scope).await));
    }

    async fn nobody_else_takes_it_back(app) {
        let acme = app.organization("Acme").await;
        let beside = app.beside(&acme, "Beside").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "owner").await;
        let id = invited(&app, &acme).await;
        let (_, token) = app.key(&acme.scope, &[Permission::UserInvite]).await;
        let scope = acting(&app, &acme);
        app.vestibule.invitations().revoke(&scope, id).await.unwrap();
        let strangers = [joan.scope.clone(), beside.scope.clone(), app.scope_of(&token).await, app.vestibule.enter_as_operator("acme").await.unwrap()];
        for stranger in strangers {
            assert!(is_unknown(&app.vestibule.invitations().undo(&stranger, act(&scope)).await));
            assert_eq!(app.vestibule.invitations().undoable(&stranger, act(&scope)).await.unwrap(), None);
        }
        let unknown = ActId::new(app.vestibule.now());
        assert!(is_unknown(&app.vestibule.invitations().undo(&acme.scope, unknown).await));
        assert_eq!((app.facts(&acme, UNDONE).await, app.facts(&beside, UNDONE).await), (vec![], vec![]));
        // a new sign-in is the same person
        assert!(app.vestibule.invitations().undo(&app.enter("acme", &acme.owner).await.scope, act(&scope)).await.unwrap().is_complete());
        assert!(is_unknown(&undo(&app, &scope).await), "once");
        assert_eq!(app.facts(&acme, UNDONE).await.len(), 1);
    }

    async fn what_programs_do_is_done(app) {
        let acme = app.organization("Acme").await;
        let id = invited(&app, &acme).await;
        let (_, token) = app.key(&acme.scope, Permission::ALL).await;
        let program = app.scope_of(&token).await.undoable(app.vestibule.now());
        assert_eq!(program.act(), None);
        app.vestibule.invitations().resend(&program, id).await.unwrap();
        app.settle().await;
        assert_eq!(app.inbox(GRACE).len(), 2, "its mail waits for nothing");
        app.vestibule.invitations().edit(&acme.scope, id, &message("Hello")).await.unwrap();
        app.vestibule.invitations().revoke(&acme.scope, id).await.unwrap();
        assert_eq!(app.count("select count(*) from acts").await, 0, "nor did anybody ask for undo");
    }

    async fn an_edit_that_changes_nothing_is_no_act(app) {
        let acme = app.organization("Acme").await;
        let id = invited(&app, &acme).await;
        let scope = acting(&app, &acme);
        app.vestibule.invitations().edit(&scope, id, &message("")).await.unwrap();
        assert_eq!(app.vestibule.invitations().undoable(&scope, act(&scope)).await.unwrap(), None);
        assert!(is_unknown(&undo(&app, &scope).await));
    }

    async fn what_somebody_changed_since_stays(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let id = invited(&app, &acme).await;
        let scope = acting(&app, &acme);
        app.vestibule.invitations().edit(&scope, id, &message("One")).await.unwrap();
        app.vestibule.invitations().edit(&joan.scope, id, &message("Two")).await.unwrap();
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Changed);
        app.vestibule.invitations().edit(&joan.scope, id, &message("One")).await.unwrap();
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Changed, "even if it looks the same");
        let resending = acting(&app, &acme);
        app.vestibule.invitations().resend(&resending, id).await.unwrap();
        app.vestibule.invitations().resend(&joan.scope, id).await.unwrap();
        assert_eq!(undo_one(&app, &resending).await, UndoOutcome::Changed);
        let editing = acting(&app, &acme);
        app.vestibule.invitations().edit(&editing, id, &message("Three")).await.unwrap();
        app.vestibule.invitations().revoke(&joan.scope, id).await.unwrap();
        assert_eq!(undo_one(&app, &editing).await, UndoOutcome::Changed);
        let invitation = app.invitation(&acme, id).await;
        assert_eq!((invitation.generation, invitation.message.unwrap().as_str()), (3, "Three"));
        assert_eq!(app.facts(&acme, UNDONE).await, []);
        app.settle().await;
        assert_eq!(app.inbox(GRACE).len(), 1, "the second resend was revoked before it left");
    }

    async fn who_has_answered_has_answered(app) {
        let acme = app.organization("Acme").await;
        let id = invited(&app, &acme).await;
        let scope = acting(&app, &acme);
        app.vestibule.invitations().resend(&scope, id).await.unwrap();
        accept(&app, &token(&app, id, 2)).await.unwrap();
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Changed);
        let id = app.invites(&acme, "hugo@example.com").await;
        app.settle().await;
        let scope = acting(&app, &acme);
        app.vestibule.invitations().edit(&scope, id, &message("Welcome")).await.unwrap();
        let acceptance_session = app.vestibule.acceptance().open(&token(&app, id, 1)).await.unwrap();
        app.vestibule.acceptance().decline(acceptance_session.as_str(), "").await.unwrap();
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Changed);
        assert_eq!(app.facts(&acme, UNDONE).await, []);
    }

    async fn whoever_only_looked_changes_nothing(app) {
        let acme = app.organization("Acme").await;
        let id = invited(&app, &acme).await;
        let scope = acting(&app, &acme);
        app.vestibule.invitations().edit(&scope, id, &message("Welcome")).await.unwrap();
        app.vestibule.acceptance().open(&token(&app, id, 1)).await.unwrap();
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        assert_eq!(app.actions(&acme, id).await, ["invitation.created", "invitation.sent", "invitation.edited", "invitation.opened", UNDONE]);
    }

    async fn of_two_clicks_one_counts(app) {
        let acme = app.organization("Acme").await;
        for number in 0..8 {
            let id = app.invites(&acme, &format!("person{number}@example.com")).await;
            let scope = acting(&app, &acme);
            app.vestibule.invitations().revoke(&scope, id).await.unwrap();
            let clicks = join_all([undo(&app, &scope), undo(&app, &scope), undo(&app, &scope)]).await;
            assert_eq!(clicks.iter().filter(|click| click.as_ref().is_ok_and(Undone::is_complete)).count(), 1, "{clicks:?}");
            assert_eq!(clicks.iter().filter(|click| is_unknown(click)).count(), 2, "{clicks:?}");
            assert_eq!(app.actions(&acme, id).await, ["invitation.created", "invitation.revoked", UNDONE]);
        }
    }

    async fn an_undo_and_an_answer_agree_about_who_was_first(app) {
        let acme = app.organization("Acme").await;
        for number in 0..8 {
            let email = format!("person{number}@example.com");
            let id = app.invites(&acme, &email).await;
            let scope = acting(&app, &acme);
            app.vestibule.invitations().edit(&scope, id, &message("Welcome")).await.unwrap();
            let link = token(&app, id, 1);
            let (undone, accepted) = tokio::join!(undo(&app, &scope), accept(&app, &link));
            accepted.unwrap();
            let outcome = undone.unwrap().results[0].outcome;
            let was_undone = outcome == UndoOutcome::Done;
            assert!(was_undone || outcome == UndoOutcome::Changed, "{outcome}");
            let actions = app.actions(&acme, id).await;
            assert_eq!(actions.contains(&UNDONE), was_undone, "{actions:?}");
            let invitation = app.invitation(&acme, id).await;
            assert_eq!((invitation.state.recorded(), invitation.message.is_none()), (Status::Accepted, was_undone));
        }
    }

    async fn an_undo_and_another_change_don_t_both_count(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        for number in 0..8 {
            let id = app.invites(&acme, &format!("person{number}@example.com")).await;
            app.settle().await;
            let scope = acting(&app, &acme);
            app.vestibule.invitations().resend(&scope, id).await.unwrap();
            let others = async {
                match number % 2 {
                    0 => app.vestibule.invitations().revoke(&joan.scope, id).await,
                    _ => app.vestibule.invitations().resend(&joan.scope, id).await,
                }
            };
            let (undone, other) = tokio::join!(undo(&app, &scope), others);
            other.unwrap();
            let was_undone = undone.unwrap().is_complete();
            let invitation = app.invitation(&acme, id).await;
            let expected = match (number % 2, was_undone) {
                (0, true) => (Status::Revoked, 1),
                (0, false) => (Status::Revoked, 2),
                // a number is never given twice
                _ => (Status::Pending, 3),
            };
            assert_eq!((invitation.state.recorded(), invitation.generation), expected, "{was_undone}");
            assert_eq!(count(&app, &acme, id, UNDONE).await, usize::from(was_undone));
            app.settle().await;
        }
    }

    async fn many_are_taken_back_together_each_as_far_as_it_can(app) {
        let acme = app.organization("Acme").await;
        let mut ids = Vec::new();
        for number in 0..5 {
            ids.push(app.invites(&acme, &format!("person{number}@example.com")).await);
        }
        app.settle().await;
        accept(&app, &token(&app, ids[0], 1)).await.unwrap();
        let scope = acting(&app, &acme);
        let revoked = app.vestibule.invitations().revoke_many(&scope, &ids).await.unwrap();
        assert_eq!(revoked.iter().filter(|(_, outcome)| *outcome == BulkOutcome::Done).count(), 4);
        let open = app.vestibule.invitations().undoable(&scope, act(&scope)).await.unwrap().unwrap();
        assert_eq!(open.invitations, 4);
        let again = app.invites(&acme, "person1@example.com").await;
        let undone = undo(&app, &scope).await.unwrap();
        assert_eq!((undone.count(UndoOutcome::Done), undone.count(UndoOutcome::Conflict)), (3, 1));
        assert!(undone.results.iter().any(|result| result.id == ids[1] && result.name == "person1@example.com" && result.outcome == UndoOutcome::Conflict));
        for id in &ids[2..] {
            assert_eq!(app.invitation(&acme, *id).await.state, State::Pending);
            assert_eq!(count(&app, &acme, *id, UNDONE).await, 1);
        }
        // what is in the way is gone, and what is left is taken back
        app.vestibule.invitations().revoke(&acme.scope, again).await.unwrap();
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        assert_eq!(app.facts(&acme, UNDONE).await.len(), 4);
        app.settle().await;
        let resending = acting(&app, &acme);
        app.vestibule.invitations().resend_many(&resending, &ids[1..]).await.unwrap();
        assert!(undo(&app, &resending).await.unwrap().is_complete());
        app.advance(Duration::minutes(1));
        let mails = app.mail.messages().len();
        app.settle().await;
        assert_eq!(app.mail.messages().len(), mails);
    }

    async fn the_same_one_twice_in_one_act_is_undone_to_its_beginning(app) {
        let acme = app.organization("Acme").await;
        let id = invited(&app, &acme).await;
        let before = app.invitation(&acme, id).await;
        let scope = acting(&app, &acme);
        app.vestibule.invitations().resend_many(&scope, &[id, id]).await.unwrap();
        assert_eq!(app.invitation(&acme, id).await.generation, 3);
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        assert_eq!(plain(app.invitation(&acme, id).await), before);
        app.advance(Duration::minutes(1));
        app.settle().await;
        assert_eq!(app.inbox(GRACE).len(), 1);
    }

    async fn a_mail_that_was_waiting_goes_out_after_all(app) {
        let acme = app.organization("Acme").await;
        let (grace, hugo) = (app.invites(&acme, GRACE).await, app.invites(&acme, "hugo@example.com").await);
        let scope = acting(&app, &acme);
        app.vestibule.invitations().revoke(&scope, grace).await.unwrap();
        let resending = acting(&app, &acme);
        app.vestibule.invitations().resend(&resending, hugo).await.unwrap();
        app.settle().await;
        assert!(app.mail.messages().is_empty(), "neither link works now");
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        assert_eq!(undo_one(&app, &resending).await, UndoOutcome::Done);
        for id in [grace, hugo] {
            assert_eq!(app.invitation(&acme, id).await.mail_state, MailState::Queued);
        }
        app.settle().await;
        assert_eq!(app.mailed_token(GRACE), token(&app, grace, 1));
        assert_eq!(app.mailed_token("hugo@example.com"), token(&app, hugo, 1));
        assert_eq!(app.mail.messages().len(), 2);
        assert_eq!(app.invitation(&acme, hugo).await.mail_state, MailState::Sent);
    }

    async fn a_link_that_the_invitee_was_mailed_meanwhile_stays(app) {
        let acme = app.organization("Acme").await;
        let id = invited(&app, &acme).await;
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token(GRACE)).await.unwrap();
        let scope = acting(&app, &acme);
        app.vestibule.invitations().resend(&scope, id).await.unwrap();
        app.vestibule.acceptance().ask_again(acceptance_session.as_str(), crate::harness::cast::CLIENT).await.unwrap();
        app.settle().await;
        assert_eq!(app.mailed_token(GRACE), token(&app, id, 2));
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::TooLate);
        accept(&app, &app.mailed_token(GRACE)).await.unwrap();
    }

    async fn an_expired_invitation_is_expired_again(app) {
        let acme = app.organization("Acme").await;
        let id = invited(&app, &acme).await;
        app.advance(Duration::days(8));
        app.settle().await;
        let before = app.invitation(&acme, id).await;
        let scope = acting(&app, &acme);
        app.vestibule.invitations().resend(&scope, id).await.unwrap();
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        assert_eq!(plain(app.invitation(&acme, id).await), before);
        let [Fact::InvitationChangeUndone { status: Status::Expired, generation: 1, .. }] = &app.facts(&acme, UNDONE).await[..] else { panic!() };
        app.advance(Duration::minutes(1));
        app.settle().await;
        assert_eq!(count(&app, &acme, id, "invitation.expired").await, 1);
        assert_eq!(app.inbox(GRACE).len(), 1);
        let resent = app.vestibule.invitations().resend(&acme.scope, id).await.unwrap();
        assert_eq!(resent.generation, 3, "it can be resent like any other");
    }

    async fn one_whose_time_was_over_in_between_expires(app) {
        let acme = app.organization("Acme").await;
        let id = invited(&app, &acme).await;
        app.advance(Duration::days(7) - Duration::seconds(5));
        let scope = acting(&app, &acme);
        app.vestibule.invitations().revoke(&scope, id).await.unwrap();
        app.advance(Duration::seconds(6));
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        assert!(matches!(accept(&app, &token(&app, id, 1)).await, Err(Error::Closed(Status::Expired))));
        app.settle().await;
        let last: Vec<&str> = app.actions(&acme, id).await.into_iter().rev().take(2).collect();
        assert_eq!(last, ["invitation.expired", UNDONE]);
    }

    async fn a_person_who_is_a_member_by_now_is_not_invited_too(app) {
        let acme = app.organization("Acme").await;
        let id = invited(&app, &acme).await;
        let scope = acting(&app, &acme);
        app.vestibule.invitations().revoke(&scope, id).await.unwrap();
        let again = app.invites(&acme, GRACE).await;
        accept(&app, &token(&app, again, 1)).await.unwrap();
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Conflict);
        assert_eq!(app.invitation(&acme, id).await.state.recorded(), Status::Revoked);
        assert_eq!(app.facts(&acme, UNDONE).await, []);
    }

    async fn who_may_less_by_now_takes_back_no_more_than_they_may(app) {
        let acme = app.organization("Acme").await;
        let (garden, orchard) = (app.resource(&acme, "Garden").await, app.resource(&acme, "Orchard").await);
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let id = invited(&app, &acme).await;
        let change = async |edit: MemberEdit| app.vestibule.members().edit(&acme.scope, joan.member_id(), &edit).await.unwrap();
        let scope = acting(&app, &joan);
        let limit = InvitationEdit { resource_ids: Some(vec![garden]), ..InvitationEdit::default() };
        app.vestibule.invitations().edit(&scope, id, &limit).await.unwrap();
        change(MemberEdit { resource_ids: Some(vec![garden]), ..MemberEdit::default() }).await;
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Forbidden, "it had no limit before");
        change(MemberEdit { resource_ids: Some(vec![orchard]), ..MemberEdit::default() }).await;
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Forbidden, "nor may they touch it as it is");
        let roles = vec![app.role(&acme, "member").await];
        change(MemberEdit { role_ids: Some(roles), resource_ids: Some(vec![]), ..MemberEdit::default() }).await;
        assert!(matches!(undo(&app, &scope).await, Err(Error::Forbidden(Permission::UserInvite))));
        app.vestibule.members().remove(&acme.scope, joan.member_id()).await.unwrap();
        assert!(matches!(undo(&app, &scope).await, Err(Error::NotFound(NotFound::Organization))));
        assert_eq!(app.invitation(&acme, id).await.resource_ids, [garden]);
        assert_eq!(app.facts(&acme, UNDONE).await, []);
    }

    async fn whoever_takes_it_back_invites_in_place_of_one_who_left(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let id = app.invites(&joan, GRACE).await;
        app.settle().await;
        let scope = acting(&app, &acme);
        app.vestibule.invitations().revoke(&scope, id).await.unwrap();
        app.vestibule.members().remove(&acme.scope, joan.member_id()).await.unwrap();
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        assert_eq!(app.invitation(&acme, id).await.inviter, Inviter::User(acme.user.id));
        let [Fact::InvitationChangeUndone { changes, .. }] = &app.facts(&acme, UNDONE).await[..] else { panic!() };
        assert_eq!(changes, &[Change { field: "inviter".into(), from: "Joan Whitlock".into(), to: "Ada Byrne".into() }]);
        accept(&app, &token(&app, id, 1)).await.unwrap();
    }

    async fn an_inviter_who_was_taken_over_since_is_not_brought_back(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let id = app.invites(&joan, GRACE).await;
        let scope = acting(&app, &acme);
        app.vestibule.invitations().edit(&scope, id, &message("Welcome")).await.unwrap();
        app.vestibule.members().remove(&acme.scope.clone().taking_over(true), joan.member_id()).await.unwrap();
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Changed);
        assert_eq!(app.invitation(&acme, id).await.inviter, Inviter::User(acme.user.id));
    }

    async fn a_role_that_is_gone_is_not_offered_again(app) {
        let acme = app.organization("Acme").await;
        let role = app.vestibule.roles().create(&acme.scope, "reader", "Reader", &[]).await.unwrap();
        let acme = app.enter("acme", &acme.owner).await;
        let id = app.invites_as(&acme, GRACE, "reader").await;
        let scope = acting(&app, &acme);
        app.vestibule.invitations().revoke(&scope, id).await.unwrap();
        app.vestibule.roles().delete(&acme.scope, role.id).await.unwrap();
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Changed);
        assert_eq!(app.facts(&acme, UNDONE).await, []);
    }

    async fn a_reminder_comes_when_it_was_to_come(app) {
        let acme = app.organization("Acme").await;
        set_reminder(&app, &acme).await;
        let (grace, hugo) = (app.invites(&acme, GRACE).await, app.invites(&acme, "hugo@example.com").await);
        app.settle().await;
        app.advance(Duration::days(2));
        let (revoking, resending) = (acting(&app, &acme), acting(&app, &acme));
        app.vestibule.invitations().revoke(&revoking, grace).await.unwrap();
        app.vestibule.invitations().resend(&resending, hugo).await.unwrap();
        for scope in [revoking, resending] {
            assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        }
        app.settle().await;
        app.advance(Duration::days(1) - Duration::microseconds(1));
        app.settle().await;
        assert_eq!(app.mail.messages().len(), 2);
        app.advance(Duration::microseconds(1));
        app.settle().await;
        assert_eq!(app.mailed_token("hugo@example.com"), token(&app, hugo, 1));
        for (id, email) in [(grace, GRACE), (hugo, "hugo@example.com")] {
            assert_eq!((count(&app, &acme, id, "invitation.reminded").await, app.inbox(email).len()), (1, 2));
        }
        // whoever was reminded is not reminded again
        let (editing, resending) = (acting(&app, &acme), acting(&app, &acme));
        app.vestibule.invitations().edit(&editing, grace, &message("Welcome")).await.unwrap();
        app.vestibule.invitations().resend(&resending, hugo).await.unwrap();
        for scope in [editing, resending] {
            assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        }
        for _ in 0..3 {
            app.advance(Duration::days(1));
            app.settle().await;
        }
        assert_eq!(app.mail.messages().len(), 4);
    }

    async fn a_reminder_that_is_due_while_one_hesitates_is_sent_once(app) {
        let acme = app.organization("Acme").await;
        set_reminder(&app, &acme).await;
        let (grace, hugo) = (app.invites(&acme, GRACE).await, app.invites(&acme, "hugo@example.com").await);
        app.settle().await;
        app.advance(Duration::days(3) - Duration::seconds(1));
        let (editing, revoking) = (acting(&app, &acme), acting(&app, &acme));
        app.vestibule.invitations().edit(&editing, grace, &message("Welcome")).await.unwrap();
        app.vestibule.invitations().revoke(&revoking, hugo).await.unwrap();
        app.advance(Duration::seconds(2));
        app.settle().await;
        assert_eq!((app.inbox(GRACE).len(), app.inbox("hugo@example.com").len()), (2, 1));
        for scope in [editing, revoking] {
            assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        }
        app.settle().await;
        app.advance(Duration::days(1));
        app.settle().await;
        assert_eq!((app.inbox(GRACE).len(), app.inbox("hugo@example.com").len()), (2, 2));
    }

    async fn a_resend_that_was_taken_back_uses_up_nothing(app) {
        let acme = app.organization("Acme").await;
        let id = invited(&app, &acme).await;
        for _ in 0..150 {
            let scope = acting(&app, &acme);
            app.vestibule.invitations().resend(&scope, id).await.unwrap();
            assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        }
        app.advance(Duration::minutes(1));
        app.settle().await;
        assert_eq!(app.inbox(GRACE).len(), 1);
    }

    async fn who_was_erased_is_not_brought_back(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "owner").await;
        let (grace, hugo) = (invited(&app, &acme).await, app.invites(&acme, "hugo@example.com").await);
        app.vestibule.invitations().edit(&acme.scope, hugo, &note("ask grace@example.com")).await.unwrap();
        let (revoking, editing) = (acting(&app, &acme), acting(&app, &acme));
        app.vestibule.invitations().edit(&editing, hugo, &note("ask nobody")).await.unwrap();
        app.vestibule.invitations().revoke(&revoking, grace).await.unwrap();
        let joans = acting(&app, &joan);
        app.vestibule.invitations().edit(&joans, hugo, &message("Hello")).await.unwrap();
        app.erases(&acme, GRACE).await;
        app.erases(&acme, "joan@acme.example").await;
        app.holds_none_of(&[GRACE, "joan@acme.example", "Joan Whitlock"]).await;
        assert_eq!(app.count("select count(*) from acts").await, 0);
        for scope in [revoking, editing] {
            assert!(is_unknown(&undo(&app, &scope).await));
        }
        assert_eq!(app.facts(&acme, UNDONE).await, []);
        app.verifies(&acme).await;
        // what is undone later names nobody who is erased after it
        let scope = acting(&app, &acme);
        app.vestibule.invitations().edit(&scope, hugo, &note("that is hugo@example.com")).await.unwrap();
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        app.erases(&acme, "hugo@example.com").await;
        app.holds_none_of(&["hugo@example.com"]).await;
        app.verifies(&acme).await;
    }

    async fn webhooks_hear_of_it(app) {
        let acme = app.organization("Acme").await;
        let receiver = Receiver::new().await;
        app.webhook(&acme, &receiver.url, &[UNDONE]).await;
        let id = invited(&app, &acme).await;
        let scope = acting(&app, &acme);
        app.vestibule.invitations().revoke(&scope, id).await.unwrap();
        assert_eq!(undo_one(&app, &scope).await, UndoOutcome::Done);
        app.settle().await;
        assert_eq!(actions(&receiver), [UNDONE]);
        let told = body(&receiver.requests()[0]).to_string();
        assert!(told.contains("\"change\":\"revoked\"") && told.contains("\"status\":\"pending\""), "{told}");
    }

    async fn a_restored_backup_undoes_nothing(app) {
        let acme = app.organization("Acme").await;
        let id = invited(&app, &acme).await;
        let scope = acting(&app, &acme);
        app.vestibule.invitations().resend(&scope, id).await.unwrap();
        let store = Store::open(&app.database_url).await.unwrap();
        store.seals().know(&app.signing_keys);
        store.settle_restored(app.vestibule.now(), app.vestibule.now()).await.unwrap();
        assert!(is_unknown(&undo(&app, &scope).await));
    }
}

/// Without a mail server nothing waits, and a link that an edit has replaced is back.
#[tokio::test]
async fn without_a_mail_server_links_come_back_as_well() {
    let app = TestApp::with(Setup { database: Database::Sqlite, mailer: Some(None), ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let id = app.invites(&acme, GRACE).await;
    let raise = InvitationEdit { role_ids: Some(vec![app.role(&acme, "admin").await]), ..InvitationEdit::default() };
    let (editing, before) = (acting(&app, &acme), app.invitation(&acme, id).await);
    let edited = app.vestibule.invitations().edit(&editing, id, &raise).await.unwrap();
    assert_eq!(edited.generation, 2);
    assert_eq!(undo_one(&app, &editing).await, UndoOutcome::Done);
    assert_eq!(plain(app.invitation(&acme, id).await), before);
    let resending = acting(&app, &acme);
    app.vestibule.invitations().resend(&resending, id).await.unwrap();
    let mails = app.vestibule.invitations().detail(&acme.scope, id).await.unwrap().mails;
    assert_eq!((mails[0].state, mails[0].due_at), (MailState::Queued, app.vestibule.now()));
    assert_eq!(undo_one(&app, &resending).await, UndoOutcome::Done);
    let mails = app.vestibule.invitations().detail(&acme.scope, id).await.unwrap().mails;
    let states: Vec<MailState> = mails.iter().map(|mail| mail.state).collect();
    assert_eq!(states, [MailState::Cancelled, MailState::Cancelled, MailState::Queued]);
    for generation in [2, 3] {
        assert!(is_replaced(&accept(&app, &token(&app, id, generation)).await), "link {generation}");
    }
    accept(&app, &token(&app, id, 1)).await.unwrap();
    app.end().agrees().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_clicks_at_two_instances_one_counts() {
    let one = TestApp::on(Database::Postgres).await;
    let (acme, two) = (one.organization("Acme").await, one.sibling().await);
    for number in 0..8 {
        let id = one.invites(&acme, &format!("person{number}@example.com")).await;
        let scope = acting(&one, &acme);
        one.vestibule.invitations().resend(&scope, id).await.unwrap();
        let clicks = tokio::join!(undo(&one, &scope), undo(&two, &scope));
        let is_done = [&clicks.0, &clicks.1].map(|click| click.as_ref().is_ok_and(Undone::is_complete));
        assert_eq!(is_done.iter().filter(|is_done| **is_done).count(), 1, "{clicks:?}");
        assert_eq!(count(&one, &acme, id, UNDONE).await, 1);
    }
    one.end().agrees().await;
}
