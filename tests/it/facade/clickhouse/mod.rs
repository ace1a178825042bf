//! ClickHouse's facade, as a client of Acme uses it.

mod invitations;
mod ladder;
mod members;

use crate::harness::{Acme, Answer, Client, TestApp};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use vestibule_domain::{Permission, Surface};

/// A client with credentials of an organization.
pub struct Cloud {
    client: Client,
    pub id: String,
    pub secret: String,
    pub org: String,
}

impl TestApp {
    pub async fn clickhouse(&self, at: &Acme) -> Cloud {
        self.clickhouse_with(at, Permission::ALL).await
    }

    pub async fn clickhouse_with(&self, at: &Acme, permissions: &[Permission]) -> Cloud {
        let (key, secret) = self.key_for(at, Surface::ClickHouse, permissions).await;
        let (id, org) = (key.id.uuid().simple().to_string(), key.organization_id.to_string());
        Cloud { client: self.client(), id, secret, org }
    }
}

impl Cloud {
    /// A request below `/clickhouse/v1`, not sent yet.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, &format!("/clickhouse/v1{path}")).basic_auth(&self.id, Some(&self.secret))
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        self.client.send(request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// A path of the organization.
    pub fn here(&self, rest: &str) -> String {
        format!("/organizations/{}{rest}", self.org)
    }

    /// Invites somebody with the least role, and takes the result.
    pub async fn invites(&self, email: &str) -> Value {
        result(&self.post(&self.here("/invitations"), &json!({ "email": email })).await)
    }
}

/// What came of a request that must have been answered well.
pub fn result(answer: &Answer) -> Value {
    let body = envelope(answer);
    assert_eq!((answer.status.as_u16(), &body["status"]), (200, &json!(200)), "{}", answer.text);
    body["result"].clone()
}

/// Status and code of a refusal, which must be in ClickHouse's envelope.
pub fn refusal(answer: &Answer) -> (u16, String) {
    let body = envelope(answer);
    assert_eq!(body["status"], answer.status.as_u16(), "{}", answer.text);
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["error", "requestId", "status"], "{}", answer.text);
    let (code, sentence) = body["error"].as_str().unwrap().split_once(": ").unwrap();
    assert!(!sentence.is_empty());
    (answer.status.as_u16(), code.to_owned())
}

fn envelope(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), "application/json", "{}", answer.text);
    let body = answer.json();
    let number = body["requestId"].as_str().unwrap();
    assert!(
        number.parse::<uuid::Uuid>().is_ok() && answer.header("x-request-id") == number,
        "the log’s number: {number}"
    );
    body
}
