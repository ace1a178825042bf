//! The product's name next to its mark.

use leptos::prelude::*;

/// The mark and the name, as a link to `href`.
#[component]
pub fn Wordmark(#[prop(default = "/")] href: &'static str) -> impl IntoView {
    view! {
        <a class="wordmark" href=href>
            <Mark/>
            "Vestibule"
        </a>
    }
}

/// The mark alone: a door ajar with brass light behind it.
#[component]
pub fn Mark() -> impl IntoView {
    const DRAWING: &str = "<path fill=\"#1d4a73\" d=\"M0 24V10a10 10 0 0 1 20 0v14z\"/><path fill=\"#e6b95a\" d=\"M4 24V10a6 6 0 0 1 12 0v14z\"/><path fill=\"#123250\" d=\"M4 24V10c0-3.3 2.6-5.9 5.8-6l1.7 3.4V21z\"/><circle fill=\"#e6b95a\" cx=\"9.4\" cy=\"14.4\" r=\"1\"/>";
    view! { <svg viewBox="0 0 20 24" aria-hidden="true" inner_html=DRAWING></svg> }
}
