//! The native API over HTTP, as a program of Acme uses it.

mod dependents;
pub mod document;
mod endurance;
mod events;
mod hostile;
mod idempotency;
mod invitations;
mod keys;
pub mod matrix;
mod members;
mod organization;
mod tickets;

use crate::harness::{Acme, Answer, Client, TestApp};
use reqwest::Method;
use serde_json::Value;
use vestibule_core::service::NewApiKey;
use vestibule_domain::{ApiKeyId, Permission, Surface};

/// A program with a key of an organization.
pub struct Program {
    client: Client,
    pub id: ApiKeyId,
    pub token: String,
    pub org: String,
}

impl TestApp {
    /// A program that may do everything in the organization.
    pub async fn program(&self, at: &Acme) -> Program {
        self.program_with(at, Permission::ALL).await
    }

    pub async fn program_with(&self, at: &Acme, permissions: &[Permission]) -> Program {
        let new = NewApiKey {
            surface: Surface::Native,
            name: "ci".into(),
            permissions: permissions.to_vec(),
            expires_at: None,
        };
        let (key, token) = self.vestibule.api_keys().create(&at.scope, &new).await.unwrap();
        Program { client: self.client(), id: key.id, token: token.unwrap().as_str().to_owned(), org: at.slug.clone() }
    }
}

impl Program {
    /// A request below `/api/v1/organizations/{org}`, not sent yet.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, &format!("/api/v1/organizations/{}{path}", self.org)).bearer_auth(&self.token)
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

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Status and code of a refusal, which must be a problem.
    pub fn refusal(&self) -> (u16, String) {
        let kind = self.headers["content-type"].to_str().unwrap();
        assert_eq!(kind, "application/problem+json", "{}", self.text);
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16(), "{}", self.text);
        (self.status.as_u16(), body["code"].as_str().unwrap().to_owned())
    }

    /// The fields that a refusal names.
    pub fn fields(&self) -> Vec<String> {
        let body = self.json();
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    }
}
