//! Invitations through the API.

use super::Program;
use crate::harness::{Setup, TestApp};
use reqwest::StatusCode;
use serde_json::{Value, json};
use vestibule_domain::{InvitationId, Permission, Status};

fn id_of(body: &Value) -> InvitationId {
    body["id"].as_str().unwrap().parse().unwrap()
}

async fn invite(program: &Program, email: &str) -> Value {
    let answer = program.post("/invitations", &json!({ "email": email })).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.json()
}

both! {
    async fn an_invitation_is_made_read_edited_resent_and_revoked(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let answer = program.post("/invitations", &json!({
            "email": " Grace@Example.COM ", "name": "Grace Okafor", "roles": ["admin"], "metadata": {"team": "garden"},
            "message": "Welcome", "locale": "de", "expires_in_days": 3,
        })).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        let made = answer.json();
        assert_eq!(made["email"], "Grace@example.com");
        assert_eq!((&made["status"], &made["delivery"]["state"], &made["roles"][0]["key"]), (&json!("pending"), &json!("queued"), &json!("admin")));
        assert_eq!((&made["inviter"]["type"], &made["inviter"]["name"]), (&json!("api_key"), &json!("ci")));
        assert!(made.get("acceptance_url").is_none(), "the mailbox has the link");
        let path = format!("/invitations/{}", made["id"].as_str().unwrap());
        assert!(answer.headers["location"].to_str().unwrap().ends_with(&path));

        let read = program.get(&path).await;
        assert_eq!((read.status, &read.headers["etag"]), (StatusCode::OK, &answer.headers["etag"]));
        let edited = program.patch(&path, &json!({ "roles": ["member"], "message": null })).await;
        assert_eq!((&edited.json()["roles"][0]["key"], &edited.json()["message"]), (&json!("member"), &json!(null)));
        assert_ne!(edited.headers["etag"], answer.headers["etag"]);
        let resent = program.post(&format!("{path}/resend"), &json!(null)).await;
        assert_eq!(resent.status, StatusCode::OK, "{}", resent.text);
        let revoked = program.post(&format!("{path}/revocation"), &json!(null)).await;
        assert_eq!(revoked.json()["status"], "revoked");
        let actions: Vec<Value> = program.get(&format!("{path}/events")).await.json()["data"]
            .as_array().unwrap().iter().map(|event| event["action"].clone()).collect();
        assert_eq!(actions, ["invitation.revoked", "invitation.resent", "invitation.edited", "invitation.created"]);
        assert_eq!(program.post(&format!("{path}/revocation"), &json!(null)).await.refusal(), (409, "closed".into()));
        assert_eq!(program.patch(&path, &json!({ "message": "x" })).await.refusal(), (409, "closed".into()));
    }

    async fn what_is_offered_goes_to_the_member(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let resource = program.post("/resources", &json!({ "name": "Garden app", "external_id": "app-1" })).await.json();
        invite(&program, "alan@example.com").await;
        let answer = program.post("/invitations", &json!({
            "email": "grace@example.com", "roles": ["member", "admin"], "resources": ["app-1"],
            "metadata": { "plan": "pro" }, "private_metadata": { "crm": 7 },
        })).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        app.settle().await;
        let mail = app.newest_mail("grace@example.com");
        assert_eq!(mail.subject, "Acme invites you to join", "a program has no name to sign with");
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("grace@example.com")).await.unwrap();
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", crate::harness::PASSWORD).await.unwrap();
        let read = program.get(&format!("/invitations/{}", answer.json()["id"].as_str().unwrap())).await.json();
        assert_eq!(read["status"], "accepted");
        let member = program.get(&format!("/members/{}", read["member_id"].as_str().unwrap())).await.json();
        assert_eq!((&member["metadata"], &member["private_metadata"]), (&json!({ "plan": "pro" }), &json!({ "crm": 7 })));
        assert_eq!((member["roles"].as_array().unwrap().len(), &member["resources"][0]["id"]), (2, &resource["id"]));
    }

    async fn lists_agree_with_their_totals_in_both_directions(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        for number in 0..7 {
            invite(&program, &format!("person{number}@example.com")).await;
        }
        for sort in ["-created_at", "created_at"] {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = program.get(&format!("/invitations?limit=3&sort={sort}{cursor}")).await.json();
                assert_eq!(page["total"], 7);
                seen.extend(page["data"].as_array().unwrap().iter().map(|row| row["email"].as_str().unwrap().to_owned()));
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            let mut wanted: Vec<String> = (0..7).map(|number| format!("person{number}@example.com")).collect();
            if sort.starts_with('-') {
                wanted.reverse();
            }
            assert_eq!(seen, wanted, "{sort}");
        }
    }

    async fn lists_are_filtered(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let grace = invite(&program, "grace@example.com").await;
        app.advance(chrono::Duration::hours(1));
        let alan = app.invites_as(&acme, "alan@example.org", "admin").await;
        program.post(&format!("/invitations/{}/revocation", grace["id"].as_str().unwrap()), &json!(null)).await;
        let key = grace["inviter"]["id"].as_str().unwrap();
        let later = "2026-11-22T09:30:00Z";
        for (query, wanted) in [
            ("status=revoked".to_owned(), "grace"), ("status=pending".to_owned(), "alan"), ("email=GRACE@example.com".to_owned(), "grace"),
            ("q=example.org".to_owned(), "alan"), ("role=admin".to_owned(), "alan"), (format!("inviter={key}"), "grace"),
            (format!("inviter={}", acme.user.id), "alan"), (format!("created_from={later}"), "alan"), (format!("created_to={later}"), "grace"),
            ("delivery=queued&status=pending".to_owned(), "alan"),
        ] {
            let page = program.get(&format!("/invitations?{query}")).await.json();
            let emails: Vec<&str> = page["data"].as_array().unwrap().iter().map(|row| row["email"].as_str().unwrap()).collect();
            assert!(emails.len() == 1 && emails[0].starts_with(wanted) && page["total"] == 1, "{query}: {page}");
        }
        assert_eq!(app.invitation(&acme, alan).await.status(app.vestibule.now()), Status::Pending);
    }

    async fn many_are_invited_at_once_and_each_row_is_told(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        invite(&program, "open@example.com").await;
        let rows = json!({ "invitations": [
            { "email": "grace@example.com" }, { "email": "open@example.com" }, { "email": acme.owner }, { "email": "nobody" },
            { "email": "GRACE@example.com" }, { "email": "alan@example.com", "roles": ["queen"] }, { "email": "mei@example.com", "notify": false },
        ] });
        let dry = program.post("/invitations/bulk?dry_run=true", &rows).await.json();
        assert_eq!((&dry["invited"], &dry["refused"], &dry["outcomes"][0]["outcome"]), (&json!(2), &json!(5), &json!("would_invite")));
        assert_eq!(app.count_invitations(&acme).await, 1, "a dry run keeps nothing");
        let done = program.post("/invitations/bulk", &rows).await.json();
        let codes: Vec<&str> = done["outcomes"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap_or("-")).collect();
        assert_eq!(codes, ["-", "already_invited", "already_member", "invalid", "invalid", "invalid", "-"]);
        assert_eq!(done["outcomes"][5]["errors"][0]["field"], "roles[0]");
        assert!(done["outcomes"][6]["acceptance_url"].as_str().unwrap().contains("/i/vst_"));
        assert_eq!(app.count_invitations(&acme).await, 3);
    }
}

