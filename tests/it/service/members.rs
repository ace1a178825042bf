//! Members, roles, and the owner who stays.

use vestibule_core::service::{Conflict, Error, NotFound};
use vestibule_domain::{MemberId, Permission};

both! {
    async fn the_last_owner_stays(app) {
        let acme = app.organization("Acme").await;
        let me = acme.member_id();
        let member = [app.role(&acme, "member").await];
        assert!(matches!(app.vestibule.members().change_roles(&acme.scope, me, &member).await, Err(Error::Conflict(Conflict::LastOwner))));
        assert!(matches!(app.vestibule.members().remove(&acme.scope, me).await, Err(Error::Conflict(Conflict::LastOwner))));
        assert!(matches!(app.vestibule.members().leave(&acme.scope).await, Err(Error::Conflict(Conflict::LastOwner))));
        app.joins(&acme, "joan@acme.example", "Joan Whitlock", "owner").await;
        app.vestibule.members().leave(&acme.scope).await.unwrap();
        assert!(matches!(app.vestibule.enter(&acme.user, "acme").await, Err(Error::NotFound(NotFound::Organization))));
    }

    async fn an_admin_cannot_touch_an_owner_or_rise(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let (owner, member) = (app.role(&acme, "owner").await, app.role(&acme, "member").await);
        let (ada, me) = (acme.member_id(), joan.member_id());
        let forbidden = |result: Result<_, Error>| matches!(result, Err(Error::Forbidden(Permission::OrganizationEdit)));
        assert!(forbidden(app.vestibule.members().change_roles(&joan.scope, ada, &[member]).await.map(drop)));
        assert!(forbidden(app.vestibule.members().remove(&joan.scope, ada).await.map(drop)));
        assert!(forbidden(app.vestibule.members().change_roles(&joan.scope, me, &[owner]).await.map(drop)));
        assert!(app.vestibule.members().change_roles(&joan.scope, me, &[]).await.is_err());
        assert!(app.vestibule.members().all(&acme.scope).await.unwrap()[0].is_owner());
    }

    async fn a_role_taken_away_counts_at_once(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let member = [app.role(&acme, "member").await];
        app.vestibule.members().change_roles(&acme.scope, joan.member_id(), &member).await.unwrap();
        // Joan's page was loaded before
        let invite = app.invite(&acme, "grace@example.com", "member").await;
        assert!(matches!(app.vestibule.invitations().invite(&joan.scope, &invite).await, Err(Error::Forbidden(Permission::UserInvite))));
        assert_eq!(app.count_invitations(&acme).await, 1);
    }

    async fn somebody_who_was_removed_may_be_invited_again(app) {
        let acme = app.organization("Acme").await;
        let grace = app.joins(&acme, "grace@example.com", "Grace Okafor", "member").await;
        app.vestibule.members().remove(&acme.scope, grace.member_id()).await.unwrap();
        assert!(app.vestibule.enter(&grace.user, "acme").await.is_err());
        app.invites(&acme, "grace@example.com").await;
    }

    async fn another_organizations_member_is_missing(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        let ada = acme.member_id();
        let member = [app.role(&other, "member").await];
        for id in [ada, MemberId::new(app.vestibule.now())] {
            assert!(matches!(app.vestibule.members().get(&other.scope, id).await, Err(Error::NotFound(NotFound::Member))));
            assert!(matches!(app.vestibule.members().change_roles(&other.scope, id, &member).await, Err(Error::NotFound(NotFound::Member))));
            assert!(matches!(app.vestibule.members().remove(&other.scope, id).await, Err(Error::NotFound(NotFound::Member))));
        }
    }
}
