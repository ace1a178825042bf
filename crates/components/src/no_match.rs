//! What a list shows when its filter finds nothing.

use leptos::prelude::*;

/// Shown when no row matches the filter. `all` is the URL of the list without a filter, if the list has one.
#[component]
pub fn NoMatch(title: &'static str, #[prop(into)] all: Option<String>, words: &'static str) -> impl IntoView {
    let all = all.map(|href| view! { <div class="row"><a class="button" href=href>{words}</a></div> });
    view! {
        <section class="panel">
            <div class="empty">
                <h2>{title}</h2>
                {all}
            </div>
        </section>
    }
    .into_any()
}
