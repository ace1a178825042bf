//! How handlers answer a form that went well: they lead on with a flash.

use super::{context::AppState, flash::Flash};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use vestibule_islands::REFRESH;
use vestibule_web::PublicUrl;

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

/// The flash that came with a request, unless scripts ask: the flash is for the page that was led on to, and another
/// window may hear of the change before that page is asked for.
pub(super) fn take_flash(state: &AppState, headers: &HeaderMap) -> Option<Flash> {
    if headers.contains_key(REFRESH) {
        return None;
    }
    let text = cookie(headers, flash_name(state))?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// Has the browser forget the flash, once it was shown.
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

fn keeps_secure(state: &AppState) -> bool {
    PublicUrl::new(&state.vestibule.settings().public_url).keeps_secure_cookies()
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value)
}
