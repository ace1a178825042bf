//! Adobe's facade, as a client of Acme uses it.

mod action;
mod caller;
mod ims;
mod invites;
mod life;
mod user_sync;
mod users;
mod vendor;

use crate::harness::{Acme, Answer, Client, TestApp};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use vestibule_domain::{ApiKey, Permission, Surface};

/// A client with credentials of an organization.
pub struct Console {
    client: Client,
    pub key: ApiKey,
    /// The client's secret.
    pub secret: String,
    /// What it shows instead for a day.
    pub token: String,
    pub client_id: String,
    /// As Adobe writes the id of the organization.
    pub org: String,
}

impl TestApp {
    pub async fn adobe(&self, at: &Acme) -> Console {
        self.adobe_with(at, Permission::ALL).await
    }

    pub async fn adobe_with(&self, at: &Acme, permissions: &[Permission]) -> Console {
        let (key, secret) = self.key_for(at, Surface::Adobe, permissions).await;
        let (token, _) = self.vestibule.api_keys().access_token(&key);
        let org = format!("{:X}@AdobeOrg", key.organization_id.uuid().simple());
        let client_id = key.id.uuid().simple().to_string();
        Console { client: self.client(), key, secret, token: token.as_str().to_owned(), client_id, org }
    }
}

impl Console {
    /// A request below the facade's root, without credentials, not sent yet.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, &format!("/adobe{path}"))
    }

    /// A request below the API's root, not sent yet.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.bare(method, &format!("/v2/usermanagement{path}"));
        request.bearer_auth(&self.token).header("x-api-key", &self.client_id)
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

    /// Of the organization's invites.
    pub async fn invites(&self, method: Method, rest: &str) -> Answer {
        self.send(self.request(method, &format!("/{}/invites{rest}", self.org))).await
    }

    /// Sends commands; `query` begins with a question mark, or is empty.
    pub async fn act(&self, commands: &Value, query: &str) -> Answer {
        self.post(&format!("/action/{}{query}", self.org), commands).await
    }

    /// Invites an address, which must succeed.
    pub async fn adds(&self, email: &str) {
        let answer = self.act(&json!([add(email, &json!({}))]), "").await;
        assert_eq!((answer.status.as_u16(), &answer.json()["completed"]), (200, &json!(1)), "{}", answer.text);
    }

    /// With the ids of this scene taken out.
    pub fn masked(&self, at: &Acme, value: &Value) -> Value {
        let hex = |uuid: uuid::Uuid| format!("{:X}", uuid.simple());
        let text = value.to_string();
        let text = text.replace(&hex(self.key.id.uuid()), "[key]").replace(&hex(at.user.id.uuid()), "[owner]");
        let mut value: Value = serde_json::from_str(&text).unwrap();
        for invite in value.as_array_mut().into_iter().flatten() {
            let code = invite["inviteCode"].as_str().unwrap().to_owned();
            assert!(code.len() == 32 && code.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()), "{code}");
            invite["inviteCode"] = json!("[code]");
        }
        value
    }
}

/// A command that invites, with more in `addAdobeID`.
pub fn add(email: &str, more: &Value) -> Value {
    let mut create = json!({ "email": email });
    create.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "user": email, "requestID": format!("req-{email}"), "useAdobeID": true, "do": [{ "addAdobeID": create }] })
}

/// Status and code of a refusal, which must be in the envelope of the invites.
pub fn refusal(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), "application/json", "{}", answer.text);
    let body = answer.json();
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["message", "result", "status"], "{}", answer.text);
    assert_eq!(body["result"], body["status"]);
    assert!(!body["message"].as_str().unwrap().is_empty());
    (answer.status.as_u16(), body["result"].as_str().unwrap().to_owned())
}
