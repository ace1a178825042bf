//! The invitation's life, seen from the organization.

use crate::harness::TestApp;
use chrono::Duration;
use vestibule_core::service::{Conflict, Error, InvitationConflict, NotFound};
use vestibule_domain::{
    Change, InvitationEdit, InvitationFilter, InvitationId, InviteOutcome, MailState, Permission, Status, Total,
};

async fn status(app: &TestApp, at: &crate::harness::Acme, id: InvitationId) -> Status {
    app.vestibule.invitations().detail(&at.scope, id).await.unwrap().row.status
}

both! {
    async fn an_invitation_is_mailed_and_its_life_recorded(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "Grace@Example.com").await;
        assert!(app.inbox("Grace@example.com").is_empty(), "nothing is sent inside the request");
        app.settle().await;
        let mail = app.newest_mail("Grace@example.com");
        assert!(mail.text.contains("Ada Byrne") && mail.text.contains("/i/vst_"), "{}", mail.text);
        assert_eq!(app.actions(&acme, id).await, ["invitation.created", "invitation.sent"]);
        assert_eq!(app.invitation(&acme, id).await.mail_state, MailState::Sent);
    }

    async fn every_written_address_gets_an_answer(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "open@example.com").await;
        let text = "Grace <grace@example.com>; open@example.com\nada@acme.example, GRACE@example.com\nnot an address\na@x,com";
        let results = app.vestibule.invitations().invite(&acme.scope, &app.invite(&acme, text, "member").await).await.unwrap();
        let outcomes: Vec<&InviteOutcome> = results.iter().map(|result| &result.outcome).collect();
        assert!(matches!(outcomes[0], InviteOutcome::Invited { .. }));
        assert!(matches!(outcomes[1], InviteOutcome::AlreadyInvited { inviter, .. } if inviter.as_str() == "Ada Byrne"));
        assert!(matches!(outcomes[2], InviteOutcome::AlreadyMember { roles } if roles == &["Owner"]));
        assert!(matches!(outcomes[3], InviteOutcome::WrittenTwice));
        assert!(matches!(outcomes[4], InviteOutcome::Refused { code, .. } if code == "no_at"));
        assert!(matches!(outcomes[5], InviteOutcome::Refused { code, .. } if code == "comma_in_domain"));
        assert_eq!(app.count_invitations(&acme).await, 2);
    }

    async fn an_invite_that_is_wrong_as_a_whole_invites_nobody(app) {
        let acme = app.organization("Acme").await;
        let mut invite = app.invite(&acme, "grace@example.com", "member").await;
        invite.message = "see https://evil.example".into();
        invite.expires_in_days = Some(0);
        let Err(Error::Invalid(violations)) = app.vestibule.invitations().invite(&acme.scope, &invite).await else { panic!() };
        assert_eq!(violations.iter().map(|v| v.field.as_ref()).collect::<Vec<_>>(), ["message", "expires_in_days"]);
        invite = app.invite(&acme, " , ;", "member").await;
        invite.role_ids.clear();
        let Err(Error::Invalid(violations)) = app.vestibule.invitations().invite(&acme.scope, &invite).await else { panic!() };
        assert_eq!(violations.iter().map(|v| v.field.as_ref()).collect::<Vec<_>>(), ["recipients", "role_ids"]);
        assert_eq!(app.count_invitations(&acme).await, 0);
    }

    async fn links_in_messages_are_for_organizations_older_than_a_week(app) {
        let acme = app.organization("Acme").await;
        app.advance(Duration::days(7));
        let mut invite = app.invite(&acme, "grace@example.com", "member").await;
        invite.message = "see https://acme.example".into();
        assert!(app.vestibule.invitations().invite(&acme.scope, &invite).await.is_ok());
    }

    async fn nobody_grants_more_than_they_have(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let invite = app.invite(&acme, "grace@example.com", "owner").await;
        assert!(matches!(app.vestibule.invitations().invite(&joan.scope, &invite).await, Err(Error::Forbidden(Permission::OrganizationEdit))));
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "member").await;
        let invite = app.invite(&acme, "grace@example.com", "member").await;
        assert!(matches!(app.vestibule.invitations().invite(&alan.scope, &invite).await, Err(Error::Forbidden(Permission::UserInvite))));
        assert!(app.inbox("grace@example.com").is_empty());
    }

    async fn the_hourly_allowance_is_the_organizations(app) {
        let acme = app.organization("Acme").await;
        let many: Vec<String> = (0..1_000).map(|n| format!("person{n}@example.com")).collect();
        let invite = app.invite(&acme, &many.join("\n"), "member").await;
        let results = app.vestibule.invitations().invite(&acme.scope, &invite).await.unwrap();
        assert_eq!(results.iter().filter(|result| matches!(result.outcome, InviteOutcome::Invited { .. })).count(), 1_000);
        let one_more = app.invite(&acme, "grace@example.com", "member").await;
        assert!(matches!(app.vestibule.invitations().invite(&acme.scope, &one_more).await, Err(Error::RateLimited(_))));
        let other = app.organization("Other").await;
        app.invites(&other, "grace@example.com").await;
        app.advance(Duration::hours(1) + Duration::seconds(1));
        app.invites(&acme, "grace@example.com").await;
    }

    async fn an_expired_invitation_gives_way_to_a_new_one(app) {
        let acme = app.organization("Acme").await;
        let first = app.invites(&acme, "grace@example.com").await;
        app.advance(Duration::days(7));
        assert_eq!(status(&app, &acme, first).await, Status::Expired, "no sweep has come by");
        let second = app.invites(&acme, "grace@example.com").await;
        assert_eq!(status(&app, &acme, second).await, Status::Pending);
        assert_eq!(app.actions(&acme, first).await, ["invitation.created", "invitation.expired"]);
    }

    async fn the_sweep_records_an_end_once(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        app.advance(Duration::days(7));
        app.settle().await;
        app.settle().await;
        assert_eq!(app.actions(&acme, id).await, ["invitation.created", "invitation.sent", "invitation.expired"]);
    }

    async fn a_resend_makes_a_new_link_and_starts_the_time_again(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        let old = app.mailed_token("grace@example.com");
        app.advance(Duration::days(3));
        let resent = app.vestibule.invitations().resend(&acme.scope, id).await.unwrap();
        app.settle().await;
        assert_eq!(resent.expires_at - resent.issued_at, Duration::days(7));
        assert_ne!(app.mailed_token("grace@example.com"), old);
        assert_eq!(app.inbox("grace@example.com").len(), 2);
    }

    async fn a_resend_revives_an_expired_invitation_but_no_closed_one(app) {
        let acme = app.organization("Acme").await;
        let expired = app.invites(&acme, "grace@example.com").await;
        app.advance(Duration::days(8));
        app.settle().await;
        app.vestibule.invitations().resend(&acme.scope, expired).await.unwrap();
        assert_eq!(status(&app, &acme, expired).await, Status::Pending);
        let revoked = app.invites(&acme, "alan@example.com").await;
        app.vestibule.invitations().revoke(&acme.scope, revoked).await.unwrap();
        assert!(matches!(app.vestibule.invitations().resend(&acme.scope, revoked).await, Err(Error::Closed(Status::Revoked))));
    }

    async fn an_expired_invitation_is_not_revived_beside_an_open_one(app) {
        let acme = app.organization("Acme").await;
        let old = app.invites(&acme, "grace@example.com").await;
        app.advance(Duration::days(8));
        let new = app.invites(&acme, "grace@example.com").await;
        assert!(matches!(app.vestibule.invitations().resend(&acme.scope, old).await, Err(Error::Conflict(Conflict::Invitation(InvitationConflict::AlreadyInvited(id)))) if id == new));
    }

    async fn a_revoked_invitation_is_not_mailed(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        app.vestibule.invitations().revoke(&acme.scope, id).await.unwrap();
        app.settle().await;
        assert!(app.inbox("grace@example.com").is_empty());
        assert_eq!(app.actions(&acme, id).await, ["invitation.created", "invitation.revoked"]);
        assert!(matches!(app.vestibule.invitations().revoke(&acme.scope, id).await, Err(Error::Closed(Status::Revoked))));
    }

    async fn an_edit_keeps_the_link_and_says_what_changed(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        let edit = InvitationEdit { role_ids: Some(vec![app.role(&acme, "admin").await]), message: Some("Welcome".into()), ..InvitationEdit::default() };
        app.vestibule.invitations().edit(&acme.scope, id, &edit).await.unwrap();
        let detail = app.vestibule.invitations().detail(&acme.scope, id).await.unwrap();
        assert_eq!(detail.row.role_names(), ["Admin"]);
        let vestibule_domain::Fact::InvitationEdited { changes } = &detail.events[0].fact else { panic!("{:?}", detail.events[0]) };
        assert_eq!(changes[0], Change { field: "roles".into(), from: "Member".into(), to: "Admin".into() });
        assert_eq!(changes[1], Change { field: "message".into(), from: String::new(), to: "Welcome".into() });
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("grace@example.com")).await.unwrap();
        assert_eq!(app.vestibule.acceptance().offer(acceptance_session.as_str(), None).await.unwrap().roles, ["Admin"]);
        // the same again changes nothing and records nothing
        app.vestibule.invitations().edit(&acme.scope, id, &edit).await.unwrap();
        assert_eq!(app.actions(&acme, id).await.iter().filter(|action| **action == "invitation.edited").count(), 1);
    }

    async fn another_organizations_invitation_is_missing(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        let id = app.invites(&acme, "grace@example.com").await;
        assert!(matches!(app.vestibule.invitations().detail(&other.scope, id).await, Err(Error::NotFound(NotFound::Invitation))));
        assert!(matches!(app.vestibule.invitations().resend(&other.scope, id).await, Err(Error::NotFound(NotFound::Invitation))));
        assert!(matches!(app.vestibule.invitations().revoke(&other.scope, id).await, Err(Error::NotFound(NotFound::Invitation))));
        let edit = InvitationEdit { message: Some("Hello".into()), ..InvitationEdit::default() };
        assert!(matches!(app.vestibule.invitations().edit(&other.scope, id, &edit).await, Err(Error::NotFound(NotFound::Invitation))));
        let foreign = InvitationEdit { role_ids: Some(vec![app.role(&other, "member").await]), ..edit };
        assert!(matches!(app.vestibule.invitations().edit(&acme.scope, id, &foreign).await, Err(Error::NotFound(NotFound::Role))));
        assert!(matches!(app.vestibule.enter(&other.user, "acme").await, Err(Error::NotFound(NotFound::Organization))));
        assert_eq!(app.actions(&acme, id).await, ["invitation.created"]);
    }

    async fn a_list_pages_through_all_rows_while_others_write(app) {
        let acme = app.organization("Acme").await;
        let mut ids = Vec::new();
        for n in 0..7 {
            ids.push(app.invites(&acme, &format!("person{n}@example.com")).await);
        }
        app.vestibule.invitations().revoke(&acme.scope, ids[0]).await.unwrap();
        let filter = InvitationFilter { status: Some(Status::Pending), ..InvitationFilter::default() };
        let page = async |cursor: Option<String>| {
            let list = app.vestibule.invitations().page(&acme.scope, &filter, cursor.as_deref(), 4).await.unwrap();
            let ids: Vec<InvitationId> = list.page.items.iter().map(|row| row.invitation.id).collect();
            (ids, list)
        };
        let (newest, first) = page(None).await;
        assert_eq!((first.counts.of(Status::Pending), first.counts.of(Status::Revoked)), (Total::exact(6), Total::exact(1)));
        app.invites(&acme, "late@example.com").await;
        let (oldest, second) = page(first.page.older).await;
        let mut expected = ids[1..].to_vec();
        expected.reverse();
        assert_eq!([newest.clone(), oldest].concat(), expected, "none twice, none missing");
        assert_eq!(second.page.older, None);
        let (back, _) = page(second.page.newer).await;
        assert_eq!(back, newest);
    }

    async fn search_and_role_narrow_the_list(app) {
        let acme = app.organization("Acme").await;
        let results = app.vestibule.invitations().invite(&acme.scope, &app.invite(&acme, "Ångström Élan <a_b@example.com>; axb@example.com", "member").await).await.unwrap();
        assert_eq!(results.len(), 2);
        app.invites_as(&acme, "boss@example.com", "admin").await;
        for (text, expected) in [("élan", 1), ("A_B@", 1), ("%", 0), ("example.com", 3), ("nobody", 0)] {
            let filter = InvitationFilter { text: Some(text.into()), ..InvitationFilter::default() };
            let list = app.vestibule.invitations().page(&acme.scope, &filter, None, 50).await.unwrap();
            assert_eq!((list.page.items.len(), list.counts.of(None)), (expected, Total::exact(expected as u64)), "{text}");
        }
        let filter = InvitationFilter { role_id: Some(app.role(&acme, "admin").await), ..InvitationFilter::default() };
        assert_eq!(app.vestibule.invitations().page(&acme.scope, &filter, None, 50).await.unwrap().page.items.len(), 1);
    }

    async fn a_cursor_of_another_organization_is_refused(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        for n in 0..3 {
            app.invites(&acme, &format!("person{n}@example.com")).await;
        }
        let cursor = app.vestibule.invitations().page(&acme.scope, &InvitationFilter::default(), None, 1).await.unwrap().page.older.unwrap();
        for cursor in [cursor.as_str(), "rubbish", ""] {
            let refused = app.vestibule.invitations().page(&other.scope, &InvitationFilter::default(), Some(cursor), 1).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{cursor}");
        }
    }

    async fn changing_many_reports_each(app) {
        let acme = app.organization("Acme").await;
        let (open, closed) = (app.invites(&acme, "grace@example.com").await, app.invites(&acme, "alan@example.com").await);
        app.vestibule.invitations().revoke(&acme.scope, closed).await.unwrap();
        let missing = InvitationId::new(app.vestibule.now());
        let results = app.vestibule.invitations().revoke_many(&acme.scope, &[open, closed, missing]).await.unwrap();
        use vestibule_domain::BulkOutcome;
        assert_eq!(results[0].1, BulkOutcome::Done);
        assert_eq!(results[1].1, BulkOutcome::Closed { status: Status::Revoked, name: "alan@example.com".into() });
        assert_eq!(results[2].1, BulkOutcome::Missing);
    }
}

both! {
    async fn what_only_the_database_refuses_is_the_fault_of_the_request(app) {
        let acme = app.organization("Acme").await;
        let hostile = "a\0b";
        let filter = InvitationFilter { email: Some(hostile.into()), ..InvitationFilter::default() };
        let answers = [
            app.vestibule.resources().find(&acme.scope, hostile).await.map(drop),
            app.vestibule.enter(&acme.user, hostile).await.map(drop),
            app.vestibule.invitations().page(&acme.scope, &filter, None, 50).await.map(drop),
        ];
        for answer in answers {
            match answer {
                Err(Error::Invalid(violations)) => assert_eq!(violations[0].code, "unkept"),
                // SQLite compares it, and finds nothing
                Ok(()) | Err(Error::NotFound(_)) => assert!(app.database_url.starts_with("sqlite:")),
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}
