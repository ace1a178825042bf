//! The request's context for handlers: who is asking, and in which organization. Pages extract a
//! [`super::portal_context::PortalContext`], which builds on it.

use super::{
    component::dependents::TAKE_OVER, form::Typed, portal_context::missing, public::sign_in::SignInForm, query::address,
};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::{HeaderMap, request::Parts};
use axum::response::{IntoResponse, Redirect, Response};
use futures::FutureExt;
use leptos::prelude::LeptosOptions;
use std::str::FromStr;
use std::sync::Arc;
use vestibule_core::service::{self, Scope, Vestibule};
use vestibule_domain::{Surface, User};
use vestibule_functions::server::{
    PageError,
    caller::{Caller, session_user},
};
use vestibule_web::{HttpError, Vendor, session, text::TextViolations, vendor::RedirectParams};

/// The state that every handler of the portal has access to.
#[derive(Clone)]
pub struct AppState {
    pub vestibule: Arc<Vestibule>,
    pub leptos_options: LeptosOptions,
    /// The vendors whose clients can be connected.
    pub vendors: Arc<[&'static Vendor]>,
}

impl AppState {
    /// Returns the names of the parameters with which a redirect reports the acceptance, for invitations made through
    /// this API.
    pub fn redirect_params(&self, surface: Surface) -> RedirectParams {
        self.vendor(surface).map_or(RedirectParams::NATIVE, |vendor| vendor.redirect_params)
    }

    /// Returns the vendor whose API this is; `None` for Vestibule's own.
    pub fn vendor(&self, surface: Surface) -> Option<&'static Vendor> {
        self.vendors.iter().copied().find(|vendor| vendor.surface == surface)
    }
}

/// A signed-in user in an organization that they belong to. For handlers below `/o/{slug}`.
pub struct OrganizationScope {
    pub state: AppState,
    pub user: User,
    pub scope: Scope,
}

impl FromRequestParts<AppState> for OrganizationScope {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let slug = params.iter().find(|(name, _)| *name == "slug").map_or("", |(_, slug)| slug);
        let at = enter(state, &parts.headers, slug).await;
        let at = at.map_err(|error| respond_to(error, &format!("/o/{slug}/invitations")))?;
        let unkept = parts.extensions.get::<TextViolations>().map(|unkept| Arc::clone(&unkept.0));
        Ok(Self { scope: at.scope.refusing(unkept.unwrap_or_default()), ..at })
    }
}

/// The id in a path below an organization. If it is not a valid id, the answer is the page that says so, with 404.
pub struct PathId<T>(pub T);

impl<T: FromStr + Send> FromRequestParts<AppState> for PathId<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let id = params.iter().find(|(name, _)| *name == "id").and_then(|(_, id)| id.parse().ok());
        match id {
            Some(id) => Ok(Self(id)),
            None => Err(missing(parts, state).boxed().await),
        }
    }
}

impl OrganizationScope {
    pub fn vestibule(&self) -> &Arc<Vestibule> {
        &self.state.vestibule
    }

    /// Returns the path of a page in this organization: `/o/saltmarsh/` followed by `rest`.
    pub fn path(&self, rest: &str) -> String {
        format!("/o/{}/{rest}", self.scope.organization().slug)
    }

    /// Returns the context for a change that the same person can take back for a few seconds.
    pub fn undoable(self) -> Self {
        let now = self.vestibule().now();
        Self { scope: self.scope.undoable(now), ..self }
    }

    /// Returns who calls, for what forms and functions do alike.
    pub fn caller(&self) -> Caller {
        Caller { vestibule: Arc::clone(self.vestibule()), user: self.user.clone(), scope: self.scope.clone() }
    }

    /// Returns the context with the form's choice to take over dependents, if it has one.
    pub fn taking_over(self, choice: &Typed) -> Self {
        Self { scope: self.scope.taking_over(choice.text() == TAKE_OVER), ..self }
    }
}

/// The signed-in user. For handlers outside of organizations.
pub struct SignedIn(pub User);

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let user = session_user(&state.vestibule, &parts.headers).await;
        user.map(Self).map_err(|error| respond_to(error, parts.uri.path()))
    }
}

/// Returns the answer for an error outside of the portal's frame: a redirect to the sign-in page, or a plain error
/// page. `next` is where to continue after signing in.
pub fn respond_to(error: service::Error, next: &str) -> Response {
    let cause = match error {
        service::Error::Internal(cause) => return vestibule_web::log::failed(Arc::from(cause)),
        other => other,
    };
    match PageError::from(cause) {
        PageError::SignedOut => Redirect::to(&sign_in(next)).into_response(),
        error => {
            let http_error = HttpError::new(error.status(), error.code(), error.title(), error.sentence());
            HttpError { retry_after: error.retry_after(), ..http_error }.into_response()
        }
    }
}

/// Returns the path of the sign-in page that continues at `next`.
pub fn sign_in(next: &str) -> String {
    address("/sign-in", &SignInForm { next: next.into(), ..SignInForm::default() })
}

pub async fn enter(state: &AppState, headers: &HeaderMap, slug: &str) -> service::Result<OrganizationScope> {
    let Caller { user, scope, .. } = Caller::enter(&state.vestibule, headers, slug).await?;
    Ok(OrganizationScope { state: state.clone(), user, scope })
}

/// Checks whether the sender of these headers is still signed in and still belongs to the organization. Doesn't count
/// as activity of the session.
pub async fn is_still_there(vestibule: &Vestibule, headers: &HeaderMap, slug: &str) -> service::Result<bool> {
    let token = session::token_of(headers, &vestibule.settings().public_url).ok_or(service::Error::Unauthenticated)?;
    let Some(user) = vestibule.sessions().peek(&token).boxed().await? else { return Ok(false) };
    vestibule.enter(&user, slug).boxed().await.map(|_| true)
}
