//! Signing in and out, and forgotten passwords.

use crate::harness::{PASSWORD, cast::CLIENT, inbox::after};
use chrono::Duration;
use vestibule_core::service::{Conflict, Error, NotFound, OrganizationConflict, SetUp};

fn ada() -> SetUp {
    SetUp {
        organization: "Acme".into(),
        slug: String::new(),
        name: "Ada Byrne".into(),
        email: "ada@acme.example".into(),
        password: PASSWORD.into(),
    }
}

both! {
    async fn the_set_up_link_works_once(app) {
        assert!(app.vestibule.organizations().needs_set_up().await.unwrap());
        let token = after(&app.vestibule.organizations().set_up_url(), "token=");
        assert!(matches!(app.vestibule.organizations().set_up("vss_guess", ada()).await, Err(Error::NotFound(NotFound::Link))));
        let refused = app.vestibule.organizations().set_up(&token, SetUp { password: "short".into(), name: String::new(), ..ada() }).await;
        let Err(Error::Invalid(violations)) = refused else { panic!("{refused:?}") };
        let fields: Vec<&str> = violations.iter().map(|violation| violation.field.as_ref()).collect();
        assert_eq!(fields, ["name", "password"], "all that is wrong at once");
        let (session, slug) = app.vestibule.organizations().set_up(&token, ada()).await.unwrap();
        assert_eq!(slug.as_str(), "acme");
        assert!(app.vestibule.sessions().get(session.as_str()).await.unwrap().is_some());
        let again = app.vestibule.organizations().set_up(&token, SetUp { email: "mallory@acme.example".into(), ..ada() }).await;
        assert!(matches!(again, Err(Error::Conflict(Conflict::Organization(OrganizationConflict::AlreadySetUp)))));
    }

    async fn a_session_ends_when_idle_and_when_old(app) {
        let acme = app.organization("Acme").await;
        let alive = async || app.vestibule.sessions().get(acme.session.as_str()).await.unwrap().is_some();
        app.advance(Duration::hours(8));
        assert!(alive().await);
        app.advance(Duration::hours(8) + Duration::seconds(1));
        assert!(!alive().await, "idle");
        let session = app.vestibule.sessions().sign_in(&acme.owner, PASSWORD, CLIENT).await.unwrap();
        for _ in 0..24 {
            app.advance(Duration::hours(7));
            let active = app.vestibule.sessions().get(session.as_str()).await.unwrap().is_some();
            assert!(active || app.vestibule.now() >= acme.user.created_at + Duration::days(7));
        }
        assert!(app.vestibule.sessions().get(session.as_str()).await.unwrap().is_none(), "old");
    }

    async fn signing_out_kills_the_session_on_our_side(app) {
        let acme = app.organization("Acme").await;
        app.vestibule.sessions().sign_out(acme.session.as_str()).await.unwrap();
        assert!(app.vestibule.sessions().get(acme.session.as_str()).await.unwrap().is_none());
    }

    async fn wrong_and_unknown_are_refused_alike(app) {
        let acme = app.organization("Acme").await;
        for (email, password) in [(acme.owner.as_str(), "wrong password!"), ("nobody@acme.example", PASSWORD), ("not an address", PASSWORD)] {
            assert!(matches!(app.vestibule.sessions().sign_in(email, password, CLIENT).await, Err(Error::Unauthenticated)), "{email}");
        }
        assert!(app.vestibule.sessions().sign_in(" ADA@Acme.Example ", PASSWORD, CLIENT).await.is_ok());
        assert!(app.vestibule.sessions().sign_in(&acme.owner, &format!("{PASSWORD} "), CLIENT).await.is_err(), "every byte counts");
    }

    async fn guessing_is_stopped_and_its_owner_elsewhere_is_not(app) {
        let acme = app.organization("Acme").await;
        let guesser = "203.0.113.9".parse().unwrap();
        for _ in 0..10 {
            assert!(matches!(app.vestibule.sessions().sign_in(&acme.owner, "wrong password!", guesser).await, Err(Error::Unauthenticated)));
        }
        assert!(matches!(app.vestibule.sessions().sign_in(&acme.owner, PASSWORD, guesser).await, Err(Error::RateLimited(_))));
        assert!(app.vestibule.sessions().sign_in(&acme.owner, PASSWORD, CLIENT).await.is_ok());
    }

    async fn a_forgotten_password_is_replaced_by_the_mailed_link(app) {
        let acme = app.organization("Acme").await;
        app.vestibule.sessions().forgot_password("nobody@acme.example", CLIENT).await.unwrap();
        app.vestibule.sessions().forgot_password(&acme.owner, CLIENT).await.unwrap();
        app.settle().await;
        assert_eq!(app.mail.messages().len(), 1);
        let token = after(&app.newest_mail(&acme.owner).text, "token=");
        assert_eq!(app.vestibule.sessions().password_link(&token).await.unwrap().as_str(), acme.owner);
        assert!(matches!(app.vestibule.sessions().choose_password(&token, "Password1234").await, Err(Error::Invalid(_))));
        let session = app.vestibule.sessions().choose_password(&token, "marigold pewter sextant").await.unwrap();
        assert!(app.vestibule.sessions().get(session.as_str()).await.unwrap().is_some());
        assert!(app.vestibule.sessions().get(acme.session.as_str()).await.unwrap().is_none(), "all other sessions end");
        assert!(matches!(app.vestibule.sessions().choose_password(&token, "another good pass phrase").await, Err(Error::NotFound(NotFound::Link))), "once");
        app.settle().await;
        assert_eq!(app.inbox(&acme.owner).len(), 2, "the owner is told");
        assert!(app.vestibule.sessions().sign_in(&acme.owner, PASSWORD, CLIENT).await.is_err());
    }

    async fn a_reset_link_lasts_an_hour(app) {
        let acme = app.organization("Acme").await;
        app.vestibule.sessions().forgot_password(&acme.owner, CLIENT).await.unwrap();
        app.settle().await;
        let token = after(&app.newest_mail(&acme.owner).text, "token=");
        app.advance(Duration::hours(1));
        assert!(matches!(app.vestibule.sessions().choose_password(&token, "marigold pewter sextant").await, Err(Error::NotFound(NotFound::Link))));
    }

    async fn old_sessions_visits_and_mails_are_removed(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        app.vestibule.acceptance().open(&app.mailed_token("grace@example.com")).await.unwrap();
        assert_eq!(vestibule_core::worker::prune(&app.vestibule).await.unwrap(), 2, "two limits that the sign-in gave back");
        app.advance(Duration::days(90));
        assert_eq!(vestibule_core::worker::prune(&app.vestibule).await.unwrap(), 3 + 5, "and five limits of the invitation");
    }
}
