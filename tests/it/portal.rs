//! Every route of the portal and what it refuses: nobody signed in, somebody of another organization, somebody who may
//! not, another site's page, another kind of body. After each refusal nothing has happened.

use crate::architecture::sources;
use crate::harness::{Acme, Answer, TestApp, client::Client};
use reqwest::{Method, StatusCode};
use vestibule_core::service::ResourceEdit;
use vestibule_domain::{
    ActId, ApiKeyId, InvitationId, MailFilter, MailId, MemberId, Permission, ResourceId, RoleId, Surface,
    WebhookDeliveryId, WebhookEndpointId,
};

/// An organization with one of everything, and the people who try.
pub struct Scene {
    pub app: TestApp,
    pub acme: Acme,
    pub invitation: InvitationId,
    pub mail: MailId,
    pub member: MemberId,
    pub key: ApiKeyId,
    pub vendors_key: ApiKeyId,
    pub webhook: WebhookEndpointId,
    pub delivery: WebhookDeliveryId,
    pub role: String,
    pub own_role: RoleId,
    pub resource: ResourceId,
    pub ada: Client,
    pub alan: Client,
    pub stranger: Client,
    pub nobody: Client,
}

/// A POST: its path below the organization, and what its form holds.
struct Form {
    path: String,
    fields: Vec<(&'static str, String)>,
}

impl Scene {
    pub async fn new(app: TestApp) -> Self {
        let acme = app.organization("Acme").await;
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "member").await;
        let other = app.organization("Other").await;
        let invitation = app.invites(&acme, "grace@example.com").await;
        let mail =
            app.vestibule.outbox().page(&acme.scope, &MailFilter::default(), None, 1).await.unwrap().page.items[0].id;
        let key = app.program(&acme).await.id;
        let vendors_key = app.key_for(&acme, Surface::Clerk, &[Permission::OrganizationRead]).await.0.id;
        let (webhook, _) = app.webhook(&acme, "https://hooks.invalid/", &["webhook.created"]).await;
        let delivery = app.deliveries(&acme, &webhook).await[0].id;
        let own_role = app.vestibule.roles().create(&acme.scope, "billing", "Billing", &[]).await.unwrap().id;
        let garden = ResourceEdit { name: Some("Garden".into()), ..ResourceEdit::default() };
        let resource = app.vestibule.resources().create(&acme.scope, &garden).await.unwrap().id;
        Self {
            own_role,
            resource,
            invitation,
            mail,
            key,
            vendors_key,
            webhook: webhook.id,
            delivery,
            member: alan.member_id(),
            role: app.role(&acme, "member").await.to_string(),
            ada: app.client_of(&acme.session),
            alan: app.client_of(&alan.session),
            stranger: app.client_of(&other.session),
            nobody: app.client(),
            acme,
            app,
        }
    }

    fn pages(&self) -> Vec<String> {
        let (invitation, mail, member, key) = (self.invitation, self.mail, self.member, self.key);
        let (webhook, delivery) = (self.webhook, self.delivery);
        let (role, resource) = (self.own_role, self.resource);
        vec![
            "invitations".into(),
            "invitations/new".into(),
            format!("invitations/revoke?id={invitation}"),
            format!("invitations/edit?id={invitation}"),
            "invitations/matching?act=revoke&status=pending".into(),
            format!("invitations/{invitation}"),
            format!("invitations/{invitation}/edit"),
            format!("invitations/{invitation}/revoke"),
            "members".into(),
            "members/leave".into(),
            "members/export?format=csv".into(),
            format!("members/{member}"),
            format!("members/{member}/remove"),
            "outbox".into(),
            format!("outbox/{mail}"),
            format!("outbox/{mail}/letter"),
            "audit".into(),
            "audit/export?format=csv".into(),
            "keys".into(),
            "keys/new".into(),
            format!("keys/{key}/revoke"),
            format!("keys/{key}/created"),
            "connect".into(),
            "connect/clerk".into(),
            format!("connect/clerk/{}", self.vendors_key),
            "webhooks".into(),
            "webhooks/new".into(),
            format!("webhooks/{webhook}"),
            format!("webhooks/{webhook}/edit"),
            format!("webhooks/{webhook}/rotate"),
            format!("webhooks/{webhook}/secret"),
            format!("webhooks/{webhook}/delete"),
            format!("deliveries/{delivery}"),
            "roles".into(),
            "roles/new".into(),
            format!("roles/{role}"),
            format!("roles/{role}/edit"),
            format!("roles/{role}/delete"),
            "resources".into(),
            "resources/new".into(),
            format!("resources/{resource}/edit"),
            format!("resources/{resource}/delete"),
            "search?q=a".into(),
            "settings".into(),
            "people?email=alan@acme.example".into(),
            "people/export?email=alan@acme.example".into(),
            "welcome".into(),
        ]
    }

