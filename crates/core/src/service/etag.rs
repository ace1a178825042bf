//! ETags: clients compare them to see whether anybody has changed a thing since they read it.

use serde::Serialize;
use sha2::{Digest, Sha256};
use vestibule_domain::{Invitation, webhook::WebhookEndpoint};

/// Returns 32 hexadecimal digits that change whenever anything in `value` does.
pub fn etag(value: &impl Serialize) -> String {
    let json = serde_json::to_vec(value).unwrap_or_default();
    let digest = Sha256::digest(json);
    let half = digest.first_chunk().expect("32 bytes");
    format!("{:032x}", u128::from_be_bytes(*half))
}

/// The ETags of the parts of an offer that people edit, each different for every invitation.
pub struct OfferETags {
    pub roles: String,
    pub resources: String,
    pub message: String,
    pub end: String,
}

impl OfferETags {
    pub fn of(invitation: &Invitation) -> Self {
        let Invitation { id, role_ids, resource_ids, message, expires_at, .. } = invitation;
        Self {
            roles: etag(&(id, "roles", role_ids)),
            resources: etag(&(id, "resources", resource_ids)),
            message: etag(&(id, "message", message)),
            end: etag(&(id, "end", expires_at)),
        }
    }
}

/// Returns the ETag of what a person sets of a webhook. Deliveries do not change this one.
pub fn etag_of_settings(endpoint: &WebhookEndpoint) -> String {
    etag(&(&endpoint.url, &endpoint.description, &endpoint.actions))
}
