//! The page of the log, without scripts.

use reqwest::StatusCode;

both! {
    async fn the_page_tells_who_did_what(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        let ada = app.client_of(&acme.session);
        let page = ada.get("/o/acme/audit").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        for words in ["Ada Byrne", "Invited grace@example.com as Member", "Email sent", "invitation.created", "Joined as Owner", "\u{a0}UTC</time>"] {
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
        assert!(page.text.contains(&format!("href=\"/o/acme/invitations/{id}\"")), "its subject leads to the invitation");
        let none = ada.get("/o/acme/audit?q=nobody&action=role&from=2026-01-01&to=2026-12-31").await;
        assert!(none.text.contains("No event matches") && none.text.contains("value=\"2026-12-31\""), "{}", none.text);
        assert!(none.text.contains("/o/acme/audit/export?format=csv&amp;q=nobody&amp;action=role&amp;from=2026-01-01&amp;to=2026-12-31"), "{}", none.text);
        let file = ada.get("/o/acme/audit/export?format=csv&action=invitation.created").await;
        assert_eq!(file.headers["content-disposition"], "attachment; filename=\"acme-events.csv\"");
        assert_eq!(file.text.lines().count(), 2, "{}", file.text);
        assert_eq!(ada.get("/o/acme/audit/export?format=xml").await.status, StatusCode::NOT_FOUND);
        assert_eq!(ada.get("/o/acme/audit/export").await.status, StatusCode::NOT_FOUND);
    }

    async fn the_page_says_whether_the_record_is_whole(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        let ada = app.client_of(&acme.session);
        let verify = async || {
            let answer = ada.post("/o/acme/audit/verify", &[]).await;
            assert_eq!(answer.location(), "/o/acme/audit", "{}", answer.text);
            ada.get("/o/acme/audit").await.text
        };
        assert!(verify().await.contains("All 2 events are unchanged"));
        app.tamper(&acme, "update events set fact = replace(fact, 'grace', 'eve') where organization_id = $1").await;
        let page = verify().await;
        assert!(page.contains("The audit log is broken") && page.contains("First problem: event 2 ("), "{page}");
    }
}
