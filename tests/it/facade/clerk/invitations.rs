//! The life of an organization invitation.

use super::refusal;

both! {
    async fn it_is_made_listed_read_and_revoked(app) {
        let acme = app.organization("Acme").await;
        let clerk = app.clerk(&acme).await;
        let made = clerk.invites("grace@example.com").await;
        let id = made["id"].as_str().unwrap();
        assert_eq!(clerk.get(&clerk.here(&format!("/{id}"))).await.json(), made);
        let list = clerk.get(&clerk.here("")).await;
        assert_eq!(list.header("content-type"), "application/json");
        assert_eq!((list.json()["total_count"].as_u64(), &list.json()["data"][0]), (Some(1), &made));
        let revoked = clerk.send(clerk.request(reqwest::Method::POST, &clerk.here(&format!("/{id}/revoke")))).await;
        assert_eq!((revoked.status.as_u16(), revoked.json()["status"].as_str()), (200, Some("revoked")), "{}", revoked.text);
        let again = clerk.send(clerk.request(reqwest::Method::POST, &clerk.here(&format!("/{id}/revoke")))).await;
        assert_eq!(refusal(&again), (404, "organization_invitation_not_pending".into()));
    }
}
