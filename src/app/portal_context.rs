//! One request for a page of the portal: the user, what the frame around the page shows, and the document as the
//! answer.

use super::{
    context::{AppState, OrganizationScope, enter, respond_to},
    flash::Flash,
    layout::{ErrorPanel, Portal},
    respond::{take_flash, take_secret},
    shell::{Document, render},
    signed_out::FormAgain,
};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::{StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use leptos::{prelude::*, reactive::computed::ScopedFuture};
use std::sync::Arc;
use vestibule_core::service::{self, NotFound, Scope, Vestibule};
use vestibule_domain::{Instant, Permission, PortalFrame};
use vestibule_functions::{
    FunctionError,
    server::{Caller, Cause},
};
use vestibule_web::Vendor;

/// The context of a page, which every page's handler extracts. Users without access don't get past it.
pub struct PortalContext {
    state: AppState,
    pub scope: Scope,
    /// The data of the frame. A page that counts the same things stores its own counts here, so that frame and page
    /// agree.
    pub portal_frame: PortalFrame,
    /// The path and query that were requested.
    path: String,
    flash: Option<Flash>,
    /// The secret that only this page shows, and only this time.
    pub secret: Option<String>,
    status: StatusCode,
}

/// The path of the page that is being rendered; see [`use_page_path`].
#[derive(Clone)]
struct PagePath(String);

/// Returns the user, the organization and the counts of the navigation. Works only while a page of the portal is
/// rendered.
pub fn use_portal_frame() -> Arc<PortalFrame> {
    expect_context()
}

/// Returns the path and query of the page that is being rendered.
pub fn use_page_path() -> String {
    expect_context::<PagePath>().0
}

/// Why a page is not shown.
pub enum Unread {
    /// What the frame is for is gone too: the session, or the server's health.
    OutsideOfTheFrame(service::Error),
    Refused(FunctionError),
}

impl From<service::Error> for Unread {
    fn from(error: service::Error) -> Self {
        match error {
            service::Error::Internal(_) | service::Error::Unauthenticated => Self::OutsideOfTheFrame(error),
            error => Self::Refused(error.into()),
        }
    }
}

impl From<FunctionError> for Unread {
    fn from(error: FunctionError) -> Self {
        match error.is_signed_out() {
            true => Self::OutsideOfTheFrame(service::Error::Unauthenticated),
            false => Self::Refused(error),
        }
    }
}

impl FromRequestParts<AppState> for PortalContext {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let slug = params.iter().find(|(name, _)| *name == "slug").map_or("", |(_, slug)| slug);
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let at = enter(state, &parts.headers, slug).await;
        let at = at.map_err(|error| respond_to(error, path))?;
        let (flash, secret) = (take_flash(state, &parts.headers), take_secret(&at, &parts.headers, parts.uri.path()));
        let context = Self::of(at, path.to_owned()).await?;
        Ok(Self { flash, secret, ..context })
    }
}

/// Returns the answer for a path below an organization at which there is nothing: the page that says so, for users with
/// access to the organization.
pub async fn missing(parts: &mut Parts, state: &AppState) -> Response {
    match PortalContext::from_request_parts(parts, state).await {
        Ok(context) => context.missing().await,
        Err(refused) => refused,
    }
}

impl PortalContext {
    /// Creates the context for a page that answers a form post directly. `page` is its path below the organization.
    pub async fn answering(at: OrganizationScope, page: &str, status: StatusCode) -> Result<Self, Response> {
        let path = at.path(page);
        Ok(Self { status, ..Self::of(at, path).await? })
    }

    async fn of(at: OrganizationScope, path: String) -> Result<Self, Response> {
        let portal_frame = at.vestibule().organizations().portal_frame(&at.user, &at.scope).boxed().await;
        let portal_frame = portal_frame.map_err(|error| respond_to(error, &path))?;
        let OrganizationScope { state, scope, .. } = at;
        Ok(Self { state, scope, portal_frame, path, flash: None, secret: None, status: StatusCode::OK })
    }

