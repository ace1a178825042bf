//! The facades over HTTP, as others' clients use them.

pub mod adobe;
pub mod appstoreconnect;
mod authority;
pub mod clerk;
pub mod clickhouse;
mod hostile;
mod hosts;
mod same_row;
pub mod snyk;

use crate::harness::{Acme, TestApp};
use vestibule_core::service::NewApiKey;
use vestibule_domain::{ApiKey, MailFilter, Permission, Surface};

impl TestApp {
    /// A key for this surface, and its token.
    pub async fn key_for(&self, at: &Acme, surface: Surface, permissions: &[Permission]) -> (ApiKey, String) {
        let new = NewApiKey { surface, name: "Website".into(), permissions: permissions.to_vec(), expires_at: None };
        let (key, token) = self.vestibule.api_keys().create(&at.scope, &new).await.unwrap();
        (key, token.unwrap().as_str().to_owned())
    }

    /// How many invitations, events and mails the organization has: a refusal adds none.
    pub async fn traces(&self, at: &Acme) -> (u64, usize, u64) {
        let events = self.vestibule.feed().events(&at.scope, 0, 100_000).await.unwrap().len();
        let mails = self
            .vestibule
            .outbox()
            .page(&at.scope, &MailFilter::default(), None, 1)
            .await
            .unwrap()
            .counts
            .of(None)
            .number;
        (self.count_invitations(at).await, events, mails)
    }
}
