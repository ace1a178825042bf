//! Users and apps.

use super::{body, refusal};
use serde_json::{Value, json};
use vestibule_domain::{Permission, Role};

fn told(list: &Value, name: &str) -> Vec<String> {
    list["data"].as_array().unwrap().iter().map(|one| one["attributes"][name].as_str().unwrap().to_owned()).collect()
}

both! {
    /// Clients look for this word before they take somebody's access.
    async fn whoever_may_all_that_an_admin_may_is_called_one(app) {
        let acme = app.organization("Acme").await;
        let asc = app.asc(&acme).await;
        let all = Role::admin_permissions();
        for (key, permissions, word) in [
            ("deputy", &all[..], "ADMIN"),
            ("developer", &all[..], "ADMIN"),
            ("second-owner", Permission::ALL, "ADMIN"),
            ("nearly", &all[1..], "CUSTOMER_SUPPORT"),
        ] {
            let role = app.vestibule.roles().create(&acme.scope, key, key, permissions).await.unwrap().id;
            let email = format!("{key}@example.com");
            app.invites_as(&acme, &email, key).await;
            let invited = body(&asc.get(&format!("/userInvitations?filter[email]={email}")).await);
            assert_eq!(invited["data"][0]["attributes"]["roles"], json!([word]), "invited as {key}");
            let member = app.joins(&acme, &format!("x{email}"), "Somebody Else", "member").await.member_id();
            app.vestibule.members().change_roles(&acme.scope, member, &[role]).await.unwrap();
            let user = body(&asc.get(&format!("/users?filter[username]=x{email}")).await);
            assert_eq!(user["data"][0]["attributes"]["roles"], json!([word]), "a user as {key}");
        }
        let [one, other] = [&all[..3], &all[3..]];
        let one = app.vestibule.roles().create(&acme.scope, "one-half", "One half", one).await.unwrap().id;
        let other = app.vestibule.roles().create(&acme.scope, "other-half", "Other half", other).await.unwrap().id;
        let both = app.joins(&acme, "both@example.com", "Somebody Else", "member").await.member_id();
        app.vestibule.members().change_roles(&acme.scope, both, &[one, other]).await.unwrap();
        let user = body(&asc.get("/users?filter[username]=both@example.com").await);
        assert_eq!(user["data"][0]["attributes"]["roles"], json!(["ADMIN", "CUSTOMER_SUPPORT"]));
        let admins = told(&body(&asc.get("/users?filter[roles]=ADMIN").await), "username");
        assert_eq!(admins, ["xdeputy@example.com", "xdeveloper@example.com", "xsecond-owner@example.com", "both@example.com"]);
    }

    async fn users_are_found_sorted_and_paged(app) {
        let acme = app.organization("Acme").await;
        let asc = app.asc(&acme).await;
        for (email, name) in [("grace@example.com", "Grace Okafor"), ("alan@example.com", "Alan Pemberton"), ("joan@example.com", "Joan Okafor")] {
            app.joins(&acme, email, name, "member").await;
        }
        let users = async |query: &str| told(&body(&asc.get(&format!("/users?{query}")).await), "username");
        let owner = acme.owner.as_str();
        assert_eq!(users("").await, [owner, "grace@example.com", "alan@example.com", "joan@example.com"]);
        assert_eq!(users("sort=-username").await, ["joan@example.com", "grace@example.com", "alan@example.com", owner]);
        assert_eq!(users("sort=lastName,-username").await, [owner, "joan@example.com", "grace@example.com", "alan@example.com"]);
        assert_eq!(users("filter[username]=grace@example.com,alan@example.com").await.len(), 2);
        assert_eq!(users("filter[roles]=ACCOUNT_HOLDER").await, [owner]);
        assert_eq!(users("filter[visibleApps]=1").await, [] as [&str; 0]);
        let (mut path, mut seen) = ("/users?limit=3&sort=username".to_owned(), Vec::new());
        loop {
            let page = body(&asc.get(&path).await);
            assert_eq!(page["meta"]["paging"]["total"], 4);
            seen.extend(told(&page, "username"));
            let Some(next) = page["links"]["next"].as_str() else { break };
            path = next.split_once("/appstoreconnect/v1").unwrap().1.to_owned();
        }
        assert_eq!(seen, [owner, "alan@example.com", "grace@example.com", "joan@example.com"]);
        assert_eq!(refusal(&asc.get("/users?filter[email]=x").await).2, "filter[email]");
        assert_eq!(refusal(&asc.get("/users?filter[roles]=READ_ONLY").await).2, "filter[roles]");
    }

    async fn apps_are_found_by_what_they_are_called(app) {
        let acme = app.organization("Acme").await;
        let asc = app.asc(&acme).await;
        for (id, name) in [("1000000001", "Tides"), ("1000000002", "Dunes"), ("1000000003", "Marsh")] {
            app.app(&acme, id, name).await;
        }
        let apps = async |query: &str| told(&body(&asc.get(&format!("/apps?{query}")).await), "name");
        assert_eq!(apps("").await, ["Tides", "Dunes", "Marsh"]);
        assert_eq!(apps("sort=-name").await, ["Tides", "Marsh", "Dunes"]);
        assert_eq!(apps("filter[bundleId]=com.example.1000000002").await, ["Dunes"]);
        assert_eq!(apps("filter[name]=Marsh,Tides&filter[id]=1000000003").await, ["Marsh"]);
        let page = body(&asc.get("/apps?limit=2").await);
        assert_eq!((told(&page, "name").len(), &page["meta"]["paging"]["total"]), (2, &3.into()));
        let next = page["links"]["next"].as_str().unwrap().split_once("/appstoreconnect/v1").unwrap().1;
        assert_eq!(told(&body(&asc.get(next).await), "name"), ["Marsh"]);
        let one = body(&asc.get("/apps/1000000001?fields[apps]=bundleId").await);
        assert_eq!(one["data"]["attributes"], serde_json::json!({ "bundleId": "com.example.1000000001" }));
    }
}
