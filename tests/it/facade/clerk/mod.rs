//! Clerk's facade, as a client of Acme uses it.

mod bodies;
mod invitations;
mod ladder;
mod lists;
mod people;
mod refusals;
mod tickets;

use crate::harness::{Acme, Answer, Client, TestApp};
use reqwest::Method;
use serde_json::{Value, json};
use vestibule_domain::{ApiKey, Permission, Surface};

/// A client with a key of an organization.
pub struct Backend {
    client: Client,
    pub key: ApiKey,
    pub token: String,
    /// As Clerk writes the ids of the organization and of its owner.
    pub org: String,
    pub owner: String,
}

impl TestApp {
    pub async fn clerk(&self, at: &Acme) -> Backend {
        self.clerk_with(at, Permission::ALL).await
    }

    pub async fn clerk_with(&self, at: &Acme, permissions: &[Permission]) -> Backend {
        let (key, token) = self.key_for(at, Surface::Clerk, permissions).await;
        let org = format!("org_{}", key.organization_id.uuid().simple());
        let owner = format!("user_{}", at.user.id.uuid().simple());
        Backend { client: self.client(), key, token, org, owner }
    }
}

impl Backend {
    /// A request below `/clerk/v1`, not sent yet.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, &format!("/clerk/v1{path}")).bearer_auth(&self.token)
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        self.client.send(request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// The path of the organization's invitations.
    pub fn here(&self, rest: &str) -> String {
        format!("/organizations/{}/invitations{rest}", self.org)
    }

    /// Invites a member, and takes the body apart.
    pub async fn invites(&self, email: &str) -> Value {
        let body = json!({ "email_address": email, "role": "org:member", "inviter_user_id": self.owner });
        let made = self.post(&self.here(""), &body).await;
        assert_eq!(made.status, 200, "{}", made.text);
        made.json()
    }
}

/// Status and code of a refusal, which must be in Clerk's envelope.
pub fn refusal(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), "application/json", "{}", answer.text);
    let body = answer.json();
    let error = &body["errors"][0];
    assert!(error["message"].is_string() && error["long_message"].is_string(), "{}", answer.text);
    (answer.status.as_u16(), error["code"].as_str().unwrap().to_owned())
}