    /// Those that a plain member may not send.
    fn forms(&self) -> Vec<Form> {
        let (invitation, mail, member, key) = (self.invitation, self.mail, self.member, self.key);
        let (webhook, delivery) = (self.webhook, self.delivery);
        let address = || ("url", "https://hooks.invalid/".to_owned());
        let (own_role, resource) = (self.own_role, self.resource);
        let role = || ("role_ids", self.role.clone());
        let name = || ("name", "Another name".to_owned());
        let form = |path: String, fields| Form { path, fields };
        vec![
            form("invitations/new".into(), vec![("recipients", "joan@example.com".into()), role()]),
            form("invitations/preview".into(), vec![("recipients", "joan@example.com".into()), role()]),
            form("invitations/preview/letter".into(), vec![("recipients", "joan@example.com".into()), role()]),
            form("invitations/resend".into(), vec![("id", invitation.to_string())]),
            form("invitations/revoke".into(), vec![("id", invitation.to_string())]),
            form("invitations/edit".into(), vec![("id", invitation.to_string()), ("expires_in_days", "90".into())]),
            form("invitations/matching".into(), vec![("act", "revoke".into()), ("q", "nobody".into())]),
            form(format!("invitations/{invitation}/edit"), vec![role(), ("message", "Welcome".into())]),
            form(format!("invitations/{invitation}/resend"), vec![]),
            form(format!("invitations/{invitation}/revoke"), vec![]),
            form("invitations/undo".into(), vec![("act", ActId::new(self.app.vestibule.now()).to_string())]),
            form(format!("members/{member}"), vec![role()]),
            form(format!("members/{member}/remove"), vec![]),
            form(format!("outbox/{mail}/retry"), vec![]),
            form("audit/verify".into(), vec![]),
            form("keys/new".into(), vec![("name", "ci".into()), ("permissions", "org.read".into())]),
            form(format!("keys/{key}/revoke"), vec![]),
            form("connect/clerk".into(), vec![("name", "website".into()), ("permissions", "org.read".into())]),
            form("webhooks/new".into(), vec![address()]),
            form(format!("webhooks/{webhook}/edit"), vec![address(), ("description", "CRM".into())]),
            form(format!("webhooks/{webhook}/rotate"), vec![]),
            form(format!("deliveries/{delivery}/replay"), vec![]),
            form(format!("webhooks/{webhook}/disable"), vec![]),
            form(format!("webhooks/{webhook}/enable"), vec![]),
            form(format!("webhooks/{webhook}/delete"), vec![]),
            form("roles/new".into(), vec![name()]),
            form(format!("roles/{own_role}/edit"), vec![name()]),
            form(format!("roles/{own_role}/delete"), vec![]),
            form("resources/new".into(), vec![name()]),
            form(format!("resources/{resource}/edit"), vec![name()]),
            form(format!("resources/{resource}/delete"), vec![]),
            form("settings".into(), vec![name(), ("invitation_lifetime_days", "14".into())]),
        ]
    }

    async fn send(&self, client: &Client, form: &Form) -> Answer {
        let fields: Vec<(&str, &str)> = form.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        client.post(&format!("/o/acme/{}", form.path), &fields).await
    }

    /// Events of the organization and mails of everybody: grows with anything that happens.
    pub async fn happened(&self) -> (usize, u64, usize) {
        let events = self.app.vestibule.feed().events(&self.acme.scope, 0, 500).await.unwrap().len();
        let outbox = self
            .app
            .vestibule
            .outbox()
            .page(&self.acme.scope, &MailFilter::default(), None, 500)
            .await
            .unwrap()
            .page
            .items
            .len();
        (events, self.app.count_invitations(&self.acme).await, outbox)
    }
}

