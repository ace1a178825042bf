//! Who calls a function.

use crate::FunctionError;
use axum::http::{HeaderMap, request::Parts};
use futures::FutureExt;
use leptos::prelude::{expect_context, use_context};
use std::sync::Arc;
use vestibule_core::service::{self, Scope, Vestibule};
use vestibule_domain::User;
use vestibule_web::session;

/// A signed-in user in an organization that they belong to.
#[derive(Clone)]
pub struct Caller {
    pub vestibule: Arc<Vestibule>,
    pub user: User,
    pub scope: Scope,
}

impl Caller {
    /// Returns the user whose session these headers name, in the organization with this slug. Rejects everyone else.
    pub async fn enter(vestibule: &Arc<Vestibule>, headers: &HeaderMap, slug: &str) -> service::Result<Self> {
        let user = session_user(vestibule, headers).await?;
        Self::of(vestibule, user, slug).await
    }

    async fn of(vestibule: &Arc<Vestibule>, user: User, slug: &str) -> service::Result<Self> {
        let scope = vestibule.enter(&user, slug).boxed().await?;
        Ok(Self { vestibule: Arc::clone(vestibule), user, scope })
    }
}

impl Caller {
    /// Makes what the caller does an act that they can take back.
    #[must_use]
    pub fn undoable(self) -> Self {
        let now = self.vestibule.now();
        Self { scope: self.scope.undoable(now), ..self }
    }
}

/// Returns the user whose session the cookie names.
pub async fn session_user(vestibule: &Vestibule, headers: &HeaderMap) -> service::Result<User> {
    let token = session::token_of(headers, &vestibule.settings().public_url).ok_or(service::Error::Unauthenticated)?;
    vestibule.sessions().get(&token).boxed().await?.ok_or(service::Error::Unauthenticated)
}

/// Returns who calls the present function, in the organization with this slug. A page that calls the function has
/// entered the organization already, and provides its caller.
pub async fn caller(slug: &str) -> Result<Caller, FunctionError> {
    if let Some(known) = use_context::<Caller>().filter(|known| known.scope.organization().slug.as_str() == slug) {
        return Ok(known);
    }
    let (vestibule, parts) = (expect_context::<Arc<Vestibule>>(), expect_context::<Parts>());
    let user = session_user(&vestibule, &parts.headers).await?;
    vestibule.limits().take_call(user.id)?;
    Ok(Caller::of(&vestibule, user, slug).await?)
}
