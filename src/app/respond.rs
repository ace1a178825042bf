//! Redirects after a successful form post, with a flash.

use super::{context::AppState, flash::Flash};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use vestibule_islands::REFRESH;
use vestibule_web::PublicUrl;

/// How long a flash waits for its page, in seconds.
const FLASH_SECONDS: u32 = 60;
/// The longest flash in bytes: browsers silently drop cookies of more than 4096.
const FLASH_LIMIT: usize = 3_500;

/// Redirects (303) to `path`, one of our own, which shows `flash`. A flash that is too long is left out.
pub fn lead_on(state: &AppState, path: &str, flash: &Flash) -> Response {
    let mut response = Redirect::to(path).into_response();
    let text = URL_SAFE_NO_PAD.encode(serde_json::to_vec(flash).unwrap_or_default());
    if text.len() <= FLASH_LIMIT {
        response.headers_mut().append(header::SET_COOKIE, flash_cookie(state, &text, FLASH_SECONDS));
    }
    response
}

/// Returns the flash that came with a request. Requests by scripts get none: the flash belongs to the page of the
/// redirect, and another window may refresh before that page is requested.
pub(super) fn take_flash(state: &AppState, headers: &HeaderMap) -> Option<Flash> {
    if headers.contains_key(REFRESH) {
        return None;
    }
    let text = cookie(headers, flash_name(state))?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// Makes the browser forget the flash after it was shown.
pub(super) fn forget_flash(state: &AppState, response: &mut Response) {
    response.headers_mut().append(header::SET_COOKIE, flash_cookie(state, "", 0));
}

fn flash_cookie(state: &AppState, text: &str, seconds: u32) -> HeaderValue {
    let secure = if keeps_secure(state) { "; Secure" } else { "" };
    let line = format!("{}={text}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", flash_name(state));
    HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static(""))
}

fn flash_name(state: &AppState) -> &'static str {
    if keeps_secure(state) { "__Host-vst_flash" } else { "vst_flash" }
}

/// Checks whether browsers keep cookies with `Secure` from the public URL: over HTTPS, and on a loopback host.
fn keeps_secure(state: &AppState) -> bool {
    PublicUrl::new(&state.vestibule.settings().public_url).keeps_secure_cookies()
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value)
}
