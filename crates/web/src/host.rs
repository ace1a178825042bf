//! The check whether a request is for this installation. Links never take their host from the request; they use
//! `public_url`.

use super::{HttpError, PublicUrl, public_url::is_loopback};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header, uri::Authority};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::{collections::HashMap, sync::Arc};
use tower::ServiceExt;

/// Rejects hosts that are neither ours nor this machine with 421. The check applies only with https: a plain http
/// address is a trial on somebody's own network, where names come and go.
pub async fn check(State(url): State<Arc<PublicUrl>>, request: Request, next: Next) -> Response {
    if url.is_https && !host_of(&request).is_some_and(|host| is_ours(host, &url)) {
        return HttpError::of(StatusCode::MISDIRECTED_REQUEST).into_response();
    }
    next.run(request).await
}

/// Routes requests for one of these host names to its router, and all others to `rest`. Ports are not compared.
pub fn split(hosts: HashMap<String, Router>, rest: Router) -> Router {
    if hosts.is_empty() {
        return rest;
    }
    let hosts = Arc::new(hosts);
    Router::new().fallback(async move |request: Request| {
        let host = host_of(&request).map(|host| without_port(host).to_ascii_lowercase());
        let router = host.and_then(|host| hosts.get(&host)).unwrap_or(&rest).clone();
        router.oneshot(request).await
    })
}

fn host_of(request: &Request) -> Option<&str> {
    let named = request.uri().authority().map(Authority::as_str);
    named.or_else(|| request.headers().get(header::HOST)?.to_str().ok())
}

fn is_ours(host: &str, url: &PublicUrl) -> bool {
    PublicUrl::new(&format!("https://{host}")).authority == url.authority || is_loopback(without_port(host))
}

/// Returns the host without its port: `[::1]:3000` becomes `[::1]`.
pub fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        Some(_) | None => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_name_and_the_machines_are_ours() {
        let url = PublicUrl::new("https://app.example");
        for (host, ours) in [
            ("app.example", true),
            ("APP.example:443", true),
            ("localhost:3000", true),
            ("127.0.0.1", true),
            ("[::1]:3000", true),
            ("evil.example", false),
            ("app.example.evil.tld", false),
            ("app.example:444", false),
            ("", false),
        ] {
            assert_eq!(is_ours(host, &url), ours, "{host}");
        }
    }
}
