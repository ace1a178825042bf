//! The HTML document around the portal, and the policy that it is sent with.

use super::{component::when::rfc3339, reload::Reload};
use leptos::{
    nonce::{Nonce, use_nonce},
    prelude::*,
};
use vestibule_domain::Instant;

/// What the browser shows above the page; the page sets it with [`set_title`] as it is rendered.
#[derive(Clone, Copy)]
struct Title(StoredValue<String>);

/// Call once in each page.
pub fn set_title(title: String) {
    expect_context::<Title>().0.set_value(title);
}

/// The document, with the policy to send it with. Scripts and styles come from `site_pkg_dir`, whose name changes with
/// their content. `now` is the clock that the page's times are said by.
pub fn document<V: IntoView>(options: &LeptosOptions, now: Instant, page: impl FnOnce() -> V) -> (String, String) {
    let nonce = Nonce::new();
    provide_context(nonce.clone());
    let title = Title(StoredValue::new(String::new()));
    provide_context(title);
    // first the page, which knows its title
    let page = page().into_view().to_html();
    let folder = format!("/{}/{}", options.site_pkg_dir, options.output_name);
    let html = view! {
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <title>{title.0.get_value()}</title>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=format!("{folder}.css")/>
                <Scripts folder/>
                <Reload/>
            </head>
            <body data-now=rfc3339(now) inner_html=page></body>
        </html>
    };
    // what was typed is given back without what no document may hold
    (format!("<!DOCTYPE html>{}", html.to_html()).replace('\0', ""), content_security_policy(&nonce))
}

/// What a page of scripts may do: run those with its nonce and what they load, compile WASM, and reach nobody else.
pub fn content_security_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
         frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    )
}

/// In place of Leptos' `HydrationScripts`, which writes the nonce where style sheets can read it. A script asks for the
/// WASM, not a `<link>`, so that browsers without scripts don't fetch it; as it stands in the head and waits for
/// nothing, both files are on their way before the page has been read.
#[component]
fn Scripts(folder: String) -> impl IntoView {
    let (script, module) = (format!("{folder}.js"), format!("{folder}.wasm"));
    let start = format!(
        "const wasm = fetch({module:?});
const read = new Promise(done => document.readyState === 'loading' ? addEventListener('DOMContentLoaded', done) : done());
Promise.all([import({script:?}), read]).then(async ([half]) => {{
  await half.default({{ module_or_path: wasm }});
  half.hydrate();
  for (const island of document.querySelectorAll('leptos-island')) half[island.dataset.component](island);
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
