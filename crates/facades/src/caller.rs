//! The organization of a request, which all facades find in the same way.

use crate::FacadeState;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use std::marker::PhantomData;
use vestibule_core::service::{Error, NotFound, Scope};
use vestibule_domain::{ApiKey, OrganizationId};
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

    async fn from_request_parts(parts: &mut Parts, state: &FacadeState) -> Result<Self, C::Fault> {
        Ok(Self { scope: state.vestibule.enter_own(key(parts)?).await?, caller: PhantomData })
    }
}

impl<C: Names> FromRequestParts<FacadeState> for Named<C> {
    type Rejection = C::Fault;

    async fn from_request_parts(parts: &mut Parts, state: &FacadeState) -> Result<Self, C::Fault> {
        let path = RawPathParams::from_request_parts(parts, &()).await.ok();
        let org = path.iter().flatten().find(|(name, _)| *name == "org").map(|(_, value)| value);
        let key = key(parts)?;
        if !C::is_named(org, key.organization_id)? {
            return Err(Error::from(NotFound::Organization).into());
        }
        Ok(Self { scope: state.vestibule.enter_own(key).await?, caller: PhantomData })
    }
}

fn key(parts: &Parts) -> Result<&ApiKey, Error> {
    parts.extensions.get::<ApiKey>().ok_or(Error::Unauthenticated)
}
