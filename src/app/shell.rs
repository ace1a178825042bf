//! The HTML document around the portal, and the policy that it is sent with.

use super::App;
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

/// The document. Scripts and styles come from `site_pkg_dir`, whose name changes with their content.
pub fn shell(options: LeptosOptions) -> impl IntoView {
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
                <AutoReload options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// What a page of scripts may do: run those with its nonce and what they load, compile WASM, and reach nobody else.
pub fn content_security_policy(nonce: &str) -> String {
    // the watching build tells the page by a socket when to load again
    let watch = if std::env::var_os("LEPTOS_WATCH").is_some() { " ws:" } else { "" };
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'{watch}; \
         frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    )
}

/// In place of `HydrationScripts`, which writes the nonce where style sheets can read it.
#[component]
fn Scripts(folder: String) -> impl IntoView {
    let nonce = use_nonce();
    let (script, module) = (format!("{folder}.js"), format!("{folder}.wasm"));
    let start =
        format!("import({script:?}).then(v => v.default({{ module_or_path: {module:?} }}).then(() => v.hydrate()))");
    view! {
        <link rel="modulepreload" href=script nonce=nonce.clone()/>
        <link rel="preload" href=module r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
        <script type="module" nonce=nonce>
            {start}
        </script>
    }
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
