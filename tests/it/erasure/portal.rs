//! The page: what is kept is counted, and erased once the address is typed.

use super::GRACE;
use crate::harness::TestApp;

both! {
    async fn an_owner_looks_an_address_up_and_erases_the_person(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let id = app.grace(&program).await;
        let ada = app.client_of(&acme.session);
        let way = format!("/o/acme/people?email={}", "grace.hopper%40navy.example");
        assert!(ada.get(&format!("/o/acme/invitations/{id}")).await.text.contains(&way));
        assert!(ada.get("/o/acme/settings").await.text.contains("href=\"/o/acme/people\""));
        assert!(!ada.get("/o/acme/people").await.text.contains("Erase this person"), "nobody is looked for");
        let page = ada.get(&way).await.text;
        for words in ["1 invitation to them", "1 email to them", "2 events", "/o/acme/people/export?email=grace.hopper%40navy.example", "Type the email address to confirm"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let file = ada.get("/o/acme/people/export?email=grace.hopper@navy.example").await;
        assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "application/json"));
        let wrong = ada.post("/o/acme/people/erase", &[("email", GRACE), ("confirm", "grace@navy.example")]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("Type the email address exactly as it stands above.") && wrong.text.contains("value=\"grace@navy.example\""), "{}", wrong.text);
        assert!(app.everything().await.contains("Grace Hopper"));
        let done = ada.post("/o/acme/people/erase", &[("email", GRACE), ("confirm", " Grace.Hopper@navy.example")]).await;
        assert_eq!((done.location(), done.flash()), ("/o/acme/people", "person_erased".into()));
        assert!(ada.get("/o/acme/people").await.text.contains("Person erased"));
        let gone = ada.get(&way).await.text;
        assert!(gone.contains("No data is stored for this email address."), "{gone}");
        let log = ada.get("/o/acme/audit").await.text;
        assert!(log.contains("Erased a person, who now appears as Erased person ") && log.contains(" events now say Erased person "), "{log}");
        let invitation = ada.get(&format!("/o/acme/invitations/{id}")).await.text;
        assert!(invitation.contains("Erased person ") && !invitation.contains("Invite again") && !invitation.contains("/o/acme/people?"), "{invitation}");
        let verified = ada.post("/o/acme/audit/verify", &[]).await;
        assert_eq!(verified.flash(), "events_verified");
        assert!(ada.get("/o/acme/audit").await.text.contains("events are unchanged"));
        app.holds_none_of(&[GRACE, "Grace Hopper"]).await;
    }

    async fn the_last_owner_is_told_why_not(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let page = ada.get("/o/acme/people?email=ada@acme.example").await.text;
        assert!(page.contains("This is the last owner, who can’t be erased") && !page.contains("/people/erase"), "{page}");
        let fields = [("email", "ada@acme.example"), ("confirm", "ada@acme.example")];
        let refused = ada.post("/o/acme/people/erase", &fields).await;
        assert_eq!(refused.status, 422);
        assert_eq!(app.vestibule.feed().events(&acme.scope, 0, 500).await.unwrap().len(), 1);
    }

    async fn an_admin_sees_neither_the_way_nor_the_page(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let id = app.invites(&acme, GRACE).await;
        let client = app.client_of(&joan.session);
        assert!(!client.get(&format!("/o/acme/invitations/{id}")).await.text.contains("/o/acme/people"));
        for path in ["/o/acme/people", "/o/acme/people?email=grace.hopper@navy.example", "/o/acme/people/export?email=grace.hopper@navy.example"] {
            let answer = client.get(path).await;
            assert_eq!(answer.status, 403, "{path}");
            assert!(!answer.text.contains("1 invitation"), "{path}");
        }
        let refused = client.post("/o/acme/people/erase", &[("email", GRACE), ("confirm", GRACE)]).await;
        assert_eq!(refused.status, 403);
        assert!(app.everything().await.contains(GRACE));
        let stranger = app.organization("Other").await;
        let refused = app.client_of(&stranger.session).post("/o/acme/people/erase", &[("email", GRACE), ("confirm", GRACE)]).await;
        assert_eq!(refused.status, 404);
        assert!(app.everything().await.contains(GRACE));
    }
}

#[tokio::test]
async fn a_form_from_another_site_erases_nobody() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    app.invites(&acme, GRACE).await;
    let ada = app.client_of(&acme.session);
    let request = ada.request(reqwest::Method::POST, "/o/acme/people/erase").header("sec-fetch-site", "cross-site");
    assert_eq!(ada.send(request.form(&[("email", GRACE), ("confirm", GRACE)])).await.status, 403);
    assert!(app.everything().await.contains(GRACE));
}
