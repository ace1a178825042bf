//! Members: listed, read, given other roles, removed.

use super::{Cloud, refusal, result};
use reqwest::Method;
use serde_json::{Value, json};
use vestibule_domain::{Permission, Role};

both! {
    /// A client that reads the word and writes it back must not make anybody mightier.
    async fn only_who_may_all_that_an_admin_may_is_called_one(app) {
        let acme = app.organization("Acme").await;
        let cloud = app.clickhouse(&acme).await;
        let all = Role::admin_permissions();
        for (key, permissions, word) in [
            ("deputy", &all[..], "admin"),
            ("inviter", &[Permission::UserInvite][..], "developer"),
            ("nearly", &all[1..], "developer"),
        ] {
            let role = app.vestibule.roles().create(&acme.scope, key, key, permissions).await.unwrap().id;
            let email = format!("{key}@example.com");
            let grace = app.joins(&acme, &email, "Grace Okafor", "member").await;
            app.vestibule.members().change_roles(&acme.scope, grace.member_id(), &[role]).await.unwrap();
            let member = result(&cloud.get(&cloud.here(&format!("/members/{}", grace.user.id))).await);
            assert_eq!(member["role"], word, "{key}");
        }
    }

    async fn a_role_names_who_holds_it_to_keys_that_may_see_people(app) {
        let acme = app.organization("Acme").await;
        let grace = app.joins(&acme, "grace@example.com", "Grace Okafor", "member").await;
        app.vestibule.roles().create(&acme.scope, "billing", "Billing", &[]).await.unwrap();
        let both = [app.role(&acme, "member").await, app.role(&acme, "admin").await];
        app.vestibule.members().change_roles(&acme.scope, grace.member_id(), &both).await.unwrap();
        let actors = async |cloud: &Cloud| -> Vec<Value> {
            let roles = result(&cloud.get(&cloud.here("/roles")).await);
            roles.as_array().unwrap().iter().map(|role| role["actors"].clone()).collect()
        };
        let (ada, grace) = (json!([format!("user/{}", acme.user.id)]), json!([format!("user/{}", grace.user.id)]));
        assert_eq!(actors(&app.clickhouse(&acme).await).await, [ada, grace.clone(), grace, json!([])]);
        let blind = app.clickhouse_with(&acme, &[Permission::OrganizationRead]).await;
        assert_eq!(actors(&blind).await, [json!(null), json!(null), json!(null), json!(null)], "unknown is not nobody");
    }

    async fn a_member_is_read_changed_and_removed(app) {
        let acme = app.organization("Acme").await;
        let cloud = app.clickhouse(&acme).await;
        let grace = app.joins(&acme, "grace@example.com", "Grace Okafor", "member").await;
        let list = result(&cloud.get(&cloud.here("/members")).await);
        assert_eq!(list.as_array().unwrap().len(), 2);
        let path = cloud.here(&format!("/members/{}", grace.user.id));
        let read = result(&cloud.get(&path).await);
        assert_eq!((&read["email"], &read["name"], &read["role"]), (&json!("grace@example.com"), &json!("Grace Okafor"), &json!("developer")));
        let patch = async |body| cloud.send(cloud.request(Method::PATCH, &path).json(&body)).await;
        assert_eq!(result(&patch(json!({})).await), read, "nothing said, nothing changed");
        assert_eq!(result(&patch(json!({ "role": "admin" })).await)["assignedRoles"][0]["roleName"], "Admin");
        assert_eq!(refusal(&patch(json!({ "role": "pilot" })).await).0, 400);
        assert_eq!(result(&cloud.delete(&path).await), json!(null));
        assert_eq!(refusal(&cloud.get(&path).await), (404, "NOT_FOUND".into()));
        let owner = cloud.here(&format!("/members/{}", acme.user.id));
        assert_eq!(refusal(&cloud.delete(&owner).await), (409, "CONFLICT".into()), "the last owner stays");
    }
}
