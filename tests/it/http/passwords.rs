//! Forgotten passwords.

use super::{says, seen};
use crate::harness::{PASSWORD, TestApp, cast::CLIENT, inbox::after};
use chrono::Duration;
use vestibule_core::service::{Error, SetUp};

const LINK: &str = "__Host-vst_pwd";

/// The token of a new mail about a password.
async fn link(app: &TestApp, email: &str) -> String {
    app.client().post("/forgot-password", &[("email", email)]).await;
    app.settle().await;
    after(&app.newest_mail(email).text, "/choose-password?token=")
}

#[tokio::test]
async fn the_answer_never_says_whether_an_address_is_known() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let known = app.client().post("/forgot-password", &[("email", &acme.owner)]).await;
    says(&known, 200, "If this email address has an account, we’ve sent it an email.");
    let known = seen(known);
    for email in ["nobody@acme.example", "no address", ""] {
        assert_eq!(seen(app.client().post("/forgot-password", &[("email", email)]).await), known, "{email}");
    }
    app.settle().await;
    assert_eq!(app.mail.messages().len(), 1);
}

#[tokio::test]
async fn a_mailed_link_sets_a_password_once_and_ends_every_session() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let token = link(&app, &acme.owner).await;
    let client = app.client();
    let answer = client.get(&format!("/choose-password?token={token}")).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/choose-password"));
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    let page = client.get("/choose-password").await;
    says(&page, 200, &acme.owner);
    assert!(!page.text.contains(&token), "the token is in the page");
    says(&client.post("/choose-password", &[("password", "short")]).await, 422, "This has 5.");
    let answer = client.post("/choose-password", &[("password", "otter lamplight fjord")]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"));
    assert_eq!(client.cookie(LINK), None);
    assert_eq!(client.get("/").await.location(), "/o/acme/invitations");
    assert!(app.vestibule.sessions().get(acme.session.as_str()).await.unwrap().is_none(), "the old session lives");
    let fields = [("email", acme.owner.as_str()), ("password", PASSWORD)];
    assert_eq!(app.client().post("/sign-in", &fields).await.status, 422);
    says(&app.client().get(&format!("/choose-password?token={token}")).await, 410, "This link is used up");
}

#[tokio::test]
async fn a_link_is_good_for_an_hour_and_only_whole() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let token = link(&app, &acme.owner).await;
    let client = app.client();
    client.get(&format!("/choose-password?token={token}")).await;
    says(&app.client().get(&format!("/choose-password?token={}", &token[..30])).await, 410, "This link is used up");
    app.advance(Duration::hours(1));
    says(&client.get("/choose-password").await, 410, "This link is used up");
    says(&client.post("/choose-password", &[("password", PASSWORD)]).await, 410, "This link is used up");
    says(&app.client().post("/choose-password", &[("password", PASSWORD)]).await, 410, "This link is used up");
}

#[tokio::test]
async fn mails_cannot_be_asked_for_without_end() {
    let app = TestApp::new().await;
    for n in 0..10 {
        let email = format!("person{n}@acme.example");
        assert_eq!(app.client().post("/forgot-password", &[("email", &email)]).await.status, 200);
    }
    let answer = app.client().post("/forgot-password", &[("email", "one-more@acme.example")]).await;
    says(&answer, 429, "Try again in 6 minutes.");
    assert_eq!(answer.header("retry-after"), "360");
}

fn is_common(error: &Error) -> bool {
    matches!(error, Error::Invalid(found) if found.iter().any(|one| one.code == "password_common"))
}

both! {
    async fn an_organizations_name_is_no_password_for_who_founds_it_or_joins_it(app) {
        let founding = |password: &str| SetUp {
            organization: "Driftwood Gallery".into(),
            slug: "driftwood".into(),
            name: "Joan Okafor".into(),
            email: "joan@example.com".into(),
            password: password.into(),
        };
        assert!(is_common(&app.vestibule.organizations().create(founding("DriftwoodGallery1")).await.unwrap_err()));
        app.vestibule.organizations().create(founding("otter lamplight fjord")).await.unwrap();
        let acme = app.organization("Saltmarsh Press").await;
        let id = app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("grace@example.com")).await.unwrap();
        let refused = app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", "Saltmarsh-Press-1").await;
        assert!(is_common(&refused.unwrap_err()));
        assert!(!app.actions(&acme, id).await.contains(&"invitation.accepted"));
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", "otter lamplight fjord").await.unwrap();
    }

    async fn a_forgotten_password_is_not_replaced_by_the_name_of_any_organization_of_theirs(app) {
        let acme = app.organization("Saltmarsh Press").await;
        app.beside(&acme, "Driftwood Gallery").await;
        let token = link(&app, &acme.owner).await;
        let client = app.client();
        client.get(&format!("/choose-password?token={token}")).await;
        for password in ["SaltmarshPress1", "driftwood-gallery-2026", "Driftwood Saltmarsh 7"] {
            let answer = client.post("/choose-password", &[("password", password)]).await;
            says(&answer, 422, "This password is among the first that anybody tries.");
        }
        app.settle().await;
        assert_eq!(app.mail.messages().len(), 1, "nobody was told of a new one");
        assert!(app.vestibule.sessions().get(acme.session.as_str()).await.unwrap().is_some(), "the session goes on");
        assert_eq!(client.post("/choose-password", &[("password", "otter lamplight fjord")]).await.status, 303);
    }

    async fn a_password_is_not_changed_to_the_name_of_any_organization_of_theirs(app) {
        let acme = app.organization("Saltmarsh Press").await;
        let driftwood = app.beside(&acme, "Driftwood Gallery").await;
        let grace = app.joins(&driftwood, "grace@example.com", "Grace Okafor", "member").await;
        let change = async |user, new| app.vestibule.sessions().change_password(user, PASSWORD, new, CLIENT).await;
        assert!(is_common(&change(&grace.user, "DriftwoodGallery1").await.unwrap_err()));
        assert!(is_common(&change(&acme.user, "DriftwoodGallery1").await.unwrap_err()));
        assert!(app.vestibule.sessions().get(grace.session.as_str()).await.unwrap().is_some(), "the session goes on");
        change(&grace.user, "SaltmarshPress1").await.expect("she does not belong there");
    }
}
