//! The tabs above a list: its parts, each with its number of rows.

use leptos::prelude::*;
use vestibule_domain::Total;

/// A part of a list, with its number of rows.
pub struct Tab {
    pub href: String,
    pub name: &'static str,
    pub count: Total,
    pub is_open: bool,
}

/// Links to the parts of a list; they work without scripts. `label` says how the parts differ.
#[component]
pub fn Tabs(label: &'static str, tabs: Vec<Tab>) -> impl IntoView {
    let links = tabs.into_iter().map(|tab| {
        view! {
            <a class="tabs__link" href=tab.href aria-current=tab.is_open.then_some("page")>
                {tab.name}
                " "
                <span class="tabs__count">{tab.count.to_string()}</span>
            </a>
        }
    });
    view! { <nav class="tabs" aria-label=label>{links.collect_view()}</nav> }.into_any()
}
