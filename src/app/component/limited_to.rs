//! The resources that someone is limited to, as part of a list of facts.

use leptos::prelude::*;
use vestibule_domain::Resource;

/// Shows the resources, or nothing if there is no limit.
#[component]
pub fn LimitedTo(resources: Vec<Resource>) -> impl IntoView {
    let has_any = !resources.is_empty();
    let names = resources
        .into_iter()
        .map(|resource| view! { <span class="role"><bdi>{resource.name.to_string()}</bdi></span> })
        .collect_view();
    has_any.then(|| view! { <div><dt>"Limited to"</dt><dd><span class="roles">{names}</span></dd></div> }.into_any())
}
