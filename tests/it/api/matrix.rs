//! Who may do what where, for every operation of the document: one that is missing here fails.

use super::{Program, document::operations};
use crate::harness::{Acme, TestApp};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vestibule_domain::Permission;

/// Everything that an organization has one of, by the collection it is in.
pub struct Things {
    pub program: Program,
    ids: Vec<(&'static str, String)>,
}

/// What an operation takes, and the permission that lets it through; none: every key.
pub fn needs(operation: &str) -> (Value, Option<Permission>) {
    let none = json!(null);
    match operation {
        "get_organization" | "list_resources" | "get_resource" => (none, Some(Permission::OrganizationRead)),
        "edit_organization" => (json!({ "name": "Other" }), Some(Permission::OrganizationEdit)),
        "create_resource" => (json!({ "name": "Other" }), Some(Permission::OrganizationEdit)),
        "edit_resource" => (json!({ "name": "Other" }), Some(Permission::OrganizationEdit)),
        "delete_resource" => (none, Some(Permission::OrganizationEdit)),
        "list_roles" | "get_role" => (none, None),
        "create_role" => (json!({ "key": "other", "name": "Other", "permissions": [] }), Some(Permission::RoleEdit)),
        "edit_role" => (json!({ "name": "Other" }), Some(Permission::RoleEdit)),
        "delete_role" => (none, Some(Permission::RoleEdit)),
        "list_keys" | "get_key" | "revoke_key" | "list_key_dependents" => (none, Some(Permission::KeyEdit)),
        "create_key" => (json!({ "name": "Other", "permissions": ["org.key.edit"] }), Some(Permission::KeyEdit)),
        "list_invitations" | "get_invitation" | "list_invitation_events" => (none, Some(Permission::UserRead)),
        "list_members" | "get_member" => (none, Some(Permission::UserRead)),
        "create_invitation" => (json!({ "email": "other@example.com" }), Some(Permission::UserInvite)),
        "create_invitations" => {
            (json!({ "invitations": [{ "email": "o@example.com" }] }), Some(Permission::UserInvite))
        }
        "edit_invitation" => (json!({ "message": "Other" }), Some(Permission::UserInvite)),
        "resend_invitation" | "revoke_invitation" | "link_invitation" => (none, Some(Permission::UserInvite)),
        "list_mails" | "get_mail" | "retry_mail" => (none, Some(Permission::UserInvite)),
        "verify_ticket" => (json!({ "ticket": "x" }), Some(Permission::UserRead)),
        "edit_member" => (json!({ "metadata": {} }), Some(Permission::UserEdit)),
        "remove_member" | "list_member_dependents" => (none, Some(Permission::UserEdit)),
        "list_webhooks" | "get_webhook" | "delete_webhook" | "rotate_webhook" => {
            (none, Some(Permission::WebhookEndpointEdit))
        }
        "create_webhook" => (json!({ "url": "https://other.example" }), Some(Permission::WebhookEndpointEdit)),
        "edit_webhook" => (json!({ "description": "Other" }), Some(Permission::WebhookEndpointEdit)),
        "list_deliveries" | "get_delivery" | "replay_delivery" => (none, Some(Permission::WebhookEndpointEdit)),
        "export_person" => (none, Some(Permission::OrganizationEdit)),
        "erase_person" => (json!({ "email": "nobody@example.com" }), Some(Permission::OrganizationEdit)),
        "list_events" | "follow_events" | "export_events" => (none, Some(Permission::AuditRead)),
        other => panic!("{other} is not in the matrix: say what it takes and who may do it"),
    }
}

impl TestApp {
    pub async fn things(&self, at: &Acme) -> Things {
        let program = self.program(at).await;
        let made =
            async |path: &str, body: Value| program.post(path, &body).await.json()["id"].as_str().unwrap().to_owned();
        let grace = format!("grace@{}.example", at.slug);
        let invitation = made("/invitations", json!({ "email": grace })).await;
        let role = made("/roles", json!({ "key": "reader", "name": "Reader", "permissions": [] })).await;
        let resource = made("/resources", json!({ "name": "Garden" })).await;
        let key = made("/keys", json!({ "name": "spare", "permissions": ["org.read"] })).await;
        let joan = self.joins(at, &format!("joan@{}.example", at.slug), "Joan Whitlock", "member").await;
        let webhook = made("/webhooks", json!({ "url": "https://hooks.example" })).await;
        let mail = program.get("/mails").await.json()["data"][0]["id"].as_str().unwrap().to_owned();
        let sent = program.get(&format!("/webhooks/{webhook}/deliveries")).await.json();
        let delivery = sent["data"][0]["id"].as_str().unwrap().to_owned();
        let ids = vec![
            ("invitations", invitation),
            ("roles", role),
            ("resources", resource),
            ("keys", key),
            ("members", joan.member_id().to_string()),
            ("mails", mail),
            ("webhooks", webhook),
            ("deliveries", delivery),
        ];
        Things { program, ids }
    }
}

impl Things {
    pub fn id(&self, path: &str) -> &str {
        let collection = path.split('/').nth(3).unwrap_or_default();
        self.ids.iter().find(|(name, _)| *name == collection).map_or("", |(_, id)| id)
    }
}

/// An operation of the document, and the two organizations that it is tried in.
struct Case<'a> {
    app: &'a TestApp,
    mine: &'a Things,
    theirs: &'a Things,
    name: String,
    path: String,
    method: Method,
    body: Value,
}

