//! Resources in the portal, and what people are limited to.

use super::{happened, version_in};
use crate::harness::{Acme, TestApp};
use reqwest::StatusCode;
use vestibule_core::service::ResourceEdit;
use vestibule_domain::ResourceId;

async fn resource(app: &TestApp, at: &Acme, name: &str) -> ResourceId {
    let new = ResourceEdit { name: Some(name.into()), ..ResourceEdit::default() };
    app.vestibule.resources().create(&at.scope, &new).await.unwrap().id
}

both! {
    async fn a_resource_is_made_changed_and_deleted(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        assert!(ada.get("/o/acme/resources").await.text.contains("No resources yet"));
        let made = ada.post("/o/acme/resources/new", &[("name", "Garden"), ("external_id", "app-1"), ("bundle_id", "")]).await;
        assert_eq!((made.location(), made.flash()), ("/o/acme/resources", "resource_created".into()));
        let id = app.vestibule.resources().find(&acme.scope, "app-1").await.unwrap().unwrap();
        let page = format!("/o/acme/resources/{id}");
        let form = ada.get(&format!("{page}/edit")).await;
        let edit = [("version", &*version_in(&form)), ("name", "Gardens"), ("external_id", ""), ("bundle_id", "com.example")];
        assert_eq!(ada.post(&format!("{page}/edit"), &edit).await.flash(), "resource_edited");
        let found = app.vestibule.resources().get(&acme.scope, id).await.unwrap();
        assert_eq!((found.name.as_str(), found.external_id.is_none()), ("Gardens", true), "an empty id is taken away");
        assert!(ada.get(&format!("{page}/delete")).await.text.contains("Nobody is limited to it."));
        assert_eq!(ada.post(&format!("{page}/delete"), &[]).await.flash(), "resource_deleted");
        assert_eq!(happened(&app, &acme).await, ["member.added", "resource.created", "resource.edited", "resource.deleted"]);
    }

    async fn a_resource_that_is_wrong_comes_back_as_it_was_typed(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        ada.post("/o/acme/resources/new", &[("name", "Garden"), ("external_id", "app-1")]).await;
        let shed = resource(&app, &acme, "Shed").await;
        let before = happened(&app, &acme).await;
        for page in ["/o/acme/resources/new".to_owned(), format!("/o/acme/resources/{shed}/edit")] {
            let wrong = ada.post(&page, &[("name", ""), ("external_id", "two words"), ("bundle_id", "com.example")]).await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
            for words in ["Write a name.", "without spaces.", "value=\"two words\"", "value=\"com.example\""] {
                assert!(wrong.text.contains(words), "{page}: {words}: {}", wrong.text);
            }
            let taken = ada.post(&page, &[("name", "Barn"), ("external_id", "app-1")]).await;
            assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
            assert!(taken.text.contains("Another resource has this external id."), "{page}: {}", taken.text);
        }
        assert_eq!(happened(&app, &acme).await, before);
    }

    async fn a_change_that_comes_too_late_is_told_what_holds_now(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let id = resource(&app, &acme, "Garden").await;
        let page = format!("/o/acme/resources/{id}/edit");
        let version = version_in(&ada.get(&page).await);
        let edit = ResourceEdit { external_id: Some("app-1".into()), ..ResourceEdit::default() };
        app.vestibule.resources().edit(&acme.scope, id, &edit).await.unwrap();
        let before = happened(&app, &acme).await;
        let answer = ada.post(&page, &[("version", &version), ("name", "Gardens")]).await;
        assert!(answer.text.contains("The name is now “Garden”. The external id is now “app-1”."), "{}", answer.text);
        assert_eq!(happened(&app, &acme).await, before);
    }

    async fn people_are_limited_to_what_the_inviter_chose(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let role = app.role(&acme, "member").await.to_string();
        assert!(!ada.get("/o/acme/invitations/new").await.text.contains("Limited to"), "there is nothing to choose");
        let (garden, shed) = (resource(&app, &acme, "Garden").await, resource(&app, &acme, "Shed").await);
        assert!(ada.get("/o/acme/invitations/new").await.text.contains("Limited to"));
        let form = [("recipients", "grace@example.com"), ("role_ids", &*role), ("chooses_resources", "true"), ("resource_ids", &garden.to_string()), ("notify", "true")];
        assert_eq!(ada.post("/o/acme/invitations/new", &form).await.flash(), "invited");
        app.settle().await;
        let list = app.vestibule.invitations().page(&acme.scope, &Default::default(), None, 1).await.unwrap();
        let invitation = list.page.items[0].invitation.clone();
        assert_eq!(invitation.resource_ids, [garden]);
        let page = format!("/o/acme/invitations/{}", invitation.id);
        assert!(ada.get(&page).await.text.contains("<bdi>Garden</bdi>"));

        let edit = format!("{page}/edit");
        ada.post(&edit, &[("role_ids", &*role), ("message", "Welcome")]).await;
        assert_eq!(app.invitation(&acme, invitation.id).await.resource_ids, [garden], "a form without the choice leaves it");
        ada.post(&edit, &[("role_ids", &*role), ("chooses_resources", "true"), ("resource_ids", &shed.to_string())]).await;
        assert_eq!(app.invitation(&acme, invitation.id).await.resource_ids, [shed]);

        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("grace@example.com")).await.unwrap();
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", crate::harness::PASSWORD).await.unwrap();
        let grace = app.vestibule.members().all(&acme.scope).await.unwrap().pop().unwrap();
        assert!(ada.get(&format!("/o/acme/members/{}", grace.id)).await.text.contains("<bdi>Shed</bdi>"));
        let refused = ada.post(&format!("/o/acme/resources/{shed}/delete"), &[]).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert!(refused.text.contains("It is used by 1 member."), "{}", refused.text);
    }

    async fn a_resource_that_is_gone_is_told_at_its_field(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let role = app.role(&acme, "member").await.to_string();
        resource(&app, &acme, "Garden").await;
        let before = happened(&app, &acme).await;
        let gone = ResourceId::new(app.vestibule.now()).to_string();
        let form = [("recipients", "grace@example.com"), ("role_ids", &*role), ("resource_ids", &*gone)];
        let answer = ada.post("/o/acme/invitations/new", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains("One of these resources was deleted."), "{}", answer.text);
        assert_eq!((happened(&app, &acme).await, app.count_invitations(&acme).await), (before, 0));
    }
}
