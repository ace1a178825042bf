//! Who is limited to some resources gives some of these, and no others.

use crate::harness::{Acme, PASSWORD, TestApp};
use vestibule_core::service::{
    Conflict, Error, InvitationConflict, MemberEdit, NewInvitation, Result, RowOutcome, Scope,
};
use vestibule_domain::{AcceptanceStep, InvitationEdit, Permission, ResourceId};

async fn asked(app: &TestApp, at: &Acme, email: &str, ids: &[ResourceId]) -> NewInvitation {
    let role_ids = vec![app.role(at, "member").await];
    NewInvitation {
        email: email.into(),
        role_ids,
        resource_ids: ids.to_vec(),
        notify: true,
        ..NewInvitation::default()
    }
}

fn beyond<T: std::fmt::Debug>(result: Result<T>) -> bool {
    let Err(Error::Invalid(violations)) = result else { return false };
    violations.iter().all(|violation| violation.field == "resource_ids" && violation.code == "too_much")
}

async fn invites(app: &TestApp, acme: &Acme, scope: &Scope, email: &str, ids: &[ResourceId]) -> Result<()> {
    app.vestibule.invitations().invite_one(scope, &asked(app, acme, email, ids).await).await.map(drop)
}

both! {
    async fn somebody_limited_invites_to_some_of_their_own(app) {
        let acme = app.organization("Acme").await;
        let (garden, shed, tower) = (app.resource(&acme, "Garden").await, app.resource(&acme, "Shed").await, app.resource(&acme, "Tower").await);
        let rose = app.limited(&acme, "rose@acme.example", &[garden, shed]).await;
        let program = app.scope_of(&app.key(&rose.scope, &rose.scope.permissions()).await.1).await;
        let second = app.scope_of(&app.key(&program, &rose.scope.permissions()).await.1).await;
        let before = app.count_invitations(&acme).await;
        for (number, scope) in [&rose.scope, &program, &second].into_iter().enumerate() {
            for ids in [vec![], vec![tower], vec![garden, tower]] {
                assert!(beyond(invites(&app, &acme, scope, "grace@example.com", &ids).await), "{number}: {ids:?}");
                let new = asked(&app, &acme, "grace@example.com", &ids).await;
                let rows = app.vestibule.invitations().invite_rows(scope, std::slice::from_ref(&new), true).await.unwrap();
                assert!(matches!(&rows[0], RowOutcome::Refused(violations) if violations[0].field == "resource_ids"));
            }
            assert_eq!(app.count_invitations(&acme).await, before + number as u64);
            invites(&app, &acme, scope, &format!("grace{number}@example.com"), &[garden]).await.unwrap();
        }
        let mut form = app.invite(&acme, "mary@example.com", "member").await;
        assert!(beyond(app.vestibule.invitations().invite(&rose.scope, &form).await));
        form.resource_ids = vec![shed, garden];
        app.vestibule.invitations().invite(&rose.scope, &form).await.unwrap();
    }

    async fn a_program_in_a_limited_persons_name_is_limited(app) {
        let acme = app.organization("Acme").await;
        let (garden, tower) = (app.resource(&acme, "Garden").await, app.resource(&acme, "Tower").await);
        let rose = app.limited(&acme, "rose@acme.example", &[garden]).await;
        let (_, token) = app.key(&acme.scope, Permission::ALL).await;
        let scope = app.vestibule.on_behalf_of(app.scope_of(&token).await, rose.user.id).await.unwrap();
        assert!(beyond(invites(&app, &acme, &scope, "grace@example.com", &[]).await));
        invites(&app, &acme, &scope, "grace@example.com", &[garden]).await.unwrap();
        let (_, limiteds) = app.key(&rose.scope, &rose.scope.permissions()).await;
        let other = app.limited(&acme, "lily@acme.example", &[tower]).await;
        let scope = app.vestibule.on_behalf_of(app.scope_of(&limiteds).await, other.user.id).await.unwrap();
        for ids in [vec![], vec![garden], vec![tower]] {
            assert!(beyond(invites(&app, &acme, &scope, "alan@example.com", &ids).await), "nothing in common: {ids:?}");
        }
    }

    async fn somebody_limited_changes_invitations_and_members_within_it(app) {
        let acme = app.organization("Acme").await;
        let (garden, shed, tower) = (app.resource(&acme, "Garden").await, app.resource(&acme, "Shed").await, app.resource(&acme, "Tower").await);
        let rose = app.limited(&acme, "rose@acme.example", &[garden, shed]).await;
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "member").await;
        invites(&app, &acme, &acme.scope, "grace@example.com", &[garden]).await.unwrap();
        let id = app.vestibule.invitations().invite_one(&acme.scope, &asked(&app, &acme, "mary@example.com", &[garden]).await).await.unwrap().id;
        for (ids, may) in [(vec![], false), (vec![tower], false), (vec![shed, tower], false), (vec![shed], true)] {
            let edit = InvitationEdit { resource_ids: Some(ids.clone()), ..InvitationEdit::default() };
            let edited = app.vestibule.invitations().edit(&rose.scope, id, &edit).await;
            assert_eq!((edited.is_ok(), beyond(edited)), (may, !may), "{ids:?}");
            for member in [alan.member_id(), rose.member_id()] {
                let edit = MemberEdit { resource_ids: Some(ids.clone()), ..MemberEdit::default() };
                let edited = app.vestibule.members().edit(&rose.scope, member, &edit).await;
                assert_eq!((edited.is_ok(), beyond(edited)), (may, !may), "{ids:?}");
            }
        }
    }

    async fn somebody_limited_leaves_wider_invitations_alone(app) {
        let acme = app.organization("Acme").await;
        let garden = app.resource(&acme, "Garden").await;
        let rose = app.limited(&acme, "rose@acme.example", &[garden]).await;
        let id = app.invites(&acme, "grace@example.com").await;
        let narrow = InvitationEdit { resource_ids: Some(vec![garden]), ..InvitationEdit::default() };
        let refused = |error: Error| matches!(error, Error::Conflict(Conflict::Invitation(InvitationConflict::BeyondLimit)));
        assert!(refused(app.vestibule.invitations().edit(&rose.scope, id, &narrow).await.unwrap_err()));
        assert!(refused(app.vestibule.invitations().resend(&rose.scope, id).await.unwrap_err()));
        assert!(refused(app.vestibule.invitations().revoke(&rose.scope, id).await.unwrap_err()));
        assert_eq!(app.actions(&acme, id).await, ["invitation.created"]);
    }

    async fn accepting_asks_for_the_limit_again(app) {
        let acme = app.organization("Acme").await;
        let (garden, tower) = (app.resource(&acme, "Garden").await, app.resource(&acme, "Tower").await);
        let rose = app.limited(&acme, "rose@acme.example", &[garden, tower]).await;
        for (email, id) in [("grace@example.com", garden), ("alan@example.com", tower)] {
            invites(&app, &acme, &rose.scope, email, &[id]).await.unwrap();
        }
        app.settle().await;
        // as if the cut had not come to these yet
        let taken = app.limits_in_the_database(&acme, &rose, garden).await;
        assert_eq!(taken, 1);
        let acceptance_session = async |email: &str| app.vestibule.acceptance().open(&app.mailed_token(email)).await.unwrap();
        let (grace, alan) = (acceptance_session("grace@example.com").await, acceptance_session("alan@example.com").await);
        assert_eq!(app.vestibule.acceptance().offer(alan.as_str(), None).await.unwrap().step, AcceptanceStep::InviterMayNot);
        let refused = app.vestibule.acceptance().accept_as_new(alan.as_str(), "Alan Pemberton", PASSWORD).await;
        assert!(matches!(refused, Err(Error::Conflict(Conflict::Invitation(InvitationConflict::InviterMayNot)))), "{refused:?}");
        app.vestibule.acceptance().accept_as_new(grace.as_str(), "Grace Okafor", PASSWORD).await.unwrap();
    }
}

impl TestApp {
    /// Says without a use case that somebody is limited to nothing but this; how many rows that changes.
    async fn limits_in_the_database(&self, at: &Acme, who: &Acme, to: ResourceId) -> u64 {
        let sql = "delete from member_resources where resource_id <> $1
            and member_id in (select id from members where organization_id = $2 and user_id = $3)";
        let (organization, user) = (at.scope.organization().id.uuid(), who.user.id.uuid());
        if self.database_url.starts_with("sqlite") {
            let pool = sqlx::SqlitePool::connect(&self.database_url).await.unwrap();
            let query = sqlx::query(sql).bind(to.uuid()).bind(organization).bind(user);
            query.execute(&pool).await.unwrap().rows_affected()
        } else {
            let pool = sqlx::PgPool::connect(&self.database_url).await.unwrap();
            let query = sqlx::query(sql).bind(to.uuid()).bind(organization).bind(user);
            query.execute(&pool).await.unwrap().rows_affected()
        }
    }
}
