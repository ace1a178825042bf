//! The organization of a request, which all facades find in the same way.

use crate::FacadeState;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use std::marker::PhantomData;
use vestibule_core::service::{Error, KnownKey, NotFound, Scope};
use vestibule_domain::OrganizationId;
use vestibule_web::caller::Caller;

/// The organization of the key, for paths that name none.
pub struct Own<C> {
    pub scope: Scope,
    caller: PhantomData<C>,
}

/// The organization of the path. It has to be the key's.
pub struct Named<C> {
    pub scope: Scope,
    caller: PhantomData<C>,
}

/// How a vendor names organizations in paths.
pub trait Names: Caller {
    /// Checks whether the path's `{org}` is this organization. Fails when it is not an id; `None` is a path that is not
    /// UTF-8 text.
    fn is_named(org: Option<&str>, id: OrganizationId) -> Result<bool, Self::Fault>;
}

impl<C: Caller> FromRequestParts<FacadeState> for Own<C> {
    type Rejection = C::Fault;

    async fn from_request_parts(parts: &mut Parts, _: &FacadeState) -> Result<Self, C::Fault> {
        Ok(Self { scope: known(parts)?.enter(), caller: PhantomData })
    }
}

impl<C: Names> FromRequestParts<FacadeState> for Named<C> {
    type Rejection = C::Fault;

    async fn from_request_parts(parts: &mut Parts, _: &FacadeState) -> Result<Self, C::Fault> {
        let path = RawPathParams::from_request_parts(parts, &()).await.ok();
        let org = path.iter().flatten().find(|(name, _)| *name == "org").map(|(_, value)| value);
        let known = known(parts)?;
        if !C::is_named(org, known.key.organization_id)? {
            return Err(Error::from(NotFound::Organization).into());
        }
        Ok(Self { scope: known.enter(), caller: PhantomData })
    }
}

fn known(parts: &Parts) -> Result<&KnownKey, Error> {
    parts.extensions.get::<KnownKey>().ok_or(Error::Unauthenticated)
}
