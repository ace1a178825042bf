//! What user-sync, Adobe's own tool, decides by our answers: whom it leaves alone, and whom it removes.

use super::{Console, refusal};
use crate::harness::{Acme, TestApp};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use vestibule_domain::{Permission, Role, RoleId};

/// user-sync's configuration as its documentation recommends it.
const EXCLUDE_ADOBE_GROUPS: [&str; 1] = ["_org_admin"];

/// As user-sync compares names: without spaces around them, in small letters.
fn normalized<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(|name| name.trim().to_lowercase()).collect()
}

/// user-sync's decision about a user of the list; one without groups is in none.
fn is_excluded(user: &Value) -> bool {
    let groups = user["groups"].as_array().into_iter().flatten();
    let groups = normalized(groups.map(|group| group.as_str().unwrap()));
    !groups.is_disjoint(&normalized(EXCLUDE_ADOBE_GROUPS))
}

fn email(user: &Value) -> &str {
    user["email"].as_str().unwrap()
}

async fn users(adobe: &Console) -> Vec<Value> {
    adobe.get(&format!("/users/{}/0", adobe.org)).await.json()["users"].as_array().unwrap().clone()
}

/// Somebody joins with roles of the organization's own.
async fn joins_with(app: &TestApp, acme: &Acme, email: &str, roles: &[RoleId]) {
    let member = app.joins(acme, email, "Somebody Else", "member").await.member_id();
    app.vestibule.members().change_roles(&acme.scope, member, roles).await.unwrap();
}

/// Everybody who may do all that an admin may, and some who come close.
async fn cast(app: &TestApp, acme: &Acme) {
    let all = Role::admin_permissions();
    let role = async |key: &str, permissions: &[Permission]| {
        app.vestibule.roles().create(&acme.scope, key, key, permissions).await.unwrap().id
    };
    let deputy = role("deputy", &all).await;
    let (some, rest) = (role("some", &all[..4]).await, role("rest", &all[4..]).await);
    let nearly = role("nearly", &all[..all.len() - 1]).await;
    app.joins(acme, "joan@example.com", "Joan Okafor", "admin").await;
    app.joins(acme, "alan@example.com", "Alan Pemberton", "member").await;
    joins_with(app, acme, "deputy@example.com", &[deputy]).await;
    joins_with(app, acme, "both@example.com", &[some, rest]).await;
    joins_with(app, acme, "nearly@example.com", &[nearly]).await;
}

const ADMINS: [&str; 4] = ["ada@acme.example", "joan@example.com", "deputy@example.com", "both@example.com"];

both! {
    async fn user_sync_excludes_who_administers_and_removes_the_others(app) {
        let acme = app.organization("Acme").await;
        cast(&app, &acme).await;
        let adobe = app.adobe(&acme).await;
        // nobody is in the directory, so everybody who is not excluded is a stray
        let strays: Vec<Value> = users(&adobe).await.into_iter().filter(|user| !is_excluded(user)).collect();
        assert_eq!(strays.iter().map(email).collect::<Vec<_>>(), ["alan@example.com", "nearly@example.com"]);
        for stray in &strays {
            let command = json!([{ "user": email(stray), "do": [{ "removeFromOrg": {} }] }]);
            assert_eq!(adobe.act(&command, "").await.json()["completed"], 1);
        }
        let left = users(&adobe).await;
        assert_eq!(left.iter().map(email).collect::<Vec<_>>(), ADMINS);
        assert!(left.iter().all(is_excluded));
    }

    async fn who_is_an_admin_is_told_in_groups_and_in_roles_of_admins(app) {
        let acme = app.organization("Acme").await;
        cast(&app, &acme).await;
        let adobe = app.adobe(&acme).await;
        for user in users(&adobe).await {
            let is_admin = ADMINS.contains(&email(&user));
            let (groups, roles) = if is_admin { (json!(["_org_admin"]), json!(["org"])) } else { (json!([]), json!([])) };
            assert_eq!((&user["groups"], &user["adminRoles"]), (&groups, &roles), "{user}");
            let one = adobe.get(&format!("/organizations/{}/users/{}", adobe.org, email(&user))).await.json();
            assert_eq!(one["user"], user);
        }
    }

    async fn an_admin_who_is_one_no_more_is_not_in_the_group(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@example.com", "Joan Okafor", "admin").await.member_id();
        let adobe = app.adobe(&acme).await;
        assert!(is_excluded(&users(&adobe).await[1]));
        let member = app.role(&acme, "member").await;
        app.vestibule.members().change_roles(&acme.scope, joan, &[member]).await.unwrap();
        assert!(!is_excluded(&users(&adobe).await[1]));
    }

    async fn the_group_of_admins_lists_them(app) {
        let acme = app.organization("Acme").await;
        cast(&app, &acme).await;
        let adobe = app.adobe(&acme).await;
        let of = async |rest: &str| adobe.get(&format!("/users/{}/0/{rest}", adobe.org)).await;
        let answer = of("_org_admin?directOnly=True").await;
        assert_eq!((answer.header("x-total-count"), answer.header("x-page-count")), ("4", "1"));
        let body = answer.json();
        assert_eq!((&body["groupName"], &body["lastPage"]), (&json!("_org_admin"), &json!(true)));
        let found = body["users"].as_array().unwrap();
        assert_eq!(found.iter().map(email).collect::<Vec<_>>(), ADMINS);
        let bare = of("_org_admin?excludeGroups=true").await.json();
        assert!(bare["users"].as_array().unwrap().iter().all(|user| user.get("groups").is_none()), "{bare}");
        for nobody in ["_deployment_admin", "_support_admin"] {
            let answer = of(nobody).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["users"]), (200, &json!([])), "{nobody}");
        }
        for unknown in ["Designers", "_admin_Designers", "_ORG_ADMIN"] {
            assert_eq!(refusal(&of(unknown).await), (404, "error.resource.not_found".into()), "{unknown}");
        }
    }

    async fn only_clients_that_may_see_people_see_the_group(app) {
        let acme = app.organization("Acme").await;
        let adobe = app.adobe_with(&acme, &[Permission::OrganizationRead]).await;
        let path = format!("/users/{}/0/_org_admin", adobe.org);
        assert_eq!(adobe.get(&path).await.status, 403);
        let stranger = adobe.bare(Method::GET, &format!("/v2/usermanagement{path}"));
        assert_eq!(adobe.send(stranger).await.status, 401);
        let other = app.beside(&acme, "Driftwood").await;
        let others = app.adobe(&other).await;
        assert_eq!(others.get(&path).await.status, 401);
    }
}
