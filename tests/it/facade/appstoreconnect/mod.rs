//! App Store Connect's facade, as a client of Acme uses it.

mod invitations;
mod keys;
mod ladder;
mod lists;
mod neighbours;

use crate::harness::{Acme, Answer, Client, TestApp};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use vestibule_core::service::ResourceEdit;
use vestibule_domain::{ApiKey, Clock, Permission, Surface};

/// A client with a key of an organization, which signs each of its requests.
pub struct Asc {
    client: Client,
    pub key: ApiKey,
    pair: EcdsaKeyPair,
    /// Of the clock of the installation, when the client was made.
    pub now: i64,
}

impl TestApp {
    pub async fn asc(&self, at: &Acme) -> Asc {
        self.asc_with(at, Permission::ALL).await
    }

    pub async fn asc_with(&self, at: &Acme, permissions: &[Permission]) -> Asc {
        let (key, pem) = self.key_for(at, Surface::AppStoreConnect, permissions).await;
        Asc { client: self.client(), key, pair: pair(&pem), now: self.clock.now().timestamp() }
    }

    /// An app with this id.
    pub async fn app(&self, at: &Acme, id: &str, name: &str) {
        let new = ResourceEdit {
            name: Some(name.into()),
            external_id: Some(id.into()),
            bundle_id: Some(format!("com.example.{id}")),
        };
        self.vestibule.resources().create(&at.scope, &new).await.unwrap();
    }
}

/// The pair of a private key in PEM.
pub fn pair(pem: &str) -> EcdsaKeyPair {
    let lines: Vec<&str> = pem.lines().collect();
    assert_eq!((lines[0], *lines.last().unwrap()), ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"));
    let der = STANDARD.decode(lines[1..lines.len() - 1].concat()).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).unwrap()
}

impl Asc {
    pub fn kid(&self) -> &str {
        self.key.kid.as_deref().unwrap()
    }

    pub fn header(&self) -> Value {
        json!({ "alg": "ES256", "kid": self.kid(), "typ": "JWT" })
    }

    /// As clients have them that leave out when it was made.
    pub fn claims(&self) -> Value {
        json!({ "iss": self.key.organization_id, "exp": self.now + 1_200, "aud": "appstoreconnect-v1" })
    }

    /// The two texts, signed.
    pub fn signed(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    pub fn token(&self) -> String {
        self.signed(&self.header().to_string(), &self.claims().to_string())
    }

    /// A request below `/appstoreconnect/v1`, not sent yet.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.unsigned(method, path).bearer_auth(self.token())
    }

    pub fn unsigned(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, &format!("/appstoreconnect/v1{path}"))
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

    pub async fn post(&self, body: &Value) -> Answer {
        self.send(self.request(Method::POST, "/userInvitations").json(body)).await
    }

    /// Invites somebody for all apps, and takes the resource.
    pub async fn invites(&self, email: &str, last_name: &str, role: &str) -> Value {
        let mut document = invitation(email);
        document["data"]["attributes"]["lastName"] = json!(last_name);
        document["data"]["attributes"]["roles"] = json!([role]);
        self.makes(&document).await
    }

    pub async fn makes(&self, document: &Value) -> Value {
        let answer = self.post(document).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        body(&answer)["data"].clone()
    }

    /// The addresses on a page, and the path of the next one.
    pub async fn emails_at(&self, path: &str) -> (Vec<String>, Option<String>) {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let body = body(&answer);
        let email = |one: &Value| one["attributes"]["email"].as_str().unwrap().to_owned();
        let next =
            body["links"]["next"].as_str().map(|next| next.split_once("/appstoreconnect/v1").unwrap().1.to_owned());
        (body["data"].as_array().unwrap().iter().map(email).collect(), next)
    }
}

/// The document of a new invitation for all apps.
pub fn invitation(email: &str) -> Value {
    json!({ "data": { "type": "userInvitations", "attributes": {
        "email": email, "firstName": "Ada", "lastName": "Lovelace", "roles": ["DEVELOPER"], "allAppsVisible": true,
        "provisioningAllowed": false,
    } } })
}

/// The same for one app.
pub fn limited(email: &str, app: &str) -> Value {
    let mut document = invitation(email);
    document["data"]["attributes"]["allAppsVisible"] = json!(false);
    document["data"]["relationships"] = json!({ "visibleApps": { "data": [{ "type": "apps", "id": app }] } });
    document
}

/// A body of JSON, which must be called so and nothing more: clients compare the whole header.
pub fn body(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), "application/json", "{}", answer.text);
    answer.json()
}

/// Status and code of a refusal, and where it is, for each thing that is wrong.
pub fn refusals(answer: &Answer) -> (u16, Vec<(String, String)>) {
    let body = body(answer);
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["errors"], "{}", answer.text);
    let told = |error: &Value| {
        assert_eq!(error["status"], answer.status.as_str(), "{}", answer.text);
        for name in ["id", "code", "title", "detail"] {
            assert!(!error[name].as_str().unwrap().is_empty(), "{name}: {}", answer.text);
        }
        let source = error["source"].as_object().map_or("", |source| source.values().next().unwrap().as_str().unwrap());
        (error["code"].as_str().unwrap().to_owned(), source.to_owned())
    };
    (answer.status.as_u16(), body["errors"].as_array().unwrap().iter().map(told).collect())
}

/// [`refusals`] of which there is one.
pub fn refusal(answer: &Answer) -> (u16, String, String) {
    let (status, errors) = refusals(answer);
    assert_eq!(errors.len(), 1, "{}", answer.text);
    let (code, source) = errors.into_iter().next().unwrap();
    (status, code, source)
}
