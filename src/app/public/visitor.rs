//! Who is at the door: a request's cookies and address, and how a public page answers it.

use super::layout::{self, Room};
use crate::app::context::{AppState, respond_to};
use crate::app::failure::Wait;
use axum::Extension;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Redirect, Response};
use std::net::IpAddr;
use std::sync::Arc;
use vestibule_core::service::{self, SessionToken, Vestibule, Visits};
use vestibule_domain::User;
use vestibule_web::session::{Cookie, PASSWORD_LINK, SESSION, VISIT, clear_site_data};
use vestibule_web::{ClientIp, PublicUrl, Refusal, refusal};

/// Extracted by every public handler.
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

/// What the layers of [`vestibule_web::wrap`] brought along.
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

    /// Who is signed in here, if anybody.
    pub async fn user(&self) -> service::Result<Option<User>> {
        match SESSION.read(&self.headers, &self.url) {
            Some(token) => self.vestibule().session(&token).await,
            None => Ok(None),
        }
    }

    /// The visits that opening links began.
    pub fn visits(&self) -> Visits {
        VISIT.read(&self.headers, &self.url).map(|text| Visits::read(&text)).unwrap_or_default()
    }

    /// The token of the mail that was asked for to choose a password.
    pub fn password_link(&self) -> Option<String> {
        PASSWORD_LINK.read(&self.headers, &self.url)
    }

    /// A page of its own.
    pub fn page(&self, status: StatusCode, room: Room) -> Response {
        layout::page(&self.state.leptos_options, status, room)
    }

    /// A page that says how long to wait: with 429, or with 503 where it is we who are busy.
    pub fn page_to_wait(&self, wait: &Wait, room: Room) -> Response {
        let mut response = self.page(wait.status, room);
        response.headers_mut().insert(header::RETRY_AFTER, refusal::retry_after(wait.span));
        response
    }

    /// Leads on to one of our own paths and has the browser keep a secret.
    pub fn lead_on_with(&self, path: &str, cookie: Cookie, secret: &str) -> Response {
        with_cookie(Redirect::to(path).into_response(), cookie.set(secret, &self.url))
    }

    /// Leads on to one of our own paths as somebody signed in. Whoever was signed in before is so no more: a session
    /// never outlives the moment at which its owner changes.
    pub async fn lead_on_signed_in(&self, path: &str, session: &SessionToken) -> service::Result<Response> {
        self.end_session().await?;
        Ok(self.lead_on_with(path, SESSION, session.as_str()))
    }

    /// Signs out and empties the browser.
    pub async fn sign_out(&self) -> service::Result<Response> {
        self.end_session().await?;
        let mut response = self.forget(Redirect::to("/sign-in").into_response(), SESSION);
        let (name, value) = clear_site_data();
        response.headers_mut().insert(name, value);
        Ok(response)
    }

    /// Signs out and goes on at one of our own paths, with the link that was opened.
    pub async fn switch(&self, path: &str) -> service::Result<Response> {
        self.end_session().await?;
        Ok(self.forget(Redirect::to(path).into_response(), SESSION))
    }

    /// Has the browser forget a secret.
    pub fn forget(&self, response: Response, cookie: Cookie) -> Response {
        with_cookie(response, cookie.clear(&self.url))
    }

    async fn end_session(&self) -> service::Result<()> {
        match SESSION.read(&self.headers, &self.url) {
            Some(token) => self.vestibule().sign_out(&token).await,
            None => Ok(()),
        }
    }

    /// Looks up what a link says, and counts the ones that no key of ours made: who tries many has to wait.
    pub async fn follow<T>(&self, link: impl Future<Output = service::Result<T>>) -> Result<T, Refused> {
        Ok(self.vestibule().count_unknown_link(link.await, self.client)?)
    }
}

fn with_cookie(mut response: Response, line: HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, line);
    response
}

/// What no page of its own answers.
pub struct Refused(Response);

impl Refused {
    /// Whether what a link leads to is not there.
    pub fn is_missing(&self) -> bool {
        self.0.status() == StatusCode::NOT_FOUND
    }
}

impl From<service::Error> for Refused {
    fn from(error: service::Error) -> Self {
        Self(respond_to(error, "/"))
    }
}

impl From<Response> for Refused {
    fn from(page: Response) -> Self {
        Self(page)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.into_response())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.0
    }
}

/// What every handler of a public page returns.
pub type Answer = Result<Response, Refused>;
