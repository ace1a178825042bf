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
    let typed = StoredValue::new(asked.get_untracked().filter.text.unwrap_or_default());
    let go = steer(asked);
    let search = move || go(asked.get_untracked().with_text(&typed.get_value()));
    let submitted = search.clone();
    view! {
        <form
            class="filters"
            role="search"
            aria-label="Invitations"
            method="get"
            on:submit=move |event| {
                event.prevent_default();
                submitted();
            }
        >
            {move || asked.read().filter.status.map(|status| view! {
                <input type="hidden" name="status" value=status.as_str()/>
            })}
            <SearchField asked typed search=Callback::new(move |()| search())/>
            <RoleField asked/>
            <noscript inner_html=SEARCH></noscript>
        </form>
    }
    .into_any()
}

/// Goes to another list in place of this one.
fn steer(asked: Memo<Asked>) -> impl Fn(Asked) + Clone + Send + Sync {
    let (navigate, slug) = (use_navigate(), use_whereabouts().get_untracked().organization.slug);
    move |next: Asked| {
        if next != asked.get_untracked() {
            navigate(&next.href(slug.as_str()), NavigateOptions { replace: true, scroll: false, ..Default::default() });
        }
    }
}

/// Searches once nothing has been typed for a moment.
#[component]
fn SearchField(asked: Memo<Asked>, typed: StoredValue<String>, search: Callback<()>) -> impl IntoView {
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let later = move |text: String| {
        typed.set_value(text);
        if let Some(earlier) = waiting.get_value() {
            earlier.clear();
        }
        waiting.set_value(set_timeout_with_handle(move || search.run(()), SETTLED).ok());
    };
    view! {
        <div class="filters__search">
            <Icon glyph=Glyph::Search/>
            <label class="sr" for="q">"Search by name or address"</label>
            <input
                class="field__input"
                type="search"
                id="q"
                name="q"
                placeholder="Search by name or address"
                value=typed.get_value()
                prop:value=move || asked.read().filter.text.clone().unwrap_or_default()
                on:input=move |event| later(event_target_value(&event))
            />
            <Key of="/"/>
        </div>
    }
    .into_any()
}

#[component]
fn RoleField(asked: Memo<Asked>) -> impl IntoView {
    let go = steer(asked);
    let options = use_whereabouts()
        .get_untracked()
        .roles
        .into_iter()
        .map(|role| {
            let chosen = move || asked.read().filter.role_id == Some(role.id);
            view! { <option value=role.id.to_string() selected=chosen>{role.name}</option> }
        })
        .collect_view();
    view! {
        <label class="sr" for="role">"Role"</label>
        <select
            class="field__input"
            id="role"
            name="role"
            on:change=move |event| go(asked.get_untracked().with_role(event_target_value(&event).parse().ok()))
        >
            <option value="">"Any role"</option>
            {options}
        </select>
    }
    .into_any()
}

/// For those without scripts. (Named, as the `view!` macro takes a literal for an attribute of that name.)
const SEARCH: &str = r#"<button class="button">Search</button>"#;
/// Long enough to finish a word, short enough not to be noticed.
const SETTLED: Duration = Duration::from_millis(220);
