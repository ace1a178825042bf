//! Connecting a vendor's client in the portal.

use super::happened;
use crate::harness::{Answer, Setup, TestApp};
use reqwest::{Method, StatusCode};
use serde_json::json;
use vestibule_core::service::Settings;
use vestibule_domain::{Permission, Surface};

const FORM: [(&str, &str); 4] = [
    ("name", "Website"),
    ("permissions", "org.read"),
    ("permissions", "org.user.read"),
    ("permissions", "org.user.invite"),
];

/// The value of the field with this id.
fn value<'a>(page: &'a Answer, id: &str) -> &'a str {
    let field = format!("id=\"{id}\" readonly value=\"");
    let (_, rest) = page.text.split_once(&field).unwrap_or_else(|| panic!("no {id} in {}", page.text));
    rest.split('"').next().unwrap_or_default()
}

/// The text of the region with this id, as it is read.
fn code(page: &Answer, id: &str) -> String {
    let (_, rest) = page.text.split_once(&format!("<pre id=\"{id}\"")).unwrap();
    let text = rest.split_once('>').unwrap().1.split_once("</pre>").unwrap().0;
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// How many permissions are ticked.
fn chosen(page: &Answer) -> usize {
    let boxes = page.text.split("name=\"permissions\"").skip(1).filter_map(|rest| rest.split('>').next());
    boxes.filter(|attributes| attributes.contains(" checked")).count()
}

both! {
    async fn a_key_works_where_it_was_made_for_and_nowhere_else(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let made = ada.post("/o/acme/connect/clerk", &FORM).await;
        let made = ada.led_on(&made).await;
        let (base_url, secret) = (value(&made, "base_url"), value(&made, "secret_key"));
        assert_eq!(base_url, format!("{}/clerk", app.url));
        let client = app.client();
        let path = format!("/clerk/v1/organizations/{}/invitations", value(&made, "organization_id"));
        let body = json!({ "email_address": "grace@example.com", "role": "org:member", "inviter_user_id": value(&made, "inviter_user_id") });
        let invited = client.send(client.request(Method::POST, &path).bearer_auth(secret).json(&body)).await;
        assert_eq!(invited.status, StatusCode::OK, "{}", invited.text);
        assert!(invited.text.contains(value(&made, "inviter_user_id")) && invited.text.contains("grace@example.com"), "{}", invited.text);

        let native = client.request(Method::GET, "/api/v1/organizations/acme").bearer_auth(secret);
        assert_eq!(client.send(native).await.status, StatusCode::UNAUTHORIZED);
        let (_, other) = app.key_for(&acme, Surface::Native, Permission::ALL).await;
        let vendors = client.request(Method::GET, &path).bearer_auth(other);
        assert_eq!(client.send(vendors).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(happened(&app, &acme).await, ["member.added", "api_key.created", "invitation.created", "api_key.created"]);
    }

    async fn the_secret_is_shown_once_and_stands_in_no_code(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let made = ada.post("/o/acme/connect/clerk", &FORM).await;
        let made = ada.send(ada.request(Method::GET, made.location()).header("accept-encoding", "gzip, br")).await;
        assert_eq!((made.header("cache-control"), made.header("content-encoding")), ("no-store", ""));
        let secret = value(&made, "secret_key");
        assert!(secret.len() > 40 && made.text.matches(secret).count() == 1, "{}", made.text);
        assert!(made.text.contains("export SECRET_KEY=…"), "{}", made.text);
        for id in ["program-0", "program-1"] {
            let code = code(&made, id);
            for public in ["base_url", "organization_id", "inviter_user_id"] {
                assert!(code.contains(value(&made, public)), "{public} in {code}");
            }
            assert!(code.contains("SECRET_KEY") && !code.contains("{{"), "{code}");
        }
        for page in ["connect/clerk", "connect", "keys", "audit"] {
            assert!(!ada.get(&format!("/o/acme/{page}")).await.text.contains(secret), "{page}");
        }
        let list = ada.get("/o/acme/keys").await;
        assert!(list.text.contains("For Clerk · vsk_…"), "{}", list.text);
        assert!(ada.get("/o/acme/audit").await.text.contains("Created the API key Website for Clerk"));
    }

    async fn a_key_named_after_its_api_is_not_named_twice(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        ada.post("/o/acme/connect/clerk", &[&[("name", "Clerk")][..], &FORM[1..]].concat()).await;
        let list = ada.get("/o/acme/keys").await.text;
        assert!(list.contains("vsk_…") && !list.contains("For Clerk"), "{list}");
        let log = ada.get("/o/acme/audit").await.text;
        assert!(log.contains("API key Clerk") && !log.contains("Clerk for Clerk"), "{log}");
    }

    async fn before_there_is_a_key_the_code_says_what_will_stand_there(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let list = ada.get("/o/acme/connect").await;
        let page = ada.get("/o/acme/connect/clerk").await;
        for text in [&list.text, &page.text] {
            assert!(text.contains("href=\"/o/acme/connect/clerk\"") && text.contains("href=\"/o/acme/keys/new\""), "{text}");
        }
        assert_eq!((list.text.matches("aria-current=\"page\"").count(), value(&page, "base_url")), (2, &*format!("{}/clerk", app.url)));
        assert!(page.text.contains("href=\"/o/acme/connect/clerk\" aria-current=\"page\""), "{}", page.text);
        assert!(page.text.contains("value=\"Clerk\"") && chosen(&page) == 3, "{}", page.text);
        let code = code(&page, "program-0");
        assert!(code.contains("\"<organization_id>\"") && code.contains(&app.url) && !code.contains("{{"), "{code}");
        assert_eq!(happened(&app, &acme).await, ["member.added"]);
    }

    async fn what_is_wrong_is_told_and_makes_no_key(app) {
        let acme = app.organization("Acme").await;
        let ada = app.client_of(&acme.session);
        let wrong = ada.post("/o/acme/connect/clerk", &[("name", "evil.com/<b>"), ("expires_in_days", "90")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        for words in ["href=\"#name\"", "href=\"#permissions\"", "Choose at least one permission.", "value=\"evil.com/&lt;b&gt;\"", "value=\"90\" selected"] {
            assert!(wrong.text.contains(words), "{words}: {}", wrong.text);
        }
        assert!(!wrong.text.contains("vsk_") && chosen(&wrong) == 0, "{}", wrong.text);
        for nobodys in ["native", "nobody", "Clerk"] {
            assert_eq!(ada.get(&format!("/o/acme/connect/{nobodys}")).await.status, StatusCode::NOT_FOUND, "{nobodys}");
            assert_eq!(ada.post(&format!("/o/acme/connect/{nobodys}"), &FORM).await.status, StatusCode::NOT_FOUND, "{nobodys}");
        }
        assert!(app.vestibule.api_keys().all(&acme.scope).await.unwrap().is_empty());
        assert_eq!(happened(&app, &acme).await, ["member.added"]);
    }

    async fn who_may_make_no_key_sees_no_way_to_it(app) {
        let acme = app.organization("Acme").await;
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "member").await;
        let alan = app.client_of(&alan.session);
        assert!(!alan.get("/o/acme/members").await.text.contains("Connect a client"));
        assert!(app.client_of(&acme.session).get("/o/acme/members").await.text.contains("href=\"/o/acme/connect\""));
        for path in ["/o/acme/connect", "/o/acme/connect/clerk"] {
            assert_eq!(alan.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(alan.post("/o/acme/connect/clerk", &FORM).await.status, StatusCode::FORBIDDEN);
        assert!(app.vestibule.api_keys().all(&acme.scope).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn where_a_vendor_has_a_host_name_clients_are_given_that() {
    let hosts = [(Surface::Clerk, "clerk.acme.example".to_owned())];
    let settings = Box::new(|settings: &mut Settings| settings.facade_hosts = hosts.into());
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let ada = app.client_of(&acme.session);
    let list = ada.get("/o/acme/connect").await;
    assert!(list.text.contains("<span class=\"client__path\">clerk.acme.example</span>"), "{}", list.text);
    let page = ada.get("/o/acme/connect/clerk").await;
    assert_eq!(value(&page, "base_url"), "http://clerk.acme.example");
    assert!(code(&page, "program-0").contains("\"http://clerk.acme.example\""));
}

#[test]
fn a_vendor_has_one_name_everywhere() {
    for vendor in vestibule_facades::vendors() {
        assert_eq!(vendor.surface.label(), Some(vendor.name));
    }
}
