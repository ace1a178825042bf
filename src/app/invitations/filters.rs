//! Above the list: a tab for each status, the search, the roles.

use super::asked::Asked;
use crate::app::{
    component::{Glyph, Icon, Key, grouped},
    layout::use_whereabouts,
};
use crate::domain::{Counts, Status};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use std::time::Duration;

/// A tab for each status; links, so they work as pages.
#[component]
pub fn Tabs(asked: Memo<Asked>, counts: Signal<Counts>) -> impl IntoView {
    let tabs = [None, Some(Status::Pending), Some(Status::Accepted), Some(Status::Declined), Some(Status::Expired)]
        .into_iter()
        .chain([Some(Status::Revoked)])
        .map(|status| view! { <Tab asked counts status/> })
        .collect_view();
    view! { <nav class="tabs" aria-label="Status">{tabs}</nav> }
}

#[component]
fn Tab(asked: Memo<Asked>, counts: Signal<Counts>, status: Option<Status>) -> impl IntoView {
    let slug = use_whereabouts().get_untracked().organization.slug;
    let count = move || status.map_or_else(|| counts.read().total(), |status| counts.read().of(status));
    view! {
        <a
            class="tabs__link"
            href=move || asked.read().with_status(status).href(slug.as_str())
            aria-current=move || (asked.read().filter.status == status).then_some("page")
        >
            {status.map_or("All", Status::label)}
            " "
            <span class="tabs__count">{move || grouped(count())}</span>
        </a>
    }
    .into_any()
}

/// A form that asks by its address. With scripts the list follows as one types and chooses.
#[component]
pub fn Filters(asked: Memo<Asked>) -> impl IntoView {
    let whereabouts = use_whereabouts().get_untracked();
    let (slug, roles) = (whereabouts.organization.slug, whereabouts.roles);
    let first = asked.get_untracked();
    let go = {
        let (navigate, slug) = (use_navigate(), slug.clone());
        move |next: Asked| {
            if next != asked.get_untracked() {
                navigate(
                    &next.href(slug.as_str()),
                    NavigateOptions { replace: true, scroll: false, ..Default::default() },
                );
            }
        }
    };
    let typed = StoredValue::new(first.filter.text.clone().unwrap_or_default());
    let search = {
        let go = go.clone();
        move || go(asked.get_untracked().with_text(&typed.get_value()))
    };
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let later = {
        let search = search.clone();
        move |text: String| {
            typed.set_value(text);
            if let Some(earlier) = waiting.get_value() {
                earlier.clear();
            }
            waiting.set_value(set_timeout_with_handle(search.clone(), SETTLED).ok());
        }
    };
    view! {
        <form
            class="filters"
            role="search"
            aria-label="Invitations"
            method="get"
            on:submit=move |event| {
                event.prevent_default();
                search();
            }
        >
            {move || asked.read().filter.status.map(|status| view! {
                <input type="hidden" name="status" value=status.as_str()/>
            })}
            <div class="filters__search">
                <Icon glyph=Glyph::Search/>
                <label class="sr" for="q">"Search by name or address"</label>
                <input
                    class="field__input"
                    type="search"
                    id="q"
                    name="q"
                    placeholder="Search by name or address"
                    value=first.filter.text.clone()
                    prop:value=move || asked.read().filter.text.clone().unwrap_or_default()
                    on:input=move |event| later(event_target_value(&event))
                />
                <Key of="/"/>
            </div>
            <label class="sr" for="role">"Role"</label>
            <select
                class="field__input"
                id="role"
                name="role"
                on:change=move |event| go(asked.get_untracked().with_role(event_target_value(&event).parse().ok()))
            >
                <option value="">"Any role"</option>
                {roles
                    .into_iter()
                    .map(|role| view! {
                        <option
                            value=role.id.to_string()
                            selected=move || asked.read().filter.role_id == Some(role.id)
                        >
                            {role.name}
                        </option>
                    })
                    .collect_view()}
            </select>
            <noscript inner_html=SEARCH></noscript>
        </form>
    }
    .into_any()
}

/// For those without scripts. (Named, as the `view!` macro takes a literal for an attribute of that name.)
const SEARCH: &str = r#"<button class="button">Search</button>"#;
/// Long enough to finish a word, short enough not to be noticed.
const SETTLED: Duration = Duration::from_millis(220);
