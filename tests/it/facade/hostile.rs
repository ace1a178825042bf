//! Hostile text in every place of every request that vendors' clients make: an answer in the vendor's envelope, never a
//! failure on our side, and nothing is made by what is refused.

use super::{adobe, appstoreconnect, clerk, clickhouse, snyk};
use crate::harness::hostile::{Footprints, MANY, Turns, has_nul, in_json, in_path, in_query};
use crate::harness::{Acme, Answer, TestApp};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// A request that a client makes. `{}` in the path is where an id stands.
struct Call {
    method: Method,
    path: String,
    id: String,
    query: &'static [&'static str],
    /// Where in the body values stand, as pointers.
    body: Option<(Value, &'static [&'static str])>,
}

impl Call {
    fn get(path: impl Into<String>, id: &str, query: &'static [&'static str]) -> Self {
        Self { method: Method::GET, path: path.into(), id: id.into(), query, body: None }
    }

    fn sends(method: Method, path: impl Into<String>, id: &str, body: Value, fields: &'static [&'static str]) -> Self {
        Self { method, path: path.into(), id: id.into(), query: &[], body: Some((body, fields)) }
    }
}

/// Makes a request of a vendor's client.
type Asks<'a> = Box<dyn Fn(Method, &str) -> RequestBuilder + 'a>;

/// How a vendor's client asks, and what its refusals must look like.
struct Client<'a> {
    app: &'a TestApp,
    acme: &'a Acme,
    request: Asks<'a>,
    /// Checks the envelope.
    refused: fn(&Answer),
    sent: usize,
    /// What there is, if nothing can have come to it since.
    left: Option<Footprints>,
    in_query: Turns,
    in_json: Turns,
}

impl Client<'_> {
    async fn send(&mut self, request: RequestBuilder, what: &str) -> u16 {
        self.sent += 1;
        let before = match self.left {
            Some(left) => left,
            None => self.app.footprints(self.acme).await,
        };
        let answer = self.app.client().send(request).await;
        let shown: String = what.chars().take(300).collect();
        assert!(answer.status.as_u16() < 500, "{shown}: {}", answer.text);
        self.left = Some(before).filter(|_| answer.status.as_u16() >= 400);
        if answer.status.as_u16() >= 400 {
            (self.refused)(&answer);
            assert_eq!(self.app.footprints(self.acme).await, before, "{shown}: {}", answer.text);
        }
        answer.status.as_u16()
    }

    async fn tries(&mut self, calls: &[Call]) {
        for call in calls {
            let path = |id: &str| call.path.replace("{}", id);
            let join = |path: &str| if path.contains('?') { '&' } else { '?' };
            let here = path(&call.id);
            if call.path.contains("{}") {
                for id in in_path() {
                    let status = self.send((self.request)(call.method.clone(), &path(&id)), &path(&id)).await;
                    assert!(!id.contains("%00") || (400..500).contains(&status), "{}: {status}", path(&id));
                }
            }
            for name in call.query.iter().chain(&["unheard_of"]) {
                for value in self.in_query.next() {
                    let address = format!("{here}{}{name}={value}", join(&here));
                    let status = self.send((self.request)(call.method.clone(), &address), &address).await;
                    assert!(!has_nul(&value) || (400..500).contains(&status), "{address}: {status}");
                }
                let address = format!("{here}{}{}", join(&here), format!("{name}=x&").repeat(MANY));
                let status = self.send((self.request)(call.method.clone(), &address), &address).await;
                assert!((400..500).contains(&status), "{name} {MANY} times: {status}");
            }
            let Some((body, fields)) = &call.body else { continue };
            for field in *fields {
                for value in self.in_json.next() {
                    let text = with(body, field, &value);
                    let request = (self.request)(call.method.clone(), &here).header("content-type", "application/json");
                    let status = self.send(request.body(text), &format!("{here} {field}: {value}")).await;
                    assert!(!has_nul(&value) || (400..500).contains(&status), "{here} {field}: {value}: {status}");
                }
            }
            for text in [&b"{\"a\":\"\xff\"}"[..], b"\0", b"\xef\xbb\xbf{}", br#"{"\u0000":1}"#, br#"["\u0000"]"#] {
                let request = (self.request)(call.method.clone(), &here).header("content-type", "application/json");
                let status = self.send(request.body(text.to_vec()), &format!("{here} {text:?}")).await;
                assert!((400..500).contains(&status), "{here} {text:?}: {status}");
            }
        }
    }
}

/// The body with this text of JSON in the place of the pointer.
fn with(body: &Value, pointer: &str, json: &str) -> String {
    const PLACE: &str = "the place";
    let mut body = body.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap() {
        Value::Object(map) => _ = map.insert(name.to_owned(), json!(PLACE)),
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = json!(PLACE),
        other => panic!("{pointer} leads into {other}"),
    }
    body.to_string().replace(&format!("\"{PLACE}\""), json)
}

