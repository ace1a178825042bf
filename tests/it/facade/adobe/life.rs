//! The life of an invite.

use super::{add, refusal};
use reqwest::Method;
use serde_json::json;
use vestibule_domain::Status;

both! {
    async fn it_is_made_listed_sent_again_and_revoked(app) {
        let acme = app.organization("Acme").await;
        let adobe = app.adobe(&acme).await;
        adobe.adds("Grace@Example.com").await;
        app.settle().await;
        assert_eq!(app.inbox("grace@example.com").len(), 1);
        let before = adobe.invites(Method::GET, "/grace@example.com").await.json();
        assert_eq!(before[0]["email"], "Grace@example.com");
        app.advance(chrono::Duration::minutes(5));
        let sent = adobe.invites(Method::POST, "/grace@example.com").await;
        assert_eq!((sent.status.as_u16(), sent.json()), (200, json!({ "status": "success" })));
        app.settle().await;
        assert_eq!(app.inbox("grace@example.com").len(), 2);
        let after = adobe.invites(Method::GET, "").await.json();
        let milliseconds = |list: &serde_json::Value| list[0]["lastSentDTS"].as_i64().unwrap();
        assert_eq!(milliseconds(&after) - milliseconds(&before), 300_000);
        let revoked = adobe.invites(Method::DELETE, "/grace@example.com").await;
        assert_eq!((revoked.status.as_u16(), revoked.json()), (200, json!({ "status": "success" })));
        let traces = app.traces(&acme).await;
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let answer = adobe.invites(method.clone(), "/grace@example.com").await;
            assert_eq!(refusal(&answer), (404, "invites.pending.not_found".into()), "{method}");
        }
        assert_eq!(app.traces(&acme).await, traces);
        adobe.adds("grace@example.com").await;
        assert_eq!(adobe.invites(Method::GET, "").await.json().as_array().unwrap().len(), 1);
    }

    async fn an_expired_one_is_listed_and_can_be_sent_again_but_not_revoked(app) {
        let acme = app.organization("Acme").await;
        let adobe = app.adobe(&acme).await;
        adobe.adds("grace@example.com").await;
        app.settle().await;
        app.advance(chrono::Duration::days(8));
        for is_swept in [false, true] {
            if is_swept {
                app.settle().await;
            }
            let adobe = app.adobe(&acme).await;
            assert_eq!(adobe.invites(Method::GET, "").await.status, 200);
            for rest in ["?includeExpired=false", "/grace@example.com?includeExpired=false"] {
                assert_eq!(refusal(&adobe.invites(Method::GET, rest).await).0, 404, "{rest}");
            }
            assert_eq!(refusal(&adobe.invites(Method::DELETE, "/grace@example.com").await).0, 404);
        }
        let adobe = app.adobe(&acme).await;
        // the newer of two gets the new link
        adobe.adds("grace@example.com").await;
        app.advance(chrono::Duration::days(8));
        let adobe = app.adobe(&acme).await;
        assert_eq!(adobe.invites(Method::GET, "/grace@example.com").await.json().as_array().unwrap().len(), 2);
        assert_eq!(adobe.invites(Method::POST, "/grace@example.com").await.status, 200);
        let rows = adobe.invites(Method::GET, "/grace@example.com").await.json();
        let open = adobe.invites(Method::GET, "?includeExpired=false").await.json();
        assert_eq!((rows.as_array().unwrap().len(), &rows[0]), (2, &open[0]));
        // and it stands before the older one
        assert_eq!(adobe.invites(Method::DELETE, "/grace@example.com").await.status, 200);
        assert_eq!(adobe.invites(Method::GET, "").await.json(), json!([rows[1]]));
    }

    async fn who_has_accepted_has_no_invite_and_is_a_user(app) {
        let acme = app.organization("Acme").await;
        let adobe = app.adobe(&acme).await;
        adobe.adds("grace@example.com").await;
        app.settle().await;
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("grace@example.com")).await.unwrap();
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", crate::harness::PASSWORD).await.unwrap();
        for method in [Method::GET, Method::POST, Method::DELETE] {
            assert_eq!(refusal(&adobe.invites(method, "/grace@example.com").await).0, 404);
        }
        let user = adobe.get(&format!("/organizations/{}/users/grace@example.com", adobe.org)).await;
        assert_eq!(user.json()["user"]["firstname"], "Grace");
    }

    async fn of_many_who_invite_revoke_and_resend_at_once_each_is_told_what_holds(app) {
        let acme = app.organization("Acme").await;
        let adobe = app.adobe(&acme).await;
        let commands = json!([add("grace@example.com", &json!({}))]);
        let made = futures::future::join_all((0..20).map(|_| adobe.act(&commands, ""))).await;
        let done = made.iter().filter(|answer| answer.json()["result"] == "success").count();
        assert_eq!(done, 1);
        for answer in made.iter().filter(|answer| answer.json()["result"] != "success") {
            assert_eq!(answer.json()["errors"][0]["errorCode"], "error.user.already_invited");
        }
        let id = app.invites(&acme, "alan@example.com").await;
        let ends = futures::future::join_all((0..20).map(|_| adobe.invites(Method::DELETE, "/alan@example.com"))).await;
        assert_eq!(ends.iter().filter(|answer| answer.status == 200).count(), 1);
        assert!(ends.iter().all(|answer| [200, 404].contains(&answer.status.as_u16())));
        assert_eq!(app.vestibule.invitations().detail(&acme.scope, id).await.unwrap().row.status, Status::Revoked);
        assert_eq!(app.actions(&acme, id).await, ["invitation.created", "invitation.revoked"]);
    }
}
