//! The facades over HTTP, as others' clients use them.

mod adobe;
mod clerk;

use crate::harness::{Acme, TestApp};
use vestibule::{
    domain::{ApiKey, Permission, Surface},
    service::NewApiKey,
};

impl TestApp {
    /// A key for this surface, and its token.
    pub async fn key_for(&self, at: &Acme, surface: Surface, permissions: &[Permission]) -> (ApiKey, String) {
        let new = NewApiKey { surface, name: "Website".into(), permissions: permissions.to_vec(), expires_at: None };
        let (key, token) = self.vestibule.create_api_key(&at.scope, &new).await.unwrap();
        (key, token.unwrap().as_str().to_owned())
    }
}
