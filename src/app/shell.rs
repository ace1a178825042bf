//! The HTML document around the portal's pages, and its content security policy.

use super::{component::when::rfc3339, news::News, reload::Reload};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use futures::{Stream, future::ready, stream::once};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::{MetaTags, provide_meta_context};
use std::pin::Pin;
use vestibule_domain::Instant;
use vestibule_functions::server::html;

/// The document's title. Each page has one, and it is text: Leptos writes it as it is given. It begins with what has just
/// happened.
#[component]
pub fn Title(text: String) -> impl IntoView {
    let news = use_context::<News>().unwrap_or_default();
    // it is asked for when the rest of the page has been built
    view! { <leptos_meta::Title text=move || escape(&news.before(&text))/> }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Returns the page that `document` builds, as a response. It is built once, after everything was read, so there is
/// nothing to wait for; see [`Title`], [`use_nonce`] and [`ResponseOptions`] for what it can use.
pub async fn render<V: IntoView + 'static>(
    status: StatusCode,
    document: impl FnOnce() -> V + Send + 'static,
) -> Response {
    // a page gets what it shows from its handler, not from the request
    let request = Request::new(Body::empty());
    let rendered = leptos_axum::handle_response_inner(provide_contexts, document, request, |page, _, _| {
        Box::pin(ready(Box::pin(once(ready(html(page)))) as Pin<Box<dyn Stream<Item = String> + Send>>))
    });
    let (mut parts, body) = rendered.await.into_parts();
    parts.status = status;
    // the stream has one piece, so this waits for nothing, and the response has a length
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    Response::from_parts(parts, Body::from(body))
}

fn provide_contexts() {
    provide_meta_context();
    provide_context(News::default());
}

/// The document of a page with scripts. Scripts and styles come from `site_pkg_dir`, whose name changes with their
/// content. `now` is the time to which the page's relative times refer.
#[component]
pub fn Document(options: LeptosOptions, now: Instant, children: Children) -> impl IntoView {
    let policy = content_security_policy(&use_nonce().unwrap_or_default());
    if let Ok(policy) = HeaderValue::try_from(policy) {
        expect_context::<ResponseOptions>().insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    let folder = format!("/{}/{}", options.site_pkg_dir, options.output_name);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=format!("{folder}.css")/>
                <Scripts folder/>
                <Reload/>
                <MetaTags/>
            </head>
            <body data-now=rfc3339(now)>{children()}</body>
        </html>
    }
}

/// Returns the policy of a page with scripts: it can run scripts with its nonce and what they load, compile WASM, and
/// connect to its own server only.
pub fn content_security_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
         frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    )
}

/// The page's script, instead of Leptos' `HydrationScripts`, which writes the nonce where style sheets can read it. The
/// script fetches the WASM, not a `<link>`, so that browsers without scripts don't fetch it. As it is in the head and
/// waits for nothing, both files are requested before the page has been parsed.
#[component]
fn Scripts(folder: String) -> impl IntoView {
    let (script, module) = (format!("{folder}.js"), format!("{folder}.wasm"));
    let start = format!(
        "const wasm = fetch({module:?});
const read = new Promise(done => document.readyState === 'loading' ? addEventListener('DOMContentLoaded', done) : done());
Promise.all([import({script:?}), read]).then(async ([half]) => {{
  await half.default({{ module_or_path: wasm }});
  half.hydrate();
  for (const island of document.querySelectorAll('leptos-island')) {{
    // an island inside of another one gets its context
    island.parentElement.closest('leptos-children')?.$$on_hydrate?.();
    half[island.dataset.component](island);
  }}
}});"
    );
    view! { <script nonce=use_nonce() inner_html=start></script> }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_policy_names_the_nonce_and_nobody_else() {
        let policy = super::content_security_policy("abc");
        assert!(policy.contains("script-src 'nonce-abc' 'strict-dynamic'"), "{policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("http"), "{policy}");
    }
}