/// The route of every page below an organization, as `src/app` declares them, but for the stream of events.
fn routes_of_pages() -> Vec<String> {
    let mut routes = Vec::new();
    for (_, code) in sources("src/app") {
        let declared = code.split(".route(").skip(1).filter_map(|route| route.split("\n}").next());
        for route in declared.filter(|route| route.contains("get(")) {
            let pattern = route.split('"').nth(1).unwrap_or_default();
            routes.extend(pattern.strip_prefix("/o/{slug}/").filter(|pattern| *pattern != "feed").map(str::to_owned));
        }
    }
    assert!(routes.len() > 30, "{routes:?}");
    routes
}

fn is_of(page: &str, pattern: &str) -> bool {
    let (page, pattern) = (page.split('?').next().unwrap().split('/'), pattern.split('/'));
    page.clone().count() == pattern.clone().count()
        && page.zip(pattern).all(|(part, pattern)| part == pattern || pattern.starts_with('{'))
}

/// Whether there is a link to accept by, a key, or what a webhook is signed with.
fn shows_secret(text: &str) -> bool {
    let has_key = text.split("vsk_").skip(1).any(|rest| !rest.starts_with('…'));
    has_key || ["vst_", "vsa_", "whsec_"].iter().any(|begin| text.contains(begin))
}