#[tokio::test]
async fn a_second_open_invitation_is_refused_and_names_the_first() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let first = invite(&program, "grace@example.com").await;
    let second = program.post("/invitations", &json!({ "email": "GRACE@example.com" })).await;
    assert_eq!(second.refusal(), (409, "already_invited".into()));
    assert_eq!(second.json()["invitation_id"], first["id"]);
    let owner = program.post("/invitations", &json!({ "email": acme.owner })).await;
    assert_eq!(owner.refusal(), (409, "already_member".into()));
}

#[tokio::test]
async fn what_is_wrong_is_named_field_by_field_and_nothing_happens() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    for (body, fields) in [
        (
            json!({ "email": "nobody", "name": "evil.com", "message": "x".repeat(2001) }),
            vec!["email", "name", "message"],
        ),
        (json!({ "email": "a@example.com", "roles": [] }), vec!["roles"]),
        (json!({ "email": "a@example.com", "roles": ["member", "queen"] }), vec!["roles[1]"]),
        (json!({ "email": "a@example.com", "resources": ["x"] }), vec!["resources[0]"]),
        (json!({ "email": "a@example.com", "redirect_url": "https://evil.example" }), vec!["redirect_url"]),
        (json!({ "email": "a@example.com", "expires_at": "2020-01-01T00:00:00Z" }), vec!["expires_at"]),
        (json!({ "email": "a@example.com", "expires_in_days": 366 }), vec!["expires_in_days"]),
        (json!({ "email": "a@example.com", "locale": "de_DE" }), vec!["locale"]),
        (json!({ "email": "a@example.com", "metadata": { "a": "x".repeat(9000) } }), vec!["metadata"]),
        (json!({ "email": "a@example.com", "org_id": "x" }), vec!["org_id"]),
        (json!({ "email": "a@example.com", "status": "accepted" }), vec!["status"]),
        (json!({ "email": 7 }), vec!["email"]),
    ] {
        let answer = program.post("/invitations", &body).await;
        assert_eq!(
            (answer.refusal().0, answer.fields()),
            (422, fields.iter().map(|f| (*f).to_owned()).collect()),
            "{body}: {}",
            answer.text
        );
    }
    assert_eq!(app.count_invitations(&acme).await, 0);
    app.settle().await;
    assert!(app.mail.messages().is_empty());
}

