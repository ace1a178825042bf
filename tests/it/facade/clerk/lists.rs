//! Which invitations a list has, in which order.

use super::Backend;
use crate::harness::{Acme, PASSWORD, TestApp};
use chrono::Duration;
use serde_json::json;
use vestibule_domain::Role;

/// One of each status, made in this order: pending, accepted, declined, revoked, expired.
async fn one_of_each(app: &TestApp) -> (Acme, Backend) {
    let acme = app.organization("Acme").await;
    let clerk = app.clerk(&acme).await;
    for email in ["pending@example.com", "accepted@example.com", "declined@example.com", "revoked@example.com"] {
        clerk.invites(email).await;
        app.advance(Duration::seconds(1));
    }
    let short = json!({ "email_address": "expired@example.com", "role": "org:member", "expires_in_days": 1 });
    clerk.post(&clerk.here(""), &short).await;
    app.settle().await;
    let acceptance_session =
        async |email: &str| app.vestibule.acceptance().open(&app.mailed_token(email)).await.unwrap();
    app.vestibule
        .acceptance()
        .accept_as_new(acceptance_session("accepted@example.com").await.as_str(), "Grace", PASSWORD)
        .await
        .unwrap();
    app.vestibule
        .acceptance()
        .decline(acceptance_session("declined@example.com").await.as_str(), "no time")
        .await
        .unwrap();
    let revoked = clerk.get(&clerk.here("?email_address=revoked@example.com")).await.json();
    let id = revoked["data"][0]["id"].as_str().unwrap();
    clerk.post(&clerk.here(&format!("/{id}/revoke")), &json!({})).await;
    app.advance(Duration::days(1));
    (acme, clerk)
}

/// The names before the @, in their order, and the number of all.
async fn names(clerk: &Backend, path: &str) -> (Vec<String>, Option<u64>) {
    let answer = clerk.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    let body = answer.json();
    let rows = body.as_array().or_else(|| body["data"].as_array()).unwrap();
    let name = |email: &str| email.split('@').next().unwrap().to_owned();
    let names = rows.iter().map(|row| name(row["email_address"].as_str().unwrap())).collect();
    (names, body["total_count"].as_u64())
}

both! {
    /// What a client concludes from an invitation: who gets which power, and that every field is there to be read.
    async fn nothing_that_a_client_looks_for_is_left_out_or_made_up(app) {
        let acme = app.organization("Acme").await;
        let clerk = app.clerk(&acme).await;
        app.vestibule.roles().create(&acme.scope, "deputy", "Deputy", &Role::admin_permissions()).await.unwrap();
        let roles = [("owner", "Owner"), ("admin", "Admin"), ("deputy", "Deputy"), ("member", "Member")];
        for (key, name) in roles {
            let email = format!("{key}@example.com");
            app.invites_as(&acme, &email, key).await;
            let list = clerk.get(&clerk.here(&format!("?email_address={email}"))).await.json();
            let row = &list["data"][0];
            assert_eq!((&row["role"], &row["role_name"]), (&json!(format!("org:{key}")), &json!(name)));
            assert_eq!((&row["public_metadata"], &row["private_metadata"]), (&json!({}), &json!({})), "{row}");
            assert_eq!((&row["inviter_id"], &row["status"]), (&json!(clerk.owner), &json!("pending")), "{row}");
            let (expires, updated) = (row["expires_at"].as_i64().unwrap(), row["updated_at"].as_i64().unwrap());
            assert!(expires > updated && row["url"].is_string(), "{row}");
        }
        let list = clerk.get(&clerk.here("?status=pending&limit=1")).await.json();
        assert_eq!((list["data"].as_array().unwrap().len(), &list["total_count"]), (1, &json!(4)));
    }

    async fn by_status_and_order(app) {
        let (_, clerk) = one_of_each(&app).await;
        let all = ["expired", "revoked", "declined", "accepted", "pending"];
        let sorted = ["accepted", "declined", "expired", "pending", "revoked"];
        let backwards: Vec<&str> = all.iter().rev().copied().collect();
        for (query, wanted, total) in [
            ("", &all[..], 5),
            ("?status=pending", &["pending"], 1),
            ("?status=accepted", &["accepted"], 1),
            ("?status=revoked", &["revoked", "declined"], 2),
            ("?status=expired", &["expired"], 1),
            ("?status=pending&status=expired", &["expired", "pending"], 2),
            ("?order_by=created_at", &backwards, 5),
            ("?order_by=%2Bcreated_at", &backwards, 5),
            ("?order_by=+created_at", &backwards, 5),
            ("?order_by=email_address", &sorted, 5),
            ("?order_by=-email_address&limit=2", &["revoked", "pending"], 5),
            ("?limit=2&offset=1", &["revoked", "declined"], 5),
            ("?limit=2.0&offset=4.0", &["pending"], 5),
            ("?limit=500&offset=5", &[], 5),
            ("?email_address=Pending@Example.com", &["pending"], 1),
            ("?email_address=pend", &[], 0),
            ("/pending", &["pending"], 1),
            ("/pending?offset=1", &[], 1),
        ] {
            let (names, count) = names(&clerk, &clerk.here(query)).await;
            assert_eq!((names.iter().map(String::as_str).collect::<Vec<_>>(), count), (wanted.to_vec(), Some(total)), "{query}");
        }
    }

    async fn of_the_instance_and_of_the_application(app) {
        let (_, clerk) = one_of_each(&app).await;
        let id = clerk.get("/invitations?query=accepted").await.json()[0]["id"].as_str().unwrap().to_owned();
        let by_id = format!("/invitations?query={id}");
        let not_revoked = ["expired", "accepted", "pending"];
        for (path, wanted, total) in [
            ("/organization_invitations?query=E", &["expired", "revoked", "declined", "accepted", "pending"][..], Some(5)),
            ("/organization_invitations?query=PT", &["accepted"], Some(1)),
            ("/organization_invitations?query=%25", &[], Some(0)),
            ("/organization_invitations?status=revoked&limit=1", &["revoked"], Some(2)),
            ("/invitations", &not_revoked, None),
            ("/invitations?paginated=false", &not_revoked, None),
            ("/invitations?paginated=true&limit=1", &["expired"], Some(3)),
            ("/invitations?status=revoked", &["revoked", "declined"], None),
            ("/invitations?order_by=expires_at", &["expired", "pending", "accepted"], None),
            (&by_id, &["accepted"], None),
        ] {
            let (names, count) = names(&clerk, path).await;
            assert_eq!((names.iter().map(String::as_str).collect::<Vec<_>>(), count), (wanted.to_vec(), total), "{path}");
        }
        let whole = clerk.get("/organization_invitations?limit=1").await.json();
        assert_eq!(whole["data"][0]["public_organization_data"]["slug"], "acme");
        let member = clerk.get(&clerk.here("?status=accepted")).await.json()["data"][0]["email_address"].clone();
        assert_eq!(member, "accepted@example.com");
    }

    async fn of_a_member(app) {
        let (acme, clerk) = one_of_each(&app).await;
        let members = app.vestibule.members().all(&acme.scope).await.unwrap();
        let grace = members.iter().find(|member| member.email.as_str() == "accepted@example.com").unwrap();
        let path = format!("/users/user_{}/organization_invitations", grace.user_id.uuid().simple());
        assert_eq!(names(&clerk, &path).await, (vec!["accepted".to_owned()], Some(1)));
        assert_eq!(names(&clerk, &format!("{path}?status=pending")).await, (vec![], Some(0)));
    }
}