    pub fn vestibule(&self) -> &Arc<Vestibule> {
        &self.state.vestibule
    }

    /// Returns the vendors whose clients can be connected.
    pub fn vendors(&self) -> Arc<[&'static Vendor]> {
        Arc::clone(&self.state.vendors)
    }

    /// Fails unless the user has this permission. For pages that lead to an action which needs it.
    pub fn demand(&self, permission: Permission) -> service::Result<()> {
        match self.portal_frame.permissions.contains(&permission) {
            true => Ok(()),
            false => Err(service::Error::Forbidden(permission)),
        }
    }

    /// Shows this flash, although no form led here.
    pub fn telling(self, flash: Flash) -> Self {
        Self { flash: Some(flash), ..self }
    }

    /// Sets the status of the answer if the page is shown without an error. The default is 200.
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Returns the page for what was read, or the error, within the frame.
    pub async fn show<T: Send + 'static, V: IntoView>(
        self,
        read: Result<T, impl Into<Unread>>,
        page: impl FnOnce(T) -> V + Send + 'static,
    ) -> Response {
        match read.map_err(Into::into) {
            Ok(read) => self.document(|| page(read).into_any()).await,
            Err(Unread::OutsideOfTheFrame(error)) => respond_to(error, &self.path),
            Err(Unread::Refused(error)) => {
                let (status, wait) = (error.status(), error.retry_after);
                let mut response = self.with_status(status).document(|| view! { <ErrorPanel error/> }.into_any()).await;
                response.headers_mut().extend(wait.map(|seconds| (header::RETRY_AFTER, seconds.into())));
                response
            }
        }
    }

    /// Returns the page for a path at which there is nothing.
    pub async fn missing(self) -> Response {
        self.show(Err::<(), _>(service::Error::from(NotFound::Route)), |()| ()).await
    }

    /// Returns a page for which nothing else has to be read.
    pub async fn page<V: IntoView>(self, page: impl FnOnce() -> V + Send + 'static) -> Response {
        self.document(|| page().into_any()).await
    }

    /// Calls a server function as the user of this page.
    pub async fn call<T>(&self, function: impl Future<Output = Result<T, FunctionError>>) -> Result<T, Unread> {
        let (vestibule, user) = (Arc::clone(self.vestibule()), self.portal_frame.user.clone());
        let caller = Caller { vestibule, user, scope: self.scope.clone() };
        let cause = Cause::default();
        let kept = cause.clone();
        let called = Owner::new().with(|| {
            provide_context(caller);
            provide_context(kept);
            ScopedFuture::new(function)
        });
        called.await.map_err(|error| match cause.take() {
            Some(cause) => Unread::OutsideOfTheFrame(service::Error::Internal(Box::new(cause))),
            None => error.into(),
        })
    }

    async fn document(self, page: impl FnOnce() -> AnyView + Send + 'static) -> Response {
        let Self { state, portal_frame, path, flash, secret, status, .. } = self;
        let is_form_again = matches!(flash, Some(Flash::SignedOut)) && status == StatusCode::UNPROCESSABLE_ENTITY;
        let (options, now, had_flash) = (state.leptos_options.clone(), state.vestibule.now(), flash.is_some());
        let document = move || {
            if let Some(flash) = flash {
                provide_context(flash);
            }
            framed(options, now, portal_frame, path, page)
        };
        let mut response = render(status, document).await;
        if is_form_again {
            response.extensions_mut().insert(FormAgain);
        }
        if had_flash {
            super::respond::forget_flash(&state, &mut response);
        }
        if secret.is_some() {
            super::respond::forget_secret(&state, &mut response);
        }
        response
    }
}

/// Returns the document with `page` in the portal's frame.
pub fn framed(
    options: LeptosOptions,
    now: Instant,
    portal_frame: PortalFrame,
    path: String,
    page: impl FnOnce() -> AnyView + Send + 'static,
) -> impl IntoView {
    provide_context(Arc::new(portal_frame));
    provide_context(PagePath(path));
    view! { <Document options now><Portal now page=page()/></Document> }
}