#[tokio::test]
async fn nobody_grants_more_than_their_key_may() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program =
        app.program_with(&acme, &[Permission::UserInvite, Permission::OrganizationRead, Permission::UserRead]).await;
    let refused = program.post("/invitations", &json!({ "email": "grace@example.com", "roles": ["admin"] })).await;
    assert_eq!(refused.refusal(), (403, "forbidden".into()));
    invite(&program, "grace@example.com").await;
}

#[tokio::test]
async fn a_change_by_somebody_else_is_not_overwritten_unseen() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let made = program.post("/invitations", &json!({ "email": "grace@example.com" })).await;
    let (path, tag) = (format!("/invitations/{}", id_of(&made.json())), made.headers["etag"].clone());
    let edit = |message: &str| {
        program
            .request(reqwest::Method::PATCH, &path)
            .header("if-match", tag.clone())
            .json(&json!({ "message": message }))
    };
    assert_eq!(program.send(edit("first")).await.status, StatusCode::OK);
    assert_eq!(program.send(edit("second")).await.refusal(), (412, "changed".into()));
    assert_eq!(program.get(&path).await.json()["message"], "first");
    for (tag, wanted) in [("W/\"0\"", 412), ("\"0\", \"1\"", 412), ("0", 400)] {
        let request = program.request(reqwest::Method::PATCH, &path).header("if-match", tag);
        assert_eq!(program.send(request.json(&json!({ "message": "x" }))).await.refusal().0, wanted, "{tag}");
    }
    let any =
        program.request(reqwest::Method::PATCH, &path).header("if-match", "*").json(&json!({ "message": "third" }));
    assert_eq!(program.send(any).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_organization_invites_only_where_it_wants_to() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let edit = json!({ "allowed_domains": ["Example.com"], "redirect_origins": ["https://app.example"] });
    assert_eq!(program.patch("", &edit).await.status, StatusCode::OK);
    let refused = program.post("/invitations", &json!({ "email": "grace@example.org" })).await;
    assert_eq!((refused.refusal().0, &refused.json()["errors"][0]["code"]), (422, &json!("domain_not_allowed")));
    let body = json!({ "email": "grace@example.com", "redirect_url": "https://app.example/welcome" });
    assert_eq!(program.post("/invitations", &body).await.json()["redirect_url"], "https://app.example/welcome");
}

#[tokio::test]
async fn an_organization_has_an_hourly_limit() {
    let settings = Box::new(|settings: &mut vestibule_core::service::Settings| settings.invitations_per_hour = 2);
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    invite(&program, "a@example.com").await;
    invite(&program, "b@example.com").await;
    let refused = program.post("/invitations", &json!({ "email": "c@example.com" })).await;
    assert_eq!(refused.refusal(), (429, "invitation_limit".into()));
    assert!(refused.headers.contains_key("retry-after"));
}
