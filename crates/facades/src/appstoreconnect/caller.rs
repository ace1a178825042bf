//! Who calls, and what the path names.

use super::fault::{Fault, VendorResult};
use crate::FacadeState;
use crate::caller::Own;
use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;
use vestibule_core::service::{Error, KnownKey, Vestibule};
use vestibule_domain::{Surface, rate_limit::RateLimitStatus, request_token::RequestToken};
use vestibule_web::extract::{pairs, path_parameter};
use vestibule_web::{authorization, caller::Caller, rate_limit::of_an_hour};

const RATE_LIMIT: HeaderName = HeaderName::from_static("x-rate-limit");

/// The callers of App Store Connect's API.
pub struct AppStoreConnect;

/// The organization of the key.
pub type Team = Own<AppStoreConnect>;

/// The text that the path has as an id.
pub struct ById(pub String);

impl Caller for AppStoreConnect {
    type Fault = Fault;
    type Claims = RequestToken;
    /// Enough for an invitation with about a thousand apps.
    const LARGEST: usize = 64 * 1024;

    async fn authenticate(vestibule: &Vestibule, parts: &Parts) -> Result<(KnownKey, RequestToken), Fault> {
        let token = authorization::bearer(&parts.headers).ok_or(Error::Unauthenticated)?;
        Ok(vestibule.api_keys().authenticate_signed(token, Surface::AppStoreConnect).await?)
    }

    fn permit(token: &RequestToken, parts: &Parts) -> Result<(), Fault> {
        let is_in_scope = token.permits(parts.method.as_str(), parts.uri.path(), &pairs(&parts.uri));
        if is_in_scope { Ok(()) } else { Err(Fault::out_of_scope()) }
    }

    fn write_headers(left: RateLimitStatus, headers: &mut HeaderMap) {
        if let Ok(told) = HeaderValue::from_str(&rate_limit(left)) {
            headers.insert(RATE_LIMIT, told);
        }
    }
}

/// Returns the header's value. Clients read it as a limit per hour; the actual limit is per minute.
fn rate_limit(left: RateLimitStatus) -> String {
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

impl FromRequestParts<FacadeState> for ById {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &FacadeState) -> Result<Self, Fault> {
        let text: Option<String> = path_parameter(parts, "id").await;
        text.map(Self).ok_or_else(Fault::no_route)
    }
}

impl ById {
    /// Returns the id. Ids are opaque to clients, so a text that is not a UUID is simply unknown.
    pub fn of<T: From<Uuid>>(&self, kind: &str) -> VendorResult<T> {
        Uuid::try_parse(&self.0).map(Into::into).map_err(|_| Fault::missing(kind, &self.0))
    }
}