impl Case<'_> {
    /// The request with the path's parts filled in.
    fn request(&self, token: Option<&str>, org: &str, id: &str) -> reqwest::RequestBuilder {
        let path = format!("/api/v1{}", self.path.replace("{org}", org).replace("{id}", id));
        let request = self.app.client().request(self.method.clone(), &path);
        token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth)
    }

    fn with_body(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        if self.body.is_null() { request } else { request.json(&self.body) }
    }

    async fn refused(&self, request: reqwest::RequestBuilder, wanted: (u16, &str), why: &str) -> String {
        let answer = self.app.client().send(request).await;
        let (status, code) = answer.refusal();
        assert_eq!((status, code.as_str()), wanted, "{}, {why}: {}", self.name, answer.text);
        answer.text
    }

    fn token(&self) -> Option<&str> {
        Some(&self.mine.program.token)
    }

    async fn strangers(&self) -> usize {
        let id = self.mine.id(&self.path);
        for token in [None, Some("vsk_x")] {
            let request = self.with_body(self.request(token, "acme", id));
            self.refused(request, (401, "unauthenticated"), "a stranger").await;
        }
        2
    }

    /// Another organization is as missing as none, to the byte.
    async fn tenants(&self) -> usize {
        let (mine, theirs) = (self.mine.id(&self.path), self.theirs.id(&self.path));
        let missing = (404, "organization_missing");
        let foreign = self.with_body(self.request(self.token(), "other", theirs));
        let foreign = self.refused(foreign, missing, "another organization").await;
        for (org, id) in [("other", mine), ("nowhere", mine), ("nowhere", theirs)] {
            let request = self.with_body(self.request(self.token(), org, id));
            assert_eq!(self.refused(request, missing, org).await, foreign, "{}", self.name);
        }
        4
    }

    /// A key that may do everything but this.
    async fn weak_key(&self, acme: &Acme, permission: Permission) -> usize {
        let others: Vec<Permission> = Permission::ALL.iter().copied().filter(|other| *other != permission).collect();
        let token = &self.app.program_with(acme, &others).await.token;
        let request = self.with_body(self.request(Some(token), "acme", self.mine.id(&self.path)));
        self.refused(request, (403, "forbidden"), "a weak key").await;
        1
    }

    /// A thing of another organization is as missing as none, to the byte.
    async fn ids(&self) -> usize {
        let unknown = uuid::Uuid::nil().to_string();
        let mut texts = Vec::new();
        for id in [self.theirs.id(&self.path), &unknown, "x"] {
            let answer = self.app.client().send(self.with_body(self.request(self.token(), "acme", id))).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}, {id}: {}", self.name, answer.text);
            texts.push(answer.text);
        }
        assert!(texts.iter().all(|text| *text == texts[0]), "{}: {texts:?}", self.name);
        texts.len()
    }

    async fn bodies(&self) -> usize {
        let bodies = [
            ("{", "application/json", (400, "malformed")),
            ("[]", "application/json", (422, "invalid")),
            ("{\"unheard_of\":1}", "application/json", (422, "invalid")),
            ("{}", "text/plain", (415, "content_type")),
            ("email=a", "application/x-www-form-urlencoded", (415, "content_type")),
        ];
        for (text, kind, wanted) in bodies {
            let request = self.request(self.token(), "acme", self.mine.id(&self.path));
            self.refused(request.header("content-type", kind).body(text), wanted, text).await;
        }
        bodies.len()
    }
}

#[tokio::test]
async fn every_operation_refuses_strangers_and_other_tenants_alike() {
    let app = TestApp::new().await;
    let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
    let (mine, theirs) = (app.things(&acme).await, app.things(&other).await);
    let before = theirs.program.get("/events?limit=500").await.text;
    let mut cells = 0;
    for (path, method, operation) in operations(&vestibule_api::document()) {
        let name = operation["operationId"].as_str().unwrap().to_owned();
        let ((body, permission), method) = (needs(&name), method.to_uppercase().parse().unwrap());
        let case = Case { app: &app, mine: &mine, theirs: &theirs, name, path, method, body };
        cells += case.strangers().await + case.tenants().await;
        if let Some(permission) = permission {
            cells += case.weak_key(&acme, permission).await;
        }
        if case.path.contains("{id}") {
            cells += case.ids().await;
        }
        if !case.body.is_null() {
            cells += case.bodies().await;
        }
    }
    assert_eq!(theirs.program.get("/events?limit=500").await.text, before, "nothing happened at the other's");
    println!("{cells} cells");
    assert!(cells > 250, "{cells}");
}

#[tokio::test]
async fn what_is_not_there_says_so_as_a_problem() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    assert_eq!(program.get("/nothing").await.refusal(), (404, "route_missing".into()));
    assert_eq!(program.send(program.request(Method::PUT, "/members")).await.refusal(), (405, "method".into()));
    assert_eq!(
        app.client().get("/api/v1/organizations/acme/nothing").await.refusal().0,
        401,
        "strangers learn nothing"
    );
    let large = program.send(program.request(Method::POST, "/invitations").body(vec![b' '; 1024 * 1024 + 1])).await;
    assert_eq!(large.refusal(), (413, "too_large".into()));
    let deep = program.request(Method::POST, "/invitations").header("content-type", "application/json");
    assert_eq!(program.send(deep.body("[".repeat(10_000))).await.refusal().0, 422, "a list is not asked for at all");
    let packed = program.request(Method::POST, "/invitations").header("content-encoding", "gzip").body("x");
    assert_eq!(program.send(packed).await.refusal(), (415, "content_encoding".into()));
    let unnamed = program.request(Method::POST, "/invitations").header("idempotency-key", "").json(&json!({}));
    assert_eq!(program.send(unnamed).await.refusal(), (400, "idempotency_key".into()));
}