both! {
    async fn a_page_with_a_secret_is_never_compressed_and_every_list_is(app) {
        let scene = Scene::new(app).await;
        let pages = scene.pages();
        for route in routes_of_pages() {
            assert!(pages.iter().any(|page| is_of(page, &route)), "no page here is of {route}");
        }
        let codings = ("accept-encoding", "gzip, br");
        let mut secrets = 0;
        for page in &pages {
            let path = format!("/o/acme/{page}");
            let request = scene.ada.request(Method::GET, &path).header(codings.0, codings.1);
            let is_compressed = !scene.ada.send(request).await.header("content-encoding").is_empty();
            let is_secret = shows_secret(&scene.ada.get(&path).await.text);
            let is_list = ["invitations", "members", "outbox", "audit", "keys", "webhooks", "roles", "resources", "search?q=a"].contains(&page.as_str());
            assert!(!(is_compressed && is_secret), "{page} shows a secret");
            assert!(is_compressed || !is_list, "{page}");
            secrets += u32::from(is_secret);
        }
        assert!(secrets > 0, "no page shows a secret, so this proves nothing");
        for form in scene.forms() {
            let request = scene.ada.request(Method::POST, &format!("/o/acme/{}", form.path)).header("sec-fetch-site", "same-origin");
            let answer = scene.ada.send(request.header(codings.0, codings.1).form(&form.fields)).await;
            let made = ["keys/new", "webhooks/new", "connect/clerk"].contains(&form.path.as_str()) || form.path.ends_with("/rotate");
            if made {
                let page = scene.ada.request(Method::GET, answer.location()).header(codings.0, codings.1);
                let page = scene.ada.send(page).await;
                assert_eq!(page.header("content-encoding"), "", "{}", form.path);
                assert!(shows_secret(&page.text), "{} shows no secret, so this proves nothing", form.path);
            }
        }
    }

    async fn nobody_is_sent_to_sign_in(app) {
        let scene = Scene::new(app).await;
        let before = scene.happened().await;
        for page in scene.pages() {
            let answer = scene.nobody.get(&format!("/o/acme/{page}")).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{page}");
            assert!(answer.location().starts_with("/sign-in?next="), "{page}: {}", answer.location());
        }
        for form in scene.forms() {
            let answer = scene.send(&scene.nobody, &form).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", form.path);
            assert!(answer.text.contains("You were signed out"), "{}: {}", form.path, answer.text);
            for (name, value) in &form.fields {
                assert!(answer.text.contains(&format!("name=\"{name}\" value=\"{value}\"")), "{}: {}", form.path, answer.text);
            }
        }
        assert_eq!(scene.happened().await, before);
    }

    async fn another_organizations_people_find_nothing(app) {
        let scene = Scene::new(app).await;
        let before = scene.happened().await;
        let unknown = scene.stranger.get("/o/no-such-place/invitations").await;
        for page in scene.pages() {
            let answer = scene.stranger.get(&format!("/o/acme/{page}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{page}");
            assert!(!answer.text.contains("grace@example.com") && !answer.text.contains("Alan"), "{page}");
        }
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
        for form in scene.forms() {
            assert_eq!(scene.send(&scene.stranger, &form).await.status, StatusCode::NOT_FOUND, "{}", form.path);
        }
        assert_eq!(scene.happened().await, before);
    }

    async fn another_organizations_things_are_missing_in_ones_own(app) {
        let scene = Scene::new(app).await;
        let before = scene.happened().await;
        for page in scene.pages().iter().filter(|page| page.contains('-') && !page.contains('?')) {
            let answer = scene.stranger.get(&format!("/o/other/{page}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{page}");
        }
        for form in scene.forms().iter().filter(|form| form.path.contains('-')) {
            let fields: Vec<(&str, &str)> = form.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = scene.stranger.post(&format!("/o/other/{}", form.path), &fields).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", form.path);
        }
        assert_eq!(scene.happened().await, before);
    }

    async fn a_plain_member_may_look_at_people_and_change_nothing(app) {
        let scene = Scene::new(app).await;
        let before = scene.happened().await;
        assert_eq!(scene.alan.get("/o/acme/members").await.status, StatusCode::OK);
        assert_eq!(scene.alan.get("/o/acme/outbox").await.status, StatusCode::FORBIDDEN);
        assert_eq!(scene.alan.get("/o/acme/resources").await.status, StatusCode::OK);
        assert_eq!(scene.alan.get("/o/acme/search?q=grace").await.status, StatusCode::OK);
        for page in ["invitations/new", "keys", "keys/new", "connect", "connect/clerk", "audit", "audit/export?format=ndjson", "webhooks", "webhooks/new", "roles", "roles/new", "resources/new", "settings"] {
            assert_eq!(scene.alan.get(&format!("/o/acme/{page}")).await.status, StatusCode::FORBIDDEN, "{page}");
        }
        for form in scene.forms() {
            let answer = scene.send(&scene.alan, &form).await;
            let is_refused = answer.status == StatusCode::FORBIDDEN || answer.flash() == "refused";
            assert!(is_refused, "{}: {} {}", form.path, answer.status, answer.flash());
        }
        let page = scene.alan.get(&format!("/o/acme/invitations/{}", scene.invitation)).await;
        assert!(!page.text.contains("/i/vst_"), "the link is for those who may invite");
        assert_eq!(scene.happened().await, before);
    }

    async fn another_sites_page_changes_nothing(app) {
        let scene = Scene::new(app).await;
        let before = scene.happened().await;
        for form in scene.forms() {
            let path = format!("/o/acme/{}", form.path);
            for (name, value) in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example"), ("origin", "null")] {
                let request = scene.ada.request(Method::POST, &path).header(name, value).form(&form.fields);
                assert_eq!(scene.ada.send(request).await.status, StatusCode::FORBIDDEN, "{path} {name}: {value}");
            }
            let bare = scene.ada.request(Method::POST, &path).form(&form.fields);
            assert_eq!(scene.ada.send(bare).await.status, StatusCode::FORBIDDEN, "{path} with neither");
            let json = scene.ada.request(Method::POST, &path).header("sec-fetch-site", "same-origin").json(&form.fields);
            assert_eq!(scene.ada.send(json).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path} as JSON");
        }
        assert_eq!(scene.happened().await, before);
    }

    async fn what_is_no_id_is_missing(app) {
        let scene = Scene::new(app).await;
        let before = scene.happened().await;
        for path in ["invitations/rubbish", "invitations/rubbish/edit", "members/rubbish", "outbox/rubbish", "outbox/rubbish/letter", "keys/rubbish/revoke", "connect/rubbish", "connect/native", "roles/rubbish/edit", "resources/rubbish/delete", "webhooks/rubbish", "webhooks/rubbish/edit", "deliveries/rubbish", "nowhere"] {
            assert_eq!(scene.ada.get(&format!("/o/acme/{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for path in ["invitations/rubbish/resend", "invitations/rubbish/revoke", "invitations/rubbish/edit", "members/rubbish", "members/rubbish/remove", "outbox/rubbish/retry", "keys/rubbish/revoke", "connect/rubbish", "connect/native", "webhooks/rubbish/edit", "webhooks/rubbish/delete", "deliveries/rubbish/replay", "roles/rubbish/edit", "roles/rubbish/delete", "resources/rubbish/edit", "resources/rubbish/delete"] {
            let answer = scene.ada.post(&format!("/o/acme/{path}"), &[("role_ids", &scene.role)]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(scene.happened().await, before);
    }

    async fn a_form_that_is_wrong_comes_back_as_it_was_typed(app) {
        let scene = Scene::new(app).await;
        let fields = [("recipients", "joan@example.com"), ("message", "see https://evil.example </textarea><script>x</script>"), ("expires_in_days", "7")];
        let answer = scene.ada.post("/o/acme/invitations/new", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
        assert!(answer.text.contains("joan@example.com") && answer.text.contains("Choose at least one role."), "{}", answer.text);
        assert!(answer.text.contains("&lt;/textarea&gt;") && !answer.text.contains("</textarea><script>x"), "{}", answer.text);
        assert_eq!(scene.app.count_invitations(&scene.acme).await, 2);
    }

    async fn a_key_is_shown_once_and_works_until_it_is_revoked(app) {
        let scene = Scene::new(app).await;
        let wrong = scene.ada.post("/o/acme/keys/new", &[("name", "")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text.contains("Write a name.") && wrong.text.contains("Choose at least one permission."), "{}", wrong.text);
        let made = scene.ada.post("/o/acme/keys/new", &[("name", "the app"), ("permissions", "org.read"), ("expires_in_days", "30")]).await;
        assert!(made.text.is_empty() && made.location().ends_with("/created"), "{} {}", made.location(), made.text);
        let made = scene.ada.led_on(&made).await;
        let at = made.text.find("vsk_").unwrap_or_else(|| panic!("no key in {}", made.text));
        let token = &made.text[at..at + 69];
        let ask = async || {
            let request = scene.nobody.request(Method::GET, "/api/v1/organizations/acme").bearer_auth(token);
            scene.nobody.send(request).await.status
        };
        assert_eq!(ask().await, StatusCode::OK);
        let list = scene.ada.get("/o/acme/keys").await;
        assert!(list.text.contains("the app") && !list.text.contains(token), "{}", list.text);
        let key = scene.app.vestibule.api_keys().all(&scene.acme.scope).await.unwrap()[0].id;
        scene.ada.post(&format!("/o/acme/keys/{key}/revoke"), &[]).await;
        assert_eq!(ask().await, StatusCode::UNAUTHORIZED);
    }

    async fn opening_the_page_of_a_new_secret_again_makes_none_and_shows_none(app) {
        let scene = Scene::new(app).await;
        let fields = [("name", "the app"), ("permissions", "org.read")];
        for (path, again) in [("keys/new", "/revoke"), ("connect/clerk", "/revoke"), ("webhooks/new", "/rotate")] {
            let fields = if path == "webhooks/new" { vec![("url", "https://hooks.invalid")] } else { fields.to_vec() };
            let made = scene.ada.post(&format!("/o/acme/{path}"), &fields).await;
            let before = scene.happened().await;
            // what scripts refresh in another window takes nothing away
            let refresh = scene.ada.request(Method::GET, made.location()).header("x-vestibule-refresh", "1");
            assert!(!shows_secret(&scene.ada.send(refresh).await.text), "{path}");
            assert!(shows_secret(&scene.ada.led_on(&made).await.text), "{path}");
            let reloaded = scene.ada.led_on(&made).await;
            assert!(reloaded.status.is_success() && !shows_secret(&reloaded.text), "{path}: {}", reloaded.text);
            assert!(reloaded.text.contains("was shown once") && reloaded.text.contains(again), "{path}: {}", reloaded.text);
            assert_eq!(scene.happened().await, before, "{path}");
        }
    }

    async fn a_new_secret_is_for_who_made_it_on_its_page_for_five_minutes(app) {
        let scene = Scene::new(app).await;
        let bea = scene.app.joins(&scene.acme, "bea@acme.example", "Bea Lind", "owner").await;
        let bea = scene.app.client_of(&bea.session);
        let made = async || scene.ada.post("/o/acme/keys/new", &[("name", "the app"), ("permissions", "org.read")]).await;
        let shows = async |who: &Client, path: &str| shows_secret(&who.get(path).await.text);
        let (one, other) = (made().await, made().await);
        bea.set_cookie("__Host-vst_once", &scene.ada.cookie("__Host-vst_once").unwrap());
        assert!(!shows(&bea, other.location()).await, "somebody else");
        assert!(!shows(&scene.ada, one.location()).await, "another page");
        let sealed = scene.ada.cookie("__Host-vst_once").unwrap();
        for place in [0, 20, sealed.len() - 1] {
            let mut torn = sealed.clone().into_bytes();
            torn[place] = if torn[place] == b'A' { b'B' } else { b'A' };
            scene.ada.set_cookie("__Host-vst_once", std::str::from_utf8(&torn).unwrap());
            assert!(!shows(&scene.ada, other.location()).await, "not as it was sealed");
        }
        scene.ada.set_cookie("__Host-vst_once", &sealed);
        scene.app.advance(chrono::Duration::minutes(5));
        assert!(!shows(&scene.ada, other.location()).await, "too late");
        let third = made().await;
        scene.app.advance(chrono::Duration::seconds(290));
        assert!(shows(&scene.ada, third.location()).await);
        assert!(scene.ada.cookie("__Host-vst_once").is_none_or(|value| value.is_empty()));
    }

    async fn a_webhooks_secret_is_shown_once_and_what_is_wrong_loses_nothing(app) {
        let scene = Scene::new(app).await;
        let wrong = scene.ada.post("/o/acme/webhooks/new", &[("url", "ftp://hooks.invalid"), ("description", "Our CRM"), ("actions", "member.left")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text.contains("begins with https://") && wrong.text.contains("Our CRM"), "{}", wrong.text);
        assert!(wrong.text.contains("value=\"member.left\" checked"), "{}", wrong.text);
        let made = scene.ada.post("/o/acme/webhooks/new", &[("url", "https://hooks.invalid"), ("description", "Our CRM")]).await;
        let made = scene.ada.led_on(&made).await;
        let at = made.text.find("whsec_").unwrap_or_else(|| panic!("no secret in {}", made.text));
        let secret = &made.text[at..at + 50];
        let id = scene.app.vestibule.webhook_endpoints().all(&scene.acme.scope).await.unwrap()[0].id;
        for page in ["webhooks".to_owned(), format!("webhooks/{id}"), format!("webhooks/{id}/edit"), format!("webhooks/{id}/rotate"), format!("webhooks/{id}/secret")] {
            assert!(!scene.ada.get(&format!("/o/acme/{page}")).await.text.contains(secret), "{page}");
        }
        let rotated = scene.ada.post(&format!("/o/acme/webhooks/{id}/rotate"), &[]).await;
        let rotated = scene.ada.led_on(&rotated).await;
        assert!(rotated.text.contains("whsec_") && !rotated.text.contains(secret));
    }

    async fn a_flash_waits_for_the_page_that_was_led_on_to(app) {
        let scene = Scene::new(app).await;
        let page = format!("/o/acme/invitations/{}", scene.invitation);
        scene.ada.post(&format!("{page}/resend"), &[]).await;
        let refresh = scene.ada.request(Method::GET, &page).header("x-vestibule-refresh", "1");
        let refreshed = scene.ada.send(refresh).await;
        assert!(!refreshed.text.contains("The earlier link no longer works"), "another window is refreshed meanwhile");
        let opened = scene.ada.get(&page).await;
        assert!(opened.text.contains("The earlier link no longer works"), "{}", opened.text);
        assert!(!scene.ada.get(&page).await.text.contains("The earlier link no longer works"), "and only once");
    }

    async fn who_is_signed_out_is_no_longer_told_anything(app) {
        let scene = Scene::new(app).await;
        for client in [&scene.nobody, &scene.stranger] {
            assert_eq!(client.get("/o/acme/feed").await.status, StatusCode::NO_CONTENT);
        }
    }

    async fn the_owner_may_do_all_of_it(app) {
        let scene = Scene::new(app).await;
        for page in scene.pages() {
            assert_eq!(scene.ada.get(&format!("/o/acme/{page}")).await.status, StatusCode::OK, "{page}");
        }
        for form in scene.forms() {
            let answer = scene.send(&scene.ada, &form).await;
            let wanted = match form.path.as_str() {
                path if path.starts_with("invitations/preview") => StatusCode::OK,
                _ => StatusCode::SEE_OTHER,
            };
            assert_eq!(answer.status, wanted, "{}: {}", form.path, answer.text);
        }
    }
}
