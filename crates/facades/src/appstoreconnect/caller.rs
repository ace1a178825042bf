//! Who calls, and what the path names.

use super::fault::{Answer, Fault};
use crate::{FacadeState, pass};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;
use vestibule_core::service::{Error, Scope};
use vestibule_domain::{ApiKey, Surface, rate_limit::Left};
use vestibule_web::extract::path_parameter;
use vestibule_web::{authorization, rate_limit::of_an_hour};

/// The largest request body in bytes: an invitation with about a thousand apps.
const LARGEST: usize = 64 * 1024;
const RATE_LIMIT: HeaderName = HeaderName::from_static("x-rate-limit");

/// The organization of the key.
pub struct Team(pub Scope);

/// The text that the path has as an id.
pub struct ById(pub String);

/// Passes a request on to the handlers if it is signed with a valid key, the key has requests left, and the body can be
/// read.
pub async fn admit(State(state): State<FacadeState>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let (caller, left) = match caller(&state, &parts).await {
        Ok((key, left)) => (Ok(key), Some(left)),
        Err(fault) => (Err(fault), None),
    };
    let mut response = pass(caller, LARGEST, Request::from_parts(parts, body), next).await;
    if let Some(told) = left.and_then(|left| HeaderValue::from_str(&rate_limit(left)).ok()) {
        response.headers_mut().insert(RATE_LIMIT, told);
    }
    response
}

async fn caller(state: &FacadeState, parts: &Parts) -> Answer<(ApiKey, Left)> {
    let token = authorization::bearer(&parts.headers).ok_or(Error::Unauthenticated)?;
    let (key, token) = state.vestibule.authenticate_signed(token, Surface::AppStoreConnect).await?;
    let left = state.take(&key)?;
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    if token.permits(parts.method.as_str(), parts.uri.path(), &query) {
        Ok((key, left))
    } else {
        Err(Fault::out_of_scope())
    }
}

/// Returns the header's value. Clients read it as a limit per hour; the actual limit is per minute.
fn rate_limit(left: Left) -> String {
    let (limit, remaining) = of_an_hour(left);
    format!("user-hour-lim:{limit};user-hour-rem:{remaining};")
}

/// Refuses a client that does not accept JSON, in plain text as Apple does.
pub async fn demand_json(request: Request, next: Next) -> Response {
    if takes_json(request.headers()) {
        return next.run(request).await;
    }
    (StatusCode::NOT_ACCEPTABLE, "Accept must include application/json.\n").into_response()
}

fn takes_json(headers: &HeaderMap) -> bool {
    const JSON: [&str; 4] = ["*/*", "application/*", "application/json", "application/vnd.api+json"];
    let mut ranges = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    let is_json = |range: &str| JSON.contains(&range.split(';').next().unwrap_or_default().trim());
    ranges.peek().is_none() || ranges.any(|value| value.split(',').any(is_json))
}

impl FromRequestParts<FacadeState> for Team {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &FacadeState) -> Result<Self, Fault> {
        let key = parts.extensions.get::<ApiKey>().ok_or(Error::Unauthenticated)?;
        Ok(Self(state.vestibule.enter_own(key).await?))
    }
}

impl FromRequestParts<FacadeState> for ById {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &FacadeState) -> Result<Self, Fault> {
        let text: Option<String> = path_parameter(parts, "id").await;
        text.map(Self).ok_or_else(Fault::no_route)
    }
}

impl ById {
    /// Returns the id. Ids are opaque to clients, so a text that is not a UUID is simply unknown.
    pub fn of<T: From<Uuid>>(&self, kind: &str) -> Answer<T> {
        Uuid::try_parse(&self.0).map(Into::into).map_err(|_| Fault::missing(kind, &self.0))
    }
}
