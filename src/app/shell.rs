//! The HTML document around the portal's pages, and its content security policy.

use super::{component::when::rfc3339, reload::Reload};
use leptos::{
    nonce::{Nonce, use_nonce},
    prelude::*,
};
use vestibule_domain::Instant;

/// The title of the document. The page sets it with [`set_title`] while it is rendered.
#[derive(Clone, Copy)]
struct Title(StoredValue<String>);

/// Sets the document's title. Each page calls it once.
pub fn set_title(title: String) {
    expect_context::<Title>().0.set_value(title);
}

/// Returns the document and its content security policy. Scripts and styles come from `site_pkg_dir`, whose name
/// changes with their content. `now` is the time to which the page's relative times refer.
pub fn document<V: IntoView>(options: &LeptosOptions, now: Instant, page: impl FnOnce() -> V) -> (String, String) {
    let nonce = Nonce::new();
    provide_context(nonce.clone());
    let title = Title(StoredValue::new(String::new()));
    provide_context(title);
    // render the page first, because it sets the title
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
    // remove U+0000 from what users entered, as HTML must not contain it
    (format!("<!DOCTYPE html>{}", html.to_html()).replace('\0', ""), content_security_policy(&nonce))
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
