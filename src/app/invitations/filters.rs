//! Above the list: a tab for each status, the search and the roles.

use super::asked::Asked;
use crate::app::{
    component::{RoleChoice, Search, grouped},
    visit::use_whereabouts,
};
use leptos::prelude::*;
use vestibule_domain::{Counts, Status};

/// A tab for each status. Tabs are links, so they work without scripts.
#[component]
pub fn Tabs(asked: Asked, counts: Counts) -> impl IntoView {
    let tabs = [None, Some(Status::Pending), Some(Status::Accepted), Some(Status::Declined), Some(Status::Expired)]
        .into_iter()
        .chain([Some(Status::Revoked)])
        .map(|status| view! { <Tab asked=asked.clone() counts status/> })
        .collect_view();
    view! { <nav class="tabs" aria-label="Status">{tabs}</nav> }
}

#[component]
fn Tab(asked: Asked, counts: Counts, status: Option<Status>) -> impl IntoView {
    let slug = use_whereabouts().organization.slug;
    let count = status.map_or_else(|| counts.total(), |status| counts.of(status));
    view! {
        <a
            class="tabs__link"
            href=asked.with_status(status).href(slug.as_str())
            aria-current=(asked.filter.status == status).then_some("page")
        >
            {status.map_or("All", Status::label)}
            " "
            <span class="tabs__count">{grouped(count)}</span>
        </a>
    }
    .into_any()
}

/// The search form, which submits as a query of the page.
#[component]
pub fn Filters(asked: Asked) -> impl IntoView {
    let roles = use_whereabouts().roles.into_iter().map(|role| (role.id.to_string(), role.name)).collect();
    let filter = asked.filter;
    let status = filter.status.map(|status| view! { <input type="hidden" name="status" value=status.as_str()/> });
    view! {
        <Search name="Invitations" label="Search by name or address" text=filter.text.unwrap_or_default()>
            {status}
            <RoleChoice roles chosen=filter.role_id.map(|id| id.to_string())/>
        </Search>
    }
    .into_any()
}