both_patient! {
    async fn clerks_clients_hear_it_in_clerks_words(app) {
        let acme = app.organization("Acme").await;
        let clerk = app.clerk(&acme).await;
        let id = clerk.invites("grace@example.com").await["id"].as_str().unwrap().to_owned();
        let here = format!("/organizations/{}/invitations", clerk.org);
        let new = json!({ "email_address": "new@example.com", "role": "org:member", "inviter_user_id": clerk.owner });
        let own = json!({ "email_address": "own@example.com", "notify": false });
        let (lists, all): (&[&str], &[&str]) =
            (&["limit", "offset", "status", "order_by", "email_address"], &["limit", "offset", "status", "order_by", "query", "paginated"]);
        let fields = &["/email_address", "/role", "/inviter_user_id", "/public_metadata", "/private_metadata", "/redirect_url", "/expires_in_days"];
        let calls = [
            Call::get("/organizations/{}/invitations", &clerk.org, lists),
            Call::get(format!("{here}/pending"), "", lists),
            Call::get(format!("{here}/{{}}"), &id, &[]),
            Call::get("/organization_invitations", "", all),
            Call::get("/users/{}/organization_invitations", &clerk.owner, lists),
            Call::get("/invitations", "", all),
            Call::sends(Method::POST, &here, "", new.clone(), fields),
            Call::sends(Method::POST, format!("{here}/bulk"), "", json!([new]), &["/0", "/0/email_address", "/0/role", "/0/public_metadata"]),
            Call::sends(Method::POST, "/invitations", "", own.clone(), &["/email_address", "/public_metadata", "/redirect_url", "/expires_in_days", "/template_slug"]),
            Call::sends(Method::POST, "/invitations/bulk", "", json!([own]), &["/0", "/0/email_address", "/0/notify"]),
            Call::sends(Method::POST, format!("{here}/{{}}/revoke"), &id, json!({}), &["/requesting_user_id"]),
        ];
        let request = Box::new(|method, path: &str| clerk.request(method, path));
        let refused = |answer: &Answer| drop(clerk::refusal(answer));
        let mut client = Client { app: &app, acme: &acme, request, refused, sent: 0, left: None, in_query: Turns::of(in_query()), in_json: Turns::of(in_json()) };
        client.tries(&calls).await;
        println!("{} requests", client.sent);
    }

    async fn adobes_clients_hear_it_in_adobes_words(app) {
        let acme = app.organization("Acme").await;
        let console = app.adobe(&acme).await;
        console.adds("grace@example.com").await;
        let lists: &[&str] = &["page", "includeExpired", "sortColumn", "sortOrder", "domain"];
        let commands = json!([adobe::add("new@example.com", &json!({ "firstname": "Ada", "lastname": "Byrne", "country": "GB" }))]);
        let fields = &["/0", "/0/user", "/0/requestID", "/0/do", "/0/do/0/addAdobeID/email", "/0/do/0/addAdobeID/firstname", "/0/do/0/addAdobeID/country"];
        let calls = [
            Call::get("/{}/invites", &console.org, lists),
            Call::get(format!("/{}/invites/{{}}", console.org), "grace@example.com", lists),
            Call::get(format!("/users/{}/{{}}", console.org), "0", lists),
            Call::get(format!("/organizations/{}/users/{{}}", console.org), "grace@example.com", lists),
            Call::sends(Method::POST, format!("/action/{}", console.org), "", commands, fields),
        ];
        let request = Box::new(|method, path: &str| console.request(method, path));
        // some are empty, as with Adobe
        let refused = |answer: &Answer| assert!(answer.text.is_empty() || answer.json().is_object(), "{}", answer.text);
        let mut client = Client { app: &app, acme: &acme, request, refused, sent: 0, left: None, in_query: Turns::of(in_query()), in_json: Turns::of(in_json()) };
        client.tries(&calls).await;
        println!("{} requests", client.sent);
    }

    async fn app_store_connects_clients_hear_it_in_apples_words(app) {
        let acme = app.organization("Acme").await;
        let store = app.asc(&acme).await;
        app.app(&acme, "1138", "Garden").await;
        let id = store.invites("grace@example.com", "Okafor", "DEVELOPER").await["id"].as_str().unwrap().to_owned();
        let user = acme.user.id.to_string();
        let lists: &[&str] = &["filter[email]", "filter[roles]", "filter[visibleApps]", "sort", "limit", "cursor", "include", "fields[userInvitations]"];
        let fields = &["/data", "/data/type", "/data/attributes", "/data/attributes/email", "/data/attributes/firstName", "/data/attributes/roles", "/data/attributes/allAppsVisible", "/data/relationships"];
        let mut new = appstoreconnect::limited("new@example.com", "1138");
        new["data"]["relationships"] = json!({ "visibleApps": { "data": [{ "type": "apps", "id": "1138" }] } });
        let calls = [
            Call::get("/userInvitations", "", lists),
            Call::get("/userInvitations/{}", &id, &["include", "fields[apps]"]),
            Call::get("/userInvitations/{}/visibleApps", &id, &["limit"]),
            Call::get("/userInvitations/{}/relationships/visibleApps", &id, &["limit"]),
            Call::get("/users", "", &["filter[username]", "filter[roles]", "filter[visibleApps]", "sort", "limit"]),
            Call::get("/users/{}", &user, &["include"]),
            Call::get("/apps", "", &["filter[id]", "filter[name]", "filter[bundleId]", "sort", "limit"]),
            Call::get("/apps/{}", "1138", &[]),
            Call::sends(Method::POST, "/userInvitations", "", appstoreconnect::invitation("new@example.com"), fields),
            Call::sends(Method::POST, "/userInvitations", "", new, &["/data/relationships/visibleApps/data", "/data/relationships/visibleApps/data/0/id"]),
        ];
        let request = Box::new(|method, path: &str| store.request(method, path));
        let refused = |answer: &Answer| drop(appstoreconnect::refusals(answer));
        let mut client = Client { app: &app, acme: &acme, request, refused, sent: 0, left: None, in_query: Turns::of(in_query()), in_json: Turns::of(in_json()) };
        client.tries(&calls).await;
        println!("{} requests", client.sent);
    }

    async fn snyks_clients_hear_it_in_snyks_words(app) {
        let acme = app.organization("Acme").await;
        let snyk = app.snyk(&acme).await;
        let id = snyk.invites("grace@example.com").await["id"].as_str().unwrap().to_owned();
        let lists: &[&str] = &["limit", "starting_after", "ending_before", "version"];
        let fields = &["/data", "/data/type", "/data/attributes", "/data/attributes/email", "/data/attributes/role"];
        let calls = [
            Call::get("/rest/orgs?version=2024-06-21", "", &["limit", "slug", "name", "group_id", "is_personal"]),
            Call::get("/rest/orgs/{}?version=2024-06-21", &snyk.org, &["expand"]),
            Call::get("/rest/orgs/{}/invites?version=2024-06-21", &snyk.org, lists),
            Call::get("/rest/orgs/{}/memberships?version=2024-08-25", &snyk.org, lists),
            Call::get("/rest/tenants/{}/roles?version=2024-06-21", &snyk.org, &["name", "custom", "assignable_by_me"]),
            Call::sends(Method::POST, snyk.here("/invites"), "", snyk.invite("new@example.com"), fields),
            Call { method: Method::DELETE, ..Call::get(format!("/rest/orgs/{}/invites/{{}}?version=2024-06-21", snyk.org), &id, &[]) },
        ];
        let request = Box::new(|method, path: &str| snyk.request(method, path));
        let refused = |answer: &Answer| drop(snyk::refusal(answer));
        let mut client = Client { app: &app, acme: &acme, request, refused, sent: 0, left: None, in_query: Turns::of(in_query()), in_json: Turns::of(in_json()) };
        client.tries(&calls).await;
        let old = [
            Call::get("/v1/orgs", "", &[]),
            Call::sends(Method::POST, "/v1/org/{}/invite", &snyk.org, json!({ "email": "old@example.com" }), &["/email", "/isAdmin"]),
        ];
        client.refused = |answer| drop(snyk::old_refusal(answer));
        client.tries(&old).await;
        println!("{} requests", client.sent);
    }

    async fn clickhouses_clients_hear_it_in_clickhouses_words(app) {
        let acme = app.organization("Acme").await;
        let cloud = app.clickhouse(&acme).await;
        let id = cloud.invites("grace@example.com").await["id"].as_str().unwrap().to_owned();
        let user = acme.user.id.to_string();
        let new = json!({ "email": "new@example.com", "role": "developer" });
        let calls = [
            Call::get("/organizations", "", &[]),
            Call::get("/organizations/{}", &cloud.org, &[]),
            Call::get(cloud.here("/roles"), "", &[]),
            Call::get(cloud.here("/invitations"), "", &[]),
            Call::get(cloud.here("/invitations/{}"), &id, &[]),
            Call::get(cloud.here("/members"), "", &[]),
            Call::get(cloud.here("/members/{}"), &user, &[]),
            Call::sends(Method::POST, cloud.here("/invitations"), "", new, &["/email", "/role", "/assignedRoleIds"]),
            Call::sends(Method::PATCH, cloud.here("/members/{}"), &user, json!({}), &["/role", "/assignedRoleIds"]),
        ];
        let request = Box::new(|method, path: &str| cloud.request(method, path));
        let refused = |answer: &Answer| drop(clickhouse::refusal(answer));
        let mut client = Client { app: &app, acme: &acme, request, refused, sent: 0, left: None, in_query: Turns::of(in_query()), in_json: Turns::of(in_json()) };
        client.tries(&calls).await;
        println!("{} requests", client.sent);
    }
}
