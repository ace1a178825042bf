//! What hangs on somebody, as the pages say it that remove, demote and revoke.

use super::version_in;
use crate::harness::{Acme, TestApp};
use vestibule_domain::{Permission, Status};

/// Joan, an admin who made a key, a webhook and two invitations.
async fn joan(app: &TestApp, acme: &Acme) -> Acme {
    let joan = app.joins(acme, "joan@acme.example", "Joan Whitlock", "admin").await;
    app.key(&joan.scope, &[Permission::UserRead, Permission::UserInvite]).await;
    app.webhook(&joan, "https://hooks.example/secret-path", &[]).await;
    app.invites(&joan, "grace@example.com").await;
    app.invites(&joan, "alan@example.com").await;
    joan
}

const THESE: &str = "1 API key, 1 webhook and 2 open invitations were created by Joan Whitlock.";

both! {
    async fn removing_says_what_ends_and_then_what_has_ended(app) {
        let acme = app.organization("Acme").await;
        let (joan, ada) = (joan(&app, &acme).await, app.client_of(&acme.session));
        let member = format!("/o/acme/members/{}", joan.member_id());
        let page = ada.get(&format!("{member}/remove")).await.text;
        for words in [THESE, "This stops working immediately.", "API keys: robot.", "Webhooks: hooks.example.", "name=\"dependents\" value=\"take_over\""] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("secret-path"));
        let done = ada.post(&format!("{member}/remove"), &[]).await;
        assert_eq!((done.status.as_u16(), done.flash()), (303, "member_removed".into()));
        let list = ada.get("/o/acme/members").await.text;
        assert!(list.contains("1 API key, 1 webhook and 2 open invitations stopped working."), "{list}");
        let log = ada.get("/o/acme/audit").await.text;
        assert!(log.contains("cut: 1 API key, 1 webhook and 2 open invitations"), "{log}");
    }

    async fn removing_can_take_over(app) {
        let acme = app.organization("Acme").await;
        let (joan, ada) = (joan(&app, &acme).await, app.client_of(&acme.session));
        let member = format!("/o/acme/members/{}", joan.member_id());
        ada.post(&format!("{member}/remove"), &[("dependents", "take_over")]).await;
        let list = ada.get("/o/acme/members").await.text;
        assert!(list.contains("You took over 1 API key, 1 webhook and 2 open invitations."), "{list}");
        let counts = app.vestibule.members().detail(&acme.scope, acme.member_id()).await.unwrap().dependents.counts();
        assert_eq!((counts.api_keys, counts.webhooks, counts.invitations), (1, 1, 2));
    }

    async fn changing_roles_says_what_is_at_stake(app) {
        let acme = app.organization("Acme").await;
        let (joan, ada) = (joan(&app, &acme).await, app.client_of(&acme.session));
        let member = format!("/o/acme/members/{}", joan.member_id());
        let page = ada.get(&member).await.text;
        assert!(page.contains(THESE) && page.contains("What the new roles don’t allow stops working when you save."), "{page}");
        let role = app.role(&acme, "member").await.to_string();
        let fields = [("role_ids", role.as_str()), ("dependents", "take_over")];
        assert_eq!(ada.post(&member, &fields).await.flash(), "member_roles_changed");
        let list = ada.get("/o/acme/members").await.text;
        assert!(list.contains("You took over 1 API key, 1 webhook and 2 open invitations."), "{list}");
        assert!(!ada.get(&member).await.text.contains("were created by"), "nothing is left to say");
    }

    async fn leaving_says_what_ends_and_offers_nobody_to_take_it(app) {
        let acme = app.organization("Acme").await;
        let joan = joan(&app, &acme).await;
        let client = app.client_of(&joan.session);
        let page = client.get("/o/acme/members/leave").await.text;
        assert!(page.contains("1 API key, 1 webhook and 2 open invitations were created by you."), "{page}");
        assert!(!page.contains("take_over"));
        assert_eq!(client.post("/o/acme/members/leave", &[]).await.flash(), "left");
        assert_eq!(app.vestibule.api_keys().all(&acme.scope).await.unwrap()[0].revoked_at, Some(app.vestibule.now()));
    }

    async fn revoking_a_key_says_what_ends_with_it(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let (key, token) = app.key(&acme.scope, Permission::ALL).await;
        let page = format!("/o/acme/keys/{}/revoke", key.id);
        assert!(!ada.get(&page).await.text.contains("take_over"), "nothing hangs on it");
        let scope = app.scope_of(&token).await;
        let (child, _) = app.key(&scope, &[Permission::UserRead]).await;
        let text = ada.get(&page).await.text;
        assert!(text.contains("1 API key was created with this key. This stops working with the key."), "{text}");
        let done = ada.post(&page, &[("dependents", "take_over")]).await;
        assert_eq!(done.flash(), "key_revoked");
        assert!(ada.get("/o/acme/keys").await.text.contains("You took over 1 API key."));
        assert_eq!(app.vestibule.api_keys().get(&acme.scope, child.id).await.unwrap().created_by.name(), "Ada Byrne");
    }

    async fn a_role_says_what_rests_on_it(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let held = [Permission::OrganizationRead, Permission::UserRead, Permission::UserInvite];
        let role = app.vestibule.roles().create(&acme.scope, "recruiter", "Recruiter", &held).await.unwrap().id;
        let page = format!("/o/acme/roles/{role}/edit");
        assert!(!ada.get(&page).await.text.contains("take_over"));
        let mary = app.joins(&acme, "mary@acme.example", "Mary Quill", "recruiter").await;
        let id = app.invites(&mary, "grace@example.com").await;
        let text = ada.get(&page).await;
        assert!(text.text.contains("1 open invitation was created by people with this role."), "{}", text.text);
        let version = version_in(&text);
        let fields = [("version", version.as_str()), ("name", "Recruiter"), ("permissions", "org.read"), ("permissions", "org.user.read")];
        assert_eq!(ada.post(&page, &fields).await.flash(), "role_edited");
        assert!(ada.get("/o/acme/roles").await.text.contains("1 open invitation lost permissions or stopped working."));
        assert_eq!(app.invitation(&acme, id).await.status(app.vestibule.now()), Status::Revoked);
    }

    async fn what_would_be_refused_is_not_offered(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let (strong, weak) = (app.invites_as(&acme, "grace@example.com", "owner").await, app.invites(&acme, "alan@example.com").await);
        let client = app.client_of(&joan.session);
        const WHY: &str = "This invitation gives more than you can give.";
        for (id, may) in [(strong, false), (weak, true)] {
            let page = format!("/o/acme/invitations/{id}");
            let text = client.get(&page).await.text;
            assert_eq!((text.contains("/resend\""), text.contains("/revoke\""), text.contains(WHY)), (may, may, !may), "{text}");
            for act in ["edit", "revoke"] {
                let text = client.get(&format!("{page}/{act}")).await.text;
                assert_eq!((text.contains(&format!("action=\"{page}/{act}\"")), text.contains(WHY)), (may, !may), "{act}: {text}");
            }
            let list = client.get("/o/acme/invitations").await.text;
            assert_eq!(list.contains(&format!("name=\"id\" value=\"{id}\"")), may, "{list}");
        }
        let many = client.get(&format!("/o/acme/invitations/revoke?id={strong}&id={weak}")).await.text;
        assert!(many.contains("Revoke 1 invitation?") && many.contains("1 other gives more than you can give"), "{many}");
    }

    async fn in_bulk_the_stronger_ones_are_told_apart_and_the_others_done(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let client = app.client_of(&joan.session);
        let (strong, weak) = (app.invites_as(&acme, "grace@example.com", "owner").await, app.invites(&acme, "alan@example.com").await);
        let (strong_id, weak_id) = (strong.to_string(), weak.to_string());
        let ids = [("id", strong_id.as_str()), ("id", weak_id.as_str())];
        for (act, flash) in [("resend", "resent_many"), ("revoke", "revoked_many")] {
            assert_eq!(client.post(&format!("/o/acme/invitations/{act}"), &ids).await.flash(), flash);
            let text = client.get("/o/acme/invitations").await.text;
            assert!(text.contains("1 gives more than you can give, and stays as it is."), "{act}: {text}");
        }
        assert_eq!(app.invitation(&acme, weak).await.status(app.vestibule.now()), Status::Revoked);
        assert_eq!(app.actions(&acme, strong).await, ["invitation.created"]);
    }

    async fn somebody_limited_is_offered_what_they_may_give(app) {
        let acme = app.organization("Acme").await;
        let (garden, tower) = (app.resource(&acme, "Garden").await, app.resource(&acme, "Tower").await);
        let rose = app.limited(&acme, "rose@acme.example", &[garden]).await;
        let client = app.client_of(&rose.session);
        let page = client.get("/o/acme/invitations/new").await.text;
        assert!(page.contains(&garden.to_string()) && !page.contains(&tower.to_string()), "{page}");
        assert!(page.contains("You are limited to these yourself. Tick at least one."), "{page}");
        let role = app.role(&acme, "member").await.to_string();
        let form = [("recipients", "grace@example.com"), ("role_ids", &*role), ("chooses_resources", "true"), ("notify", "true")];
        let refused = client.post("/o/acme/invitations/new", &form).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains("You are limited to some resources. Choose at least one of them, and no others."), "{}", refused.text);
        let garden = garden.to_string();
        let form: Vec<_> = form.into_iter().chain([("resource_ids", garden.as_str())]).collect();
        assert_eq!(client.post("/o/acme/invitations/new", &form).await.flash(), "invited");
    }
}
