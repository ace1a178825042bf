//! Organizations, members, roles, and the older API.

use super::{document, old_refusal};
use serde_json::json;
use vestibule_domain::Role;

both! {
    async fn an_organization_is_found_by_what_it_is_called(app) {
        let acme = app.organization("Acme").await;
        let snyk = app.snyk(&acme).await;
        for (query, count) in [
            ("", 1),
            ("&slug=acme", 1),
            ("&slug=other", 0),
            ("&name=ACM", 1),
            ("&name=x", 0),
            ("&is_personal=false", 1),
            ("&is_personal=true", 0),
            ("&group_id=4a18d42f-0706-4ad0-b127-24078731fbed", 0),
            ("&expand=member_role&limit=100", 1),
        ] {
            let list = document(&snyk.get(&format!("/rest/orgs?version=2024-06-21{query}")).await);
            assert_eq!(list["data"].as_array().unwrap().len(), count, "{query}");
        }
    }

    async fn whoever_joins_is_among_the_members(app) {
        let acme = app.organization("Acme").await;
        let snyk = app.snyk(&acme).await;
        for n in 0..11 {
            app.joins(&acme, &format!("person{n}@example.com"), "Grace Okafor", "member").await;
        }
        let here = snyk.here("/memberships").replace("2024-06-21", "2024-08-25");
        let first = document(&snyk.get(&here).await);
        let email = |one: &serde_json::Value| one["relationships"]["user"]["data"]["attributes"]["email"].clone();
        assert_eq!(email(&first["data"][0]), "person10@example.com", "who joined last");
        let next = format!("/rest{}", first["links"]["next"].as_str().unwrap());
        let second = document(&snyk.get(&next).await);
        let rest: Vec<_> = second["data"].as_array().unwrap().iter().map(email).collect();
        assert_eq!(rest, ["person0@example.com", acme.owner.as_str()]);
        let prev = format!("/rest{}", second["links"]["prev"].as_str().unwrap());
        assert_eq!(document(&snyk.get(&prev).await)["data"], first["data"]);
    }

    /// As a script spares admins: by the role's id, looked up among the tenant's roles.
    async fn who_administers_is_told_by_the_role_that_a_membership_names(app) {
        let acme = app.organization("Acme").await;
        let deputy = app.vestibule.roles().create(&acme.scope, "deputy", "Deputy", &Role::admin_permissions()).await.unwrap().id;
        let joan = app.joins(&acme, "joan@example.com", "Joan Okafor", "admin").await.member_id();
        app.joins(&acme, "grace@example.com", "Grace Okafor", "member").await;
        let alan = app.joins(&acme, "alan@example.com", "Alan Pemberton", "member").await.member_id();
        let (member, admin) = (app.role(&acme, "member").await, app.role(&acme, "admin").await);
        app.vestibule.members().change_roles(&acme.scope, joan, &[member, admin]).await.unwrap();
        app.vestibule.members().change_roles(&acme.scope, alan, &[member, deputy]).await.unwrap();
        let snyk = app.snyk(&acme).await;
        let roles = document(&snyk.get(&format!("/rest/tenants/{}/roles?version=2024-10-15~beta", snyk.org)).await);
        let administers = |id: &serde_json::Value| {
            let role = roles["data"].as_array().unwrap().iter().find(|role| &role["id"] == id).unwrap();
            role["attributes"]["permissions"].as_array().unwrap().contains(&json!("org.user.edit"))
        };
        let here = snyk.here("/memberships").replace("2024-06-21", "2024-08-25");
        let list = document(&snyk.get(&here).await);
        let spared: Vec<_> = list["data"].as_array().unwrap().iter().filter(|one| administers(&one["relationships"]["role"]["data"]["id"])).collect();
        let emails: Vec<_> = spared.iter().map(|one| one["relationships"]["user"]["data"]["attributes"]["email"].clone()).collect();
        assert_eq!(emails, ["alan@example.com", "joan@example.com", acme.owner.as_str()]);
    }

    async fn roles_are_found_by_what_they_are(app) {
        let acme = app.organization("Acme").await;
        app.vestibule.roles().create(&acme.scope, "billing", "Billing", &[]).await.unwrap();
        let reader = app.snyk_with(&acme, &[vestibule_domain::Permission::OrganizationRead]).await;
        let names = async |query: &str| {
            let list = document(&reader.get(&format!("/rest/tenants/{}/roles?version=2024-10-15~beta{query}", reader.org)).await);
            let names = list["data"].as_array().unwrap().iter().map(|role| role["attributes"]["name"].as_str().unwrap().to_owned());
            names.collect::<Vec<_>>()
        };
        assert_eq!(names("").await, ["Owner", "Admin", "Member", "Billing"]);
        assert_eq!(names("&name=member").await, ["Member"]);
        assert_eq!(names("&custom=true").await, ["Billing"]);
        assert_eq!(names("&custom=false&name=billing").await, [] as [&str; 0]);
        assert_eq!(names("&assignable_by_me=true").await, ["Billing"]);
    }

    async fn the_older_api_invites_members_and_admins(app) {
        let acme = app.organization("Acme").await;
        let snyk = app.snyk(&acme).await;
        let path = format!("/v1/org/{}/invite", snyk.org);
        let invite = async |body: serde_json::Value| snyk.send(snyk.request(reqwest::Method::POST, &path).json(&body)).await;
        for body in [json!({ "email": "grace@example.com" }), json!({ "email": "joan@example.com", "isAdmin": true, "other": 1 })] {
            let answer = invite(body).await;
            assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "{}"));
        }
        let list = document(&snyk.get(&snyk.here("/invites")).await);
        let roles: Vec<_> = list["data"].as_array().unwrap().iter().map(|one| one["attributes"]["role"].clone()).collect();
        assert_eq!(roles, ["Member", "Admin"]);
        let twice = old_refusal(&invite(json!({ "email": "grace@example.com" })).await);
        assert_eq!(twice, (400, "The email address has an open invitation.".into()));
    }
}
