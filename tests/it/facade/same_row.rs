//! One invitation is the same row on every surface.

use crate::harness::{Acme, Answer, PASSWORD, TestApp};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use vestibule_domain::Permission;

both! {
    async fn what_is_said_of_it_on_one_is_told_on_the_others(app) {
        let acme = app.organization("Acme").await;
        let (clerk, native) = (app.clerk(&acme).await, app.program(&acme).await);
        clerk.invites("clerk@example.com").await;
        let new = json!({ "email": "native@example.com", "roles": ["admin"], "metadata": { "aB": 1 } });
        native.post("/invitations", &new).await;
        app.invites(&acme, "portal@example.com").await;
        let page = app.client_of(&acme.session).get("/o/acme/invitations").await.text;
        for name in ["clerk", "native", "portal"] {
            assert!(page.contains(&format!("{name}@example.com")), "{name}");
        }
        let list = clerk.get(&clerk.here("")).await.json();
        let row = |email: &str| {
            list["data"].as_array().unwrap().iter().find(|row| row["email_address"] == email).unwrap().clone()
        };
        assert_eq!(row("native@example.com")["role"], "org:admin");
        assert_eq!(row("native@example.com")["public_metadata"]["aB"], 1);
        assert_eq!(row("portal@example.com")["inviter_id"], json!(clerk.owner), "the person who used the portal");

        let id = row("portal@example.com")["id"].as_str().unwrap().to_owned();
        clerk.post(&clerk.here(&format!("/{id}/revoke")), &json!({})).await;
        let revoked = native.get("/invitations?email=portal@example.com").await.json();
        assert_eq!(revoked["data"][0]["status"], "revoked");
    }
}

/// A program of Acme's own, and a client of each vendor.
struct Everybody {
    native: crate::api::Program,
    adobe: super::adobe::Console,
    store: super::appstoreconnect::Asc,
    clerk: super::clerk::Backend,
    cloud: super::clickhouse::Cloud,
    snyk: super::snyk::Snyk,
}

const SURFACES: [&str; 6] = ["native", "adobe", "store", "clerk", "cloud", "snyk"];

impl Everybody {
    async fn of(app: &TestApp, acme: &Acme) -> Self {
        Self {
            native: app.program(acme).await,
            adobe: app.adobe(acme).await,
            store: app.asc(acme).await,
            clerk: app.clerk(acme).await,
            cloud: app.clickhouse(acme).await,
            snyk: app.snyk(acme).await,
        }
    }

    /// One from each, who is invited by the name of the surface.
    async fn invite(&self) {
        let made =
            self.native.post("/invitations", &json!({ "email": "native@example.com", "roles": ["member"] })).await;
        assert_eq!(made.status, 201, "{}", made.text);
        self.adobe.adds("adobe@example.com").await;
        self.store.invites("store@example.com", "Okafor", "DEVELOPER").await;
        self.clerk.invites("clerk@example.com").await;
        self.cloud.invites("cloud@example.com").await;
        self.snyk.invites("snyk@example.com").await;
    }

    /// Who is invited, by the list of this surface in its own shape, with what it calls each invitation by.
    async fn pending(&self, surface: &str) -> BTreeMap<String, String> {
        let (answer, rows, email, id) = match surface {
            "native" => (self.native.get("/invitations?status=pending").await, "/data", "/email", "/id"),
            "adobe" => (self.adobe.invites(Method::GET, "").await, "", "/email", "/email"),
            "store" => (self.store.get("/userInvitations").await, "/data", "/attributes/email", "/id"),
            "clerk" => (self.clerk.get(&self.clerk.here("?status=pending")).await, "/data", "/email_address", "/id"),
            "cloud" => (self.cloud.get(&self.cloud.here("/invitations")).await, "/result", "/email", "/id"),
            _ => (self.snyk.get(&self.snyk.here("/invites")).await, "/data", "/attributes/email", "/id"),
        };
        told(&answer, rows, email, id)
    }

    /// The members, likewise.
    async fn members(&self, surface: &str) -> BTreeMap<String, String> {
        let users = format!("/users/{}/0", self.adobe.org);
        let memberships = self.snyk.here("/memberships").replace("2024-06-21", "2024-08-25");
        let (answer, rows, email) = match surface {
            "native" => (self.native.get("/members").await, "/data", "/email"),
            "adobe" => (self.adobe.get(&users).await, "/users", "/email"),
            "store" => (self.store.get("/users").await, "/data", "/attributes/username"),
            // it has members by their accepted invitations only
            "clerk" => (self.clerk.get(&self.clerk.here("?status=accepted")).await, "/data", "/email_address"),
            "cloud" => (self.cloud.get(&self.cloud.here("/members")).await, "/result", "/email"),
            _ => (self.snyk.get(&memberships).await, "/data", "/relationships/user/data/attributes/email"),
        };
        told(&answer, rows, email, email)
    }

