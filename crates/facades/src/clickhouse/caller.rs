//! Who calls, in which organization, and what the path names.

use super::fault::{Fault, VendorResult};
use super::wire;
use crate::FacadeState;
use crate::caller::{Named, Names, Own};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use uuid::Uuid;
use vestibule_core::service::{Error, KnownKey, Vestibule};
use vestibule_domain::{OrganizationId, Surface};
use vestibule_web::extract::path_parameter;
use vestibule_web::{authorization, caller::Caller};

/// The callers of ClickHouse's API.
pub struct ClickHouse;

/// The organization of the key, for paths that name none.
pub type Instance = Own<ClickHouse>;

/// The organization of the path. It has to be the key's.
pub type OrganizationScope = Named<ClickHouse>;

/// The id at the end of the path, with its text for the error when it is not a UUID.
pub struct ById(Option<Uuid>, String);

impl Caller for ClickHouse {
    type Fault = Fault;
    type Claims = ();
    const LARGEST: usize = 64 * 1024;

    /// Authenticates the caller. Id and secret have to belong to the same key.
    async fn authenticate(vestibule: &Vestibule, parts: &Parts) -> Result<(KnownKey, ()), Fault> {
        let (id, secret) = authorization::basic(&parts.headers).ok_or(Error::Unauthenticated)?;
        let known = vestibule.api_keys().authenticate(&secret, Surface::ClickHouse).await?;
        if wire::key_id(known.key.id) == id { Ok((known, ())) } else { Err(Error::Unauthenticated.into()) }
    }
}

impl Names for ClickHouse {
    fn is_named(org: Option<&str>, id: OrganizationId) -> Result<bool, Fault> {
        let org = org.unwrap_or_default();
        let named = Uuid::try_parse(org).map_err(|_| Fault::no_id("organization", org))?;
        Ok(named == id.uuid())
    }
}

impl FromRequestParts<FacadeState> for ById {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &FacadeState) -> Result<Self, Fault> {
        let text: Option<String> = path_parameter(parts, "id").await;
        let text = text.unwrap_or_default();
        Ok(Self(Uuid::try_parse(&text).ok(), text))
    }
}

impl ById {
    /// Returns the id. If it is not a UUID, the error says what the id should identify.
    pub fn of<T: From<Uuid>>(self, what: &str) -> VendorResult<T> {
        self.0.map(Into::into).ok_or_else(|| Fault::no_id(what, &self.1))
    }
}
