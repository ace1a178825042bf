//! The visitor of a public page: cookies and client address of the request, and the ways to answer it.

use super::layout::{self, PublicHost, PublicPage};
use crate::app::{
    context::{AppState, respond_to},
    flash::Flash,
    respond::take_flash,
};
use axum::Extension;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Redirect, Response};
use std::net::IpAddr;
use std::sync::Arc;
use vestibule_core::service::{self, AcceptanceSessions, SessionToken, Vestibule};
use vestibule_domain::User;
use vestibule_functions::server::Wait;
use vestibule_web::session::{ACCEPTANCE_SESSION, Cookie, FORGOTTEN_AT, PASSWORD_LINK, SESSION, clear_site_data};
use vestibule_web::{ClientIp, HttpError, PublicUrl, http_error};

/// The context of a public page, which every public handler extracts.
pub struct Visitor {
    state: AppState,
    url: Arc<PublicUrl>,
    headers: HeaderMap,
    pub client: IpAddr,
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let ClientIp(client) = ClientIp::from_request_parts(parts, state).await?;
        let url = extension::<Arc<PublicUrl>>(parts, state).await;
        let url = url.unwrap_or_else(|| Arc::new(PublicUrl::new(&state.vestibule.settings().public_url)));
        Ok(Self { state: state.clone(), url, headers: parts.headers.clone(), client })
    }
}

/// Returns what the layers of [`vestibule_web::wrap`] have attached to the request.
async fn extension<T: Clone + Send + Sync + 'static>(parts: &mut Parts, state: &AppState) -> Option<T> {
    let found = <Extension<T> as OptionalFromRequestParts<AppState>>::from_request_parts(parts, state).await;
    found.ok().flatten().map(|Extension(value)| value)
}

impl Visitor {
    pub fn state(&self) -> &AppState {
        &self.state
    }

    pub fn vestibule(&self) -> &Vestibule {
        &self.state.vestibule
    }

    /// Returns the signed-in user, if there is one.
    pub async fn user(&self) -> service::Result<Option<User>> {
        match self.session() {
            Some(token) => self.vestibule().sessions().get(&token).await,
            None => Ok(None),
        }
    }

    /// Returns the token of the session, if there is one.
    pub fn session(&self) -> Option<String> {
        SESSION.read(&self.headers, &self.url)
    }

    /// Returns what the form that led here has done.
    pub fn flash(&self) -> Option<Flash> {
        take_flash(&self.state, &self.headers)
    }

    /// Returns the acceptance sessions that began when links were opened.
    pub fn acceptance_sessions(&self) -> AcceptanceSessions {
        ACCEPTANCE_SESSION
            .read(&self.headers, &self.url)
            .map(|text| AcceptanceSessions::read(&text))
            .unwrap_or_default()
    }

    /// Returns the token from the mail with which a new password can be chosen.
    pub fn password_link(&self) -> Option<String> {
        PASSWORD_LINK.read(&self.headers, &self.url)
    }

    /// Returns the name of the acceptance session on whose page the password was forgotten.
    pub fn forgotten_at(&self) -> Option<String> {
        FORGOTTEN_AT.read(&self.headers, &self.url)
    }

    /// Returns a public page.
    pub async fn page(&self, status: StatusCode, room: PublicPage) -> Response {
        let host = PublicHost(self.vestibule().settings().public_host().to_owned());
        layout::page(&self.state.leptos_options, status, room.at(host)).await
    }

    /// Returns a page that says how long to wait: 429, or 503 if we are busy.
    pub async fn page_to_wait(&self, wait: &Wait, room: PublicPage) -> Response {
        let mut response = self.page(wait.status(), room).await;
        response.headers_mut().insert(header::RETRY_AFTER, http_error::retry_after(wait.span));
        response
    }

    /// Redirects to one of our own paths, and stores a secret in a cookie.
    pub fn redirect_with_cookie(&self, path: &str, cookie: Cookie, secret: &str) -> Response {
        with_cookie(Redirect::to(path).into_response(), cookie.set(secret, &self.url))
    }

    /// Redirects to one of our own paths with a new session. The previous session is ended: a session never outlives a
    /// change of user.
    pub async fn redirect_signed_in(&self, path: &str, session: &SessionToken) -> service::Result<Response> {
        self.end_session().await?;
        Ok(self.redirect_with_cookie(path, SESSION, session.as_str()))
    }

    /// Adds a new session to a request, which is then answered as if it had come with it.
    pub fn bring(&self, headers: &mut HeaderMap, session: &SessionToken) {
        SESSION.put(session.as_str(), headers, &self.url);
    }

    /// Signs out, and makes the browser delete the site's data.
    pub async fn sign_out(&self) -> service::Result<Response> {
        self.end_session().await?;
        let mut response = self.forget(Redirect::to("/sign-in").into_response(), SESSION);
        let (name, value) = clear_site_data();
        response.headers_mut().insert(name, value);
        Ok(response)
    }

    /// Signs out and continues at one of our own paths. The acceptance sessions of opened links are kept.
    pub async fn switch(&self, path: &str) -> service::Result<Response> {
        self.end_session().await?;
        Ok(self.forget(Redirect::to(path).into_response(), SESSION))
    }

    /// Makes the browser remember a value.
    pub fn remember(&self, response: Response, cookie: Cookie, value: &str) -> Response {
        with_cookie(response, cookie.set(value, &self.url))
    }

    /// Makes the browser forget a secret.
    pub fn forget(&self, response: Response, cookie: Cookie) -> Response {
        with_cookie(response, cookie.clear(&self.url))
    }

    async fn end_session(&self) -> service::Result<()> {
        match self.session() {
            Some(token) => self.vestibule().sessions().sign_out(&token).await,
            None => Ok(()),
        }
    }

    /// Looks up a link, and counts links that our keys did not make: a client that tries many has to wait.
    pub async fn follow<T>(&self, link: impl Future<Output = service::Result<T>>) -> Result<T, PageRejection> {
        Ok(self.vestibule().sessions().count_unknown_link(link.await, self.client)?)
    }
}

fn with_cookie(mut response: Response, line: HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, line);
    response
}

/// An answer for what the page doesn't handle.
pub struct PageRejection(Response);

impl PageRejection {
    /// Checks whether the link's target does not exist.
    pub fn is_missing(&self) -> bool {
        self.0.status() == StatusCode::NOT_FOUND
    }
}

impl From<service::Error> for PageRejection {
    fn from(error: service::Error) -> Self {
        Self(respond_to(error, "/"))
    }
}

impl From<Response> for PageRejection {
    fn from(page: Response) -> Self {
        Self(page)
    }
}

impl From<HttpError> for PageRejection {
    fn from(http_error: HttpError) -> Self {
        Self(http_error.into_response())
    }
}

impl IntoResponse for PageRejection {
    fn into_response(self) -> Response {
        self.0
    }
}

/// The result of every public page's handler.
pub type PageResult = Result<Response, PageRejection>;