    /// Takes an invitation back, by what this surface calls it.
    async fn revoke(&self, surface: &str, id: &str) {
        let answer = match surface {
            "native" => {
                self.native.send(self.native.request(Method::POST, &format!("/invitations/{id}/revocation"))).await
            }
            "adobe" => self.adobe.invites(Method::DELETE, &format!("/{id}")).await,
            "store" => self.store.delete(&format!("/userInvitations/{id}")).await,
            "clerk" => self.clerk.post(&self.clerk.here(&format!("/{id}/revoke")), &json!({})).await,
            "cloud" => self.cloud.delete(&self.cloud.here(&format!("/invitations/{id}"))).await,
            _ => self.snyk.delete(&self.snyk.here(&format!("/invites/{id}"))).await,
        };
        assert!(answer.status.is_success(), "{surface}: {}", answer.text);
    }
}

fn told(answer: &Answer, rows: &str, email: &str, id: &str) -> BTreeMap<String, String> {
    // how Adobe says that there are none
    if answer.status == 404 && answer.text.contains("invites.pending.not_found") {
        return BTreeMap::new();
    }
    assert_eq!(answer.status, 200, "{}", answer.text);
    let list = answer.json();
    let text = |row: &Value, pointer: &str| {
        row.pointer(pointer).unwrap_or_else(|| panic!("{pointer} in {row}")).as_str().unwrap().to_owned()
    };
    list.pointer(rows).unwrap().as_array().unwrap().iter().map(|row| (text(row, email), text(row, id))).collect()
}

both! {
    async fn whoever_makes_or_takes_it_back_all_surfaces_agree(app) {
        let acme = app.organization("Acme").await;
        let everybody = Everybody::of(&app, &acme).await;
        everybody.invite().await;
        app.invites(&acme, "portal@example.com").await;
        let mut invited: BTreeSet<String> =
            SURFACES.iter().chain(&["portal"]).map(|name| format!("{name}@example.com")).collect();
        let all_agree = async |invited: &BTreeSet<String>| {
            for surface in SURFACES {
                let listed: BTreeSet<String> = everybody.pending(surface).await.into_keys().collect();
                assert_eq!(listed, *invited, "{surface}");
            }
        };
        all_agree(&invited).await;

        // one is accepted in the browser, and each of the others taken back by another surface than its own
        app.settle().await;
        let browser = app.client();
        browser.get(&format!("/i/{}", app.mailed_token("native@example.com"))).await;
        let joined = browser.post("/accept", &[("name", "Grace Okafor"), ("password", PASSWORD)]).await;
        assert_eq!(joined.status, 303, "{}", joined.text);
        invited.remove("native@example.com");
        all_agree(&invited).await;
        for surface in SURFACES {
            assert!(everybody.members(surface).await.contains_key("native@example.com"), "{surface}");
        }
        for (surface, name) in SURFACES.into_iter().zip(["adobe", "store", "clerk", "cloud", "snyk", "portal"]) {
            let email = format!("{name}@example.com");
            everybody.revoke(surface, &everybody.pending(surface).await[&email]).await;
            invited.remove(&email);
            all_agree(&invited).await;
        }
        assert!(invited.is_empty());
    }
}

#[tokio::test]
async fn events_are_the_same_whoever_causes_them() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let (clerk, native) = (app.clerk_with(&acme, Permission::ALL).await, app.program(&acme).await);
    let actions = async || {
        let events = app.vestibule.feed().events(&acme.scope, 0, 1000).await.unwrap();
        events.iter().map(|event| event.fact.action()).collect::<Vec<_>>()
    };
    let before = actions().await.len();
    clerk.invites("grace@example.com").await;
    native.post("/invitations", &json!({ "email": "alan@example.com" })).await;
    assert_eq!(actions().await[before..], ["invitation.created", "invitation.created"]);
    let both = json!([{ "email_address": "grace@example.com", "ignore_existing": true }, { "email_address": "joan@example.com" }]);
    let made = clerk.post("/invitations/bulk", &both).await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(actions().await[before + 2..], ["invitation.revoked", "invitation.created", "invitation.created"]);
}
