//! Who asks, and where: what handlers extract. Pages extract a [`super::visit::Visit`], which is made of it.

use super::{failure::Failure, form::Fields, query::escape};
use axum::extract::{FromRef, FromRequestParts, RawPathParams};
use axum::http::{HeaderMap, request::Parts};
use axum::response::{IntoResponse, Redirect, Response};
use leptos::prelude::LeptosOptions;
use std::str::FromStr;
use std::{pin::Pin, sync::Arc};
use vestibule_core::service::{self, Missing, Scope, Vestibule};
use vestibule_domain::{Surface, User};
use vestibule_web::{Refusal, Vendor, session, text::Unkept, vendor::Handover};

/// What every handler of the portal can reach.
#[derive(Clone)]
pub struct AppState {
    pub vestibule: Arc<Vestibule>,
    pub leptos_options: LeptosOptions,
    /// Whose clients can be connected.
    pub vendors: Arc<[&'static Vendor]>,
}

impl AppState {
    /// How a site is told who comes, when the invitation was made by this API.
    pub fn handover(&self, surface: Surface) -> Handover {
        self.vendor(surface).map_or(Handover::NATIVE, |vendor| vendor.handover)
    }

    /// Whose API that is; nobody's when it is our own.
    pub fn vendor(&self, surface: Surface) -> Option<&'static Vendor> {
        self.vendors.iter().copied().find(|vendor| vendor.surface == surface)
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos_options.clone()
    }
}

impl FromRef<AppState> for Arc<Vestibule> {
    fn from_ref(state: &AppState) -> Self {
        Arc::clone(&state.vestibule)
    }
}

/// Somebody signed in, in an organization that they belong to: for handlers below `/o/{slug}`.
pub struct Entered {
    pub user: User,
    pub scope: Scope,
}

impl FromRequestParts<AppState> for Entered {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let slug = params.iter().find(|(name, _)| *name == "slug").map_or("", |(_, slug)| slug);
        let entered = enter(&state.vestibule, &parts.headers, slug).await;
        let Self { user, scope } = entered.map_err(|error| respond_to(error, &format!("/o/{slug}/invitations")))?;
        let unkept = parts.extensions.get::<Unkept>().map(|unkept| Arc::clone(&unkept.0));
        Ok(Self { user, scope: scope.refusing(unkept.unwrap_or_default()) })
    }
}

/// The id at the end of a path below an organization. What is no id is as missing as one that nothing has.
pub struct Id<T>(pub T);

impl<T: FromStr + Send> FromRequestParts<AppState> for Id<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let id = params.iter().find(|(name, _)| *name == "id").and_then(|(_, id)| id.parse().ok());
        id.map(Self).ok_or_else(|| respond_to(Missing::Route.into(), "/"))
    }
}

impl Entered {
    /// `/o/saltmarsh/` with `rest` behind it.
    pub fn path(&self, rest: &str) -> String {
        format!("/o/{}/{rest}", self.scope.organization().slug)
    }
}

impl Entered {
    /// With the form's choice to take over what hangs on somebody, if it has one.
    pub fn taking_over(self, fields: &Fields) -> Self {
        Self { scope: self.scope.taking_over(fields.text("dependents") == "take_over"), ..self }
    }
}

/// Whoever is signed in; for handlers outside of organizations.
pub struct SignedIn(pub User);

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let user = session_user(&state.vestibule, &parts.headers).await;
        user.map(Self).map_err(|error| respond_to(error, parts.uri.path()))
    }
}

/// An answer for an error outside of the portal's frame: signing in, or the plain page of a refusal. `next` is where to
/// go on after signing in.
pub fn respond_to(error: service::Error, next: &str) -> Response {
    let cause = match error {
        service::Error::Internal(cause) => return vestibule_web::log::failed(Arc::from(cause)),
        other => other,
    };
    match Failure::from(cause) {
        Failure::SignedOut => Redirect::to(&sign_in(next)).into_response(),
        failure => {
            let refusal = Refusal::new(failure.status(), failure.code(), failure.title(), failure.sentence());
            Refusal { retry_after: failure.retry_after(), ..refusal }.into_response()
        }
    }
}

/// The address of the sign-in page that leads on to `next`.
pub fn sign_in(next: &str) -> String {
    format!("/sign-in?next={}", escape(next))
}

pub async fn enter(vestibule: &Vestibule, headers: &HeaderMap, slug: &str) -> service::Result<Entered> {
    let user = session_user(vestibule, headers).await?;
    let scope = sent(vestibule.enter(&user, slug)).await?;
    Ok(Entered { user, scope })
}

/// Whether whoever sent these headers is still signed in and still belongs there. Does not count as being seen.
pub async fn is_still_there(vestibule: &Vestibule, headers: &HeaderMap, slug: &str) -> service::Result<bool> {
    let token = session::token_of(headers, &vestibule.settings().public_url).ok_or(service::Error::Unauthenticated)?;
    let Some(user) = sent(vestibule.peek_session(&token)).await? else { return Ok(false) };
    sent(vestibule.enter(&user, slug)).await.map(|_| true)
}

async fn session_user(vestibule: &Vestibule, headers: &HeaderMap) -> service::Result<User> {
    let token = session::token_of(headers, &vestibule.settings().public_url).ok_or(service::Error::Unauthenticated)?;
    sent(vestibule.session(&token)).await?.ok_or(service::Error::Unauthenticated)
}

/// The same future, known to be `Send`. Inside traits (extractors, handlers) the compiler cannot yet
/// see that of futures with asynchronous closures in them, which is what the service's are.
pub fn sent<'a, T>(future: impl Future<Output = T> + Send + 'a) -> Pin<Box<dyn Future<Output = T> + Send + 'a>> {
    Box::pin(future)
}
