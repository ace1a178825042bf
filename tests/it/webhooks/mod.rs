//! Webhooks, received by real servers on this machine.

mod deliveries;
mod destinations;
mod endpoints;
mod failures;

use crate::harness::receiver::{Receiver, Request};
use crate::harness::{Acme, TestApp};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use vestibule_core::service::WebhookEndpointEdit;
use vestibule_domain::{WebhookDeliveryId, webhook::Attempt, webhook::WebhookDelivery, webhook::WebhookEndpoint};

/// The actions that it was told of, in their order.
pub fn actions(receiver: &Receiver) -> Vec<String> {
    receiver.requests().iter().map(|request| body(request)["type"].as_str().unwrap().to_owned()).collect()
}

pub fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

pub fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    request.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
}

/// What the specification says the header must be, for one secret.
pub fn signature(secret: &str, request: &Request) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let (id, timestamp) = (header(request, "webhook-id"), header(request, "webhook-timestamp"));
    mac.update(format!("{id}.{timestamp}.{}", String::from_utf8_lossy(&request.body)).as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

impl TestApp {
    /// An endpoint that hears of these actions, or of all, and its secret.
    pub async fn webhook(&self, at: &Acme, url: &str, actions: &[&str]) -> (WebhookEndpoint, String) {
        let new = WebhookEndpointEdit {
            url: Some(url.into()),
            actions: Some(actions.iter().map(|action| (*action).to_owned()).collect()),
            ..WebhookEndpointEdit::default()
        };
        let (endpoint, secret) = self.vestibule.webhook_endpoints().create(&at.scope, &new).await.unwrap();
        (endpoint, secret.text())
    }

    /// Its deliveries, newest first.
    pub async fn deliveries(&self, at: &Acme, endpoint: &WebhookEndpoint) -> Vec<WebhookDelivery> {
        let list = self.vestibule.webhook_deliveries().page(&at.scope, endpoint.id, None, None, 100).await.unwrap();
        list.page.items.into_iter().map(|(delivery, _)| delivery).collect()
    }

    pub async fn attempts(&self, at: &Acme, id: WebhookDeliveryId) -> Vec<Attempt> {
        self.vestibule.webhook_deliveries().get(&at.scope, id).await.unwrap().attempts
    }
}
