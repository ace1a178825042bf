//! Roles in the portal.

use super::{happened, version_in};
use reqwest::StatusCode;
use vestibule_core::service::RoleEdit;
use vestibule_domain::Permission;

both! {
    async fn a_role_is_made_changed_and_deleted(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let made = ada.post("/o/acme/roles/new", &[("name", "Billing reader"), ("permissions", "org.read"), ("permissions", "org.user.read")]).await;
        assert_eq!((made.location(), made.flash()), ("/o/acme/roles", "role_created".into()));
        let list = ada.get("/o/acme/roles").await;
        assert!(list.text.contains("<code class=\"small table__code\">billing-reader</code>"), "the key comes from the name: {}", list.text);
        assert!(list.text.contains("title=\"org.read, org.user.read\" class=\"nowrap\">2 of 9 permissions"), "{}", list.text);
        let page = format!("/o/acme/roles/{}", app.role(&acme, "billing-reader").await);
        let form = ada.get(&format!("{page}/edit")).await;
        let edit = [("version", &*version_in(&form)), ("name", "Billing"), ("permissions", "org.read")];
        assert_eq!(ada.post(&format!("{page}/edit"), &edit).await.flash(), "role_edited");
        assert!(ada.get(&format!("{page}/delete")).await.text.contains("Nobody has this role"));
        assert_eq!(ada.post(&format!("{page}/delete"), &[]).await.flash(), "role_deleted");
        assert_eq!(ada.get(&format!("{page}/edit")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(happened(&app, &acme).await, ["member.added", "role.created", "role.edited", "role.deleted"]);
    }

    async fn a_role_that_is_wrong_comes_back_as_it_was_typed(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let before = happened(&app, &acme).await;
        let (ada, joan) = (app.client_of(&acme.session), app.client_of(&joan.session));
        let cases: [(&[(&str, &str)], &str); 4] = [
            (&[("name", " "), ("key", "")], "Write a name."),
            (&[("name", "編集者"), ("key", "")], "Use 2 to 40 lower-case letters"),
            (&[("name", "Second owner"), ("key", "owner")], "Another role has this key."),
            (&[("name", "Second owner"), ("key", "Wrong one"), ("permissions", "org.user.invite")], "Use 2 to 40 lower-case letters"),
        ];
        for (fields, sentence) in cases {
            let answer = ada.post("/o/acme/roles/new", fields).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
            assert!(answer.text.contains(sentence), "{fields:?}: {}", answer.text);
            assert!(fields.iter().all(|(_, typed)| answer.text.contains(typed.trim())), "{fields:?}: {}", answer.text);
        }
        let nothing = ada.post("/o/acme/roles/new", &[("name", "")]).await;
        assert!(!nothing.text.contains("Use 2 to 40"), "without a name nothing is wrong with the key: {}", nothing.text);
        let mighty = joan.post("/o/acme/roles/new", &[("name", "Mighty"), ("permissions", "org.edit")]).await;
        assert_eq!(mighty.status, StatusCode::UNPROCESSABLE_ENTITY, "an admin may not change the organization");
        assert!(mighty.text.contains("A role can only have permissions that you have."), "{}", mighty.text);
        assert_eq!(happened(&app, &acme).await, before);
    }

    async fn a_role_that_somebody_has_stays(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let role = app.vestibule.roles().create(&acme.scope, "billing", "Billing", &[]).await.unwrap().id;
        app.joins(&acme, "alan@acme.example", "Alan Pemberton", "billing").await;
        app.invites_as(&acme, "grace@example.com", "billing").await;
        let before = happened(&app, &acme).await;
        let page = format!("/o/acme/roles/{role}/delete");
        for answer in [ada.get(&page).await, ada.post(&page, &[]).await] {
            assert!(answer.text.contains("It belongs to 1 member and 1 open invitation."), "{}", answer.text);
            assert!(answer.text.contains(&format!("/o/acme/members?role={role}")), "{}", answer.text);
            assert!(!answer.text.contains("<form class=\"panel\" method=\"post\""), "there is nothing to press");
        }
        assert_eq!(ada.post(&page, &[]).await.status, StatusCode::CONFLICT);
        assert_eq!(happened(&app, &acme).await, before);
    }

    async fn a_built_in_role_stays_as_it_is(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let page = format!("/o/acme/roles/{}", app.role(&acme, "member").await);
        for rest in ["edit", "delete"] {
            let shown = ada.get(&format!("{page}/{rest}")).await;
            assert!(shown.text.contains("This role is built in and can’t be changed."), "{}", shown.text);
            assert_eq!(ada.post(&format!("{page}/{rest}"), &[("name", "Nobody")]).await.status, StatusCode::CONFLICT);
        }
        assert_eq!(happened(&app, &acme).await, ["member.added"]);
    }

    async fn what_a_built_in_role_allows_can_be_read(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "member").await;
        let page = format!("/o/acme/roles/{}", app.role(&acme, "admin").await);
        for session in [&acme.session, &joan.session] {
            let client = app.client_of(session);
            assert!(client.get("/o/acme/roles").await.text.contains(&format!("href=\"{page}\"")));
            let shown = client.get(&page).await;
            assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
            let (allowed, others) = shown.text.split_once("Not allowed").unwrap_or_else(|| panic!("{}", shown.text));
            for permission in Permission::ALL {
                let words = format!(">{}</code>", permission.as_str());
                let is_allowed = *permission != Permission::OrganizationEdit;
                assert_eq!((allowed.contains(&words), others.contains(&words)), (is_allowed, !is_allowed), "{words}");
            }
            assert!(shown.text.contains("one of your own"), "{}", shown.text);
            assert!(!shown.text.contains(&format!("{page}/edit")), "there is nothing to edit: {}", shown.text);
        }
        assert_eq!(app.client_of(&alan.session).get(&page).await.status, StatusCode::FORBIDDEN);
        let ada = app.client_of(&acme.session);
        let owner = ada.get(&format!("/o/acme/roles/{}", app.role(&acme, "owner").await)).await;
        assert!(owner.status.is_success() && !owner.text.contains("Not allowed"), "{}", owner.text);
        let own = app.vestibule.roles().create(&acme.scope, "billing", "Billing", &[]).await.unwrap().id;
        let shown = ada.get(&format!("/o/acme/roles/{own}")).await;
        assert!(shown.text.contains(&format!("href=\"/o/acme/roles/{own}/edit\"")), "{}", shown.text);
    }

    async fn a_change_that_comes_too_late_is_told_what_holds_now(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let role = app.vestibule.roles().create(&acme.scope, "billing", "Billing", &[]).await.unwrap().id;
        let page = format!("/o/acme/roles/{role}/edit");
        let version = version_in(&ada.get(&page).await);
        let edit = RoleEdit { name: Some("Billing team".into()), ..RoleEdit::default() };
        app.vestibule.roles().edit(&acme.scope, role, &edit).await.unwrap();
        let before = happened(&app, &acme).await;
        let late = [("version", &*version), ("name", "Bills"), ("permissions", "org.read")];
        let answer = ada.post(&page, &late).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains("Somebody has changed this since you opened it"), "{}", answer.text);
        assert!(answer.text.contains("The name is now “Billing team”. The list of permissions is now empty."), "{}", answer.text);
        assert!(answer.text.contains("value=\"Bills\""), "what was typed stays: {}", answer.text);
        assert_eq!(happened(&app, &acme).await, before);
        let wrong = ada.post(&page, &[("version", &*version), ("name", "")]).await;
        assert_eq!(version_in(&wrong), version, "a form that was not told of the change does not pass over it");
        let again = [("version", &*version_in(&answer)), ("name", "Bills"), ("permissions", "org.read")];
        assert_eq!(ada.post(&page, &again).await.flash(), "role_edited");
    }
}
