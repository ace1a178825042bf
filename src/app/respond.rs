//! The answers to form posts: a redirect with a flash, or the page of the form again.

use super::{
    context::{AppState, OrganizationScope, respond_to},
    flash::Flash,
    form::Draft,
    portal_context::PortalContext,
    signed_out::SIGNED_OUT,
};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use vestibule_core::service;
use vestibule_domain::Violation;
use vestibule_islands::REFRESH;
use vestibule_web::{
    PublicUrl,
    session::{FLASH, SHOWN_ONCE},
};

/// The longest flash in bytes: browsers silently drop cookies of more than 4096.
const FLASH_LIMIT: usize = 3_500;

impl OrganizationScope {
    /// Redirects to one of the organization's pages, which shows `flash`.
    pub fn redirect(&self, page: &str, flash: &Flash) -> Response {
        redirect(&self.state, &self.path(page), flash)
    }

    /// Redirects (303) to `page`, which shows this secret once. Opened again, or by somebody else, it shows none.
    pub fn show_once(&self, page: &str, secret: &str) -> Response {
        let path = self.path(page);
        let sealed = match self.vestibule().seal(self.user.id, &path, secret) {
            Ok(sealed) => sealed,
            Err(error) => return self.refuse(page, error),
        };
        let mut response = Redirect::to(&path).into_response();
        response.headers_mut().append(header::SET_COOKIE, SHOWN_ONCE.set(&sealed, &url(&self.state)));
        response
    }

    /// Redirects to `page` if the operation succeeded, and responds with the error otherwise.
    pub fn answer<T>(&self, page: &str, done: service::Result<T>, flash: impl FnOnce(T) -> Flash) -> Response {
        match done {
            Ok(done) => self.redirect(page, &flash(done)),
            Err(error) => self.refuse(page, error),
        }
    }

    /// Responds with an error that is not about a field. After signing in, the user continues at `page`.
    pub fn refuse(&self, page: &str, error: service::Error) -> Response {
        respond_to(error, &self.path(page))
    }

    /// Returns the context for showing `page` again, with the form and the violations at its fields. Responds with the
    /// error if it is not about a field.
    pub async fn again<F>(
        self,
        page: &str,
        form: F,
        faults: service::Result<Vec<Violation>>,
    ) -> Result<(PortalContext, Draft<F>), Response> {
        let mut violations = faults.map_err(|error| self.refuse(page, error))?;
        let was_signed_out = violations.iter().any(|violation| violation.field == SIGNED_OUT);
        violations.retain(|violation| violation.field != SIGNED_OUT);
        let visit = PortalContext::answering(self, page, StatusCode::UNPROCESSABLE_ENTITY).await?;
        let visit = if was_signed_out { visit.telling(Flash::SignedOut) } else { visit };
        Ok((visit, Draft { form, violations }))
    }
}

/// Redirects (303) to `path`, one of our own, which shows `flash`. A flash that is too long is left out.
pub fn redirect(state: &AppState, path: &str, flash: &Flash) -> Response {
    with_flash(state, Redirect::to(path).into_response(), flash)
}

/// Adds a flash for the page that a redirect leads to.
pub fn with_flash(state: &AppState, mut response: Response, flash: &Flash) -> Response {
    let text = URL_SAFE_NO_PAD.encode(serde_json::to_vec(flash).unwrap_or_default());
    if text.len() <= FLASH_LIMIT {
        response.headers_mut().append(header::SET_COOKIE, FLASH.set(&text, &url(state)));
    }
    response
}

/// Returns the flash that came with a request. Requests by scripts get none: the flash belongs to the page of the
/// redirect, and another window may refresh before that page is requested.
pub(super) fn take_flash(state: &AppState, headers: &HeaderMap) -> Option<Flash> {
    if headers.contains_key(REFRESH) {
        return None;
    }
    let text = FLASH.read(headers, &url(state))?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// Returns the secret that this page of this person shows once, if it came with the request.
pub(super) fn take_secret(at: &OrganizationScope, headers: &HeaderMap, path: &str) -> Option<String> {
    if headers.contains_key(REFRESH) {
        return None;
    }
    at.vestibule().unseal(at.user.id, path, &SHOWN_ONCE.read(headers, &url(&at.state))?)
}

/// Makes the browser forget the secret that it was shown.
pub(super) fn forget_secret(state: &AppState, response: &mut Response) {
    response.headers_mut().append(header::SET_COOKIE, SHOWN_ONCE.clear(&url(state)));
}

/// Makes the browser forget the flash after it was shown.
pub(super) fn forget_flash(state: &AppState, response: &mut Response) {
    response.headers_mut().append(header::SET_COOKIE, FLASH.clear(&url(state)));
}

fn url(state: &AppState) -> PublicUrl {
    PublicUrl::new(&state.vestibule.settings().public_url)
}
