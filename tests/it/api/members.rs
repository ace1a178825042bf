//! Members through the API.

use crate::harness::TestApp;
use reqwest::StatusCode;
use serde_json::json;
use vestibule_domain::Permission;

both! {
    async fn members_are_listed_changed_and_removed(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let joan = app.joins(&acme, "joan@example.com", "Joan Whitlock", "admin").await;
        let list = program.get("/members?limit=1").await.json();
        assert_eq!((&list["total"], &list["data"][0]["email"]), (&json!(2), &json!("joan@example.com")));
        let next = program.get(&format!("/members?limit=1&cursor={}", list["next_cursor"].as_str().unwrap())).await.json();
        assert_eq!((&next["data"][0]["email"], &next["next_cursor"]), (&json!(acme.owner), &json!(null)));
        let path = format!("/members/{}", joan.member_id());
        let edited = program.patch(&path, &json!({ "roles": ["member"], "metadata": { "desk": 4 } })).await;
        assert_eq!((&edited.json()["roles"][0]["key"], &edited.json()["metadata"]), (&json!("member"), &json!({ "desk": 4 })));
        assert_eq!(program.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(program.get(&path).await.refusal(), (404, "member_missing".into()));
        assert_eq!(program.delete(&path).await.refusal(), (404, "member_missing".into()));
    }
}

#[tokio::test]
async fn the_last_owner_stays() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let path = format!("/members/{}", acme.member_id());
    assert_eq!(program.delete(&path).await.refusal(), (409, "last_owner".into()));
    assert_eq!(program.patch(&path, &json!({ "roles": ["admin"] })).await.refusal(), (409, "last_owner".into()));
    let few = app.program_with(&acme, &[Permission::UserEdit, Permission::UserRead]).await;
    assert_eq!(few.delete(&path).await.refusal(), (403, "forbidden".into()), "who holds more is not mine to remove");
}
