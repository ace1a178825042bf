//! Snyk's facade, as a client of Acme uses it.

mod invites;
mod ladder;
mod others;
mod pages;
mod versions;

use crate::harness::{Acme, Answer, Client, TestApp};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use vestibule_domain::{Permission, Surface};

/// A client with a key of an organization.
pub struct Snyk {
    client: Client,
    pub token: String,
    pub org: String,
    /// The least role.
    pub role: String,
}

impl TestApp {
    pub async fn snyk(&self, at: &Acme) -> Snyk {
        self.snyk_with(at, Permission::ALL).await
    }

    pub async fn snyk_with(&self, at: &Acme, permissions: &[Permission]) -> Snyk {
        let (key, token) = self.key_for(at, Surface::Snyk, permissions).await;
        let role = self.role(at, "member").await.to_string();
        Snyk { client: self.client(), token, org: key.organization_id.to_string(), role }
    }
}

impl Snyk {
    /// A request below `/snyk`, not sent yet.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, &format!("/snyk{path}"));
        request.header("authorization", format!("token {}", self.token))
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        self.client.send(request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// A path of the organization in the API of versions.
    pub fn here(&self, rest: &str) -> String {
        format!("/rest/orgs/{}{rest}?version=2024-06-21", self.org)
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).header("content-type", "application/vnd.api+json");
        self.send(request.body(body.to_string())).await
    }

    /// The document of a new invitation with the least role.
    pub fn invite(&self, email: &str) -> Value {
        json!({ "data": { "type": "org_invitation", "attributes": { "email": email, "role": self.role } } })
    }

    /// Invites somebody, and takes the resource.
    pub async fn invites(&self, email: &str) -> Value {
        let answer = self.post(&self.here("/invites"), &self.invite(email)).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        document(&answer)["data"].clone()
    }

    /// The addresses of those who are on a page.
    pub async fn emails_at(&self, path: &str) -> (Vec<String>, Value) {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let body = document(&answer);
        let email = |one: &Value| one["attributes"]["email"].as_str().unwrap().to_owned();
        (body["data"].as_array().unwrap().iter().map(email).collect(), body["links"].clone())
    }
}

/// A body of JSON:API, which must be called so.
pub fn document(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), "application/vnd.api+json", "{}", answer.text);
    let number = answer.header("snyk-request-id");
    assert!(
        number.parse::<uuid::Uuid>().is_ok() && answer.header("x-request-id") == number,
        "the log’s number: {number}"
    );
    let body = answer.json();
    assert_eq!(body["jsonapi"], json!({ "version": "1.0" }), "{}", answer.text);
    body
}

/// Status, code and source of a refusal, which must be in Snyk's envelope.
pub fn refusal(answer: &Answer) -> (u16, String, String) {
    let body = document(answer);
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["errors", "jsonapi"], "{}", answer.text);
    let error = &body["errors"][0];
    assert_eq!(error["status"], answer.status.as_str(), "{}", answer.text);
    for name in ["id", "code", "title", "detail"] {
        assert!(!error[name].as_str().unwrap().is_empty(), "{name}: {}", answer.text);
    }
    let source = error["source"].as_object().map_or("", |source| source.values().next().unwrap().as_str().unwrap());
    (answer.status.as_u16(), error["code"].as_str().unwrap().to_owned(), source.to_owned())
}

/// Status and sentence of a refusal of the API v1.
pub fn old_refusal(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), "application/json", "{}", answer.text);
    let body = answer.json();
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["code", "error", "message"], "{}", answer.text);
    assert_eq!(body["code"], answer.status.as_u16());
    (answer.status.as_u16(), body["message"].as_str().unwrap().to_owned())
}
