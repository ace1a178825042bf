//! How handlers answer a form: they lead on with a flash, or show the page again with what was typed.

use super::{
    context::{AppState, Entered},
    flash::Flash,
    form::Draft,
    routes::render,
    shell,
};
use crate::http::PublicUrl;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

/// Seconds that a flash waits for its page.
const FLASH_SECONDS: u32 = 60;
/// Bytes; browsers drop cookies of more than 4096 in silence.
const FLASH_LIMIT: usize = 3_500;

/// 303 to `path`, one of our own, where `flash` is shown.
pub fn lead_on(state: &AppState, path: &str, flash: &Flash) -> Response {
    let mut response = Redirect::to(path).into_response();
    let text = URL_SAFE_NO_PAD.encode(serde_json::to_vec(flash).unwrap_or_default());
    if text.len() <= FLASH_LIMIT {
        response.headers_mut().append(header::SET_COOKIE, flash_cookie(state, &text, FLASH_SECONDS));
    }
    response
}

/// The page at `path` once more, with status 422: its form shows the draft.
pub async fn show_again(state: &AppState, at: &Entered, headers: HeaderMap, path: &str, draft: Draft) -> Response {
    show_with(state, at, headers, path, StatusCode::UNPROCESSABLE_ENTITY, move || provide_context(draft.clone())).await
}

/// The page at `path` as the answer to a POST, with more context; `status` in place of 200.
pub async fn show_with(
    state: &AppState,
    at: &Entered,
    headers: HeaderMap,
    path: &str,
    status: StatusCode,
    context: impl Fn() + Clone + Send + Sync + 'static,
) -> Response {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = path.parse().unwrap_or(Uri::from_static("/"));
    *request.headers_mut() = headers;
    let mut response = render(state, at, request, context).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}

/// The flash that came with the request which is being rendered; the browser forgets it.
pub(super) fn take_flash() -> Option<Flash> {
    let parts = use_context::<axum::http::request::Parts>()?;
    let state = use_context::<AppState>()?;
    let name = flash_name(&state);
    let text = cookie(&parts.headers, name)?;
    use_context::<ResponseOptions>()?.append_header(header::SET_COOKIE, flash_cookie(&state, "", 0));
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// Context for every page: its headers. The nonce is Leptos' own, new for each response.
pub(super) fn page_headers() {
    if let (Some(nonce), Some(response)) = (leptos::nonce::use_nonce(), use_context::<ResponseOptions>()) {
        let policy = shell::content_security_policy(&nonce);
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
        response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

fn flash_cookie(state: &AppState, text: &str, seconds: u32) -> HeaderValue {
    let secure = if keeps_secure(state) { "; Secure" } else { "" };
    let line = format!("{}={text}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", flash_name(state));
    HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static(""))
}

fn flash_name(state: &AppState) -> &'static str {
    if keeps_secure(state) { "__Host-vst_flash" } else { "vst_flash" }
}

fn keeps_secure(state: &AppState) -> bool {
    PublicUrl::new(&state.vestibule.settings().public_url).keeps_secure_cookies()
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value)
}
