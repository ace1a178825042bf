//! Who calls, and in which organization.

use super::fault::Fault;
use super::wire;
use crate::caller::{Named, Names, Own};
use axum::http::request::Parts;
use vestibule_core::service::{KnownKey, Vestibule};
use vestibule_domain::{OrganizationId, Surface};
use vestibule_web::{authorization, caller::Caller};

/// The callers of Clerk's API.
pub struct Clerk;

/// The organization of the key. For Clerk's clients, it is the whole instance.
pub type Instance = Own<Clerk>;

/// The organization of the path. It has to be the key's.
pub type OrganizationScope = Named<Clerk>;

impl Caller for Clerk {
    type Fault = Fault;
    type Claims = ();
    /// Enough for ten invitations with the largest metadata.
    const LARGEST: usize = 256 * 1024;

    async fn authenticate(vestibule: &Vestibule, parts: &Parts) -> Result<(KnownKey, ()), Fault> {
        let token = authorization::bearer(&parts.headers).ok_or_else(Fault::no_key)?;
        Ok((vestibule.api_keys().authenticate(token, Surface::Clerk).await?, ()))
    }
}

impl Names for Clerk {
    fn is_named(org: Option<&str>, id: OrganizationId) -> Result<bool, Fault> {
        Ok(org.and_then(wire::read_organization_id) == Some(id))
    }
}
