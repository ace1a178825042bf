//! Above the list: a tab for each status, the search and the roles.

use super::query::InvitationQuery;
use crate::app::{
    component::{RoleChoice, Search, Tab},
    portal_context::use_portal_frame,
};
use leptos::prelude::*;
use vestibule_domain::{Counts, Status};

/// Returns a tab for each status.
pub fn tabs(query: &InvitationQuery, counts: &Counts) -> Vec<Tab> {
    let slug = use_portal_frame().organization.slug;
    let tab = |status: Option<Status>| Tab {
        href: query.with_status(status).href(slug.as_str()),
        name: status.map_or("All", Status::label),
        count: status.map_or_else(|| counts.total(), |status| counts.of(status)),
        is_open: query.status.read() == status,
    };
    let open = [Status::Pending, Status::Accepted, Status::Declined, Status::Expired, Status::Revoked];
    std::iter::once(None).chain(open.map(Some)).map(tab).collect()
}

/// The search form, which submits as a query of the page.
#[component]
pub fn Filters(query: InvitationQuery) -> impl IntoView {
    let roles = use_portal_frame().roles.into_iter().map(|role| (role.id.to_string(), role.name)).collect();
    let status = query.status.some().map(|status| {
        view! { <input type="hidden" name=InvitationQuery::status().name value=status.to_owned()/> }
    });
    view! {
        <Search name="Invitations" label="Search by name or address" input=InvitationQuery::q().filled(query.q.text())>
            {status}
            <RoleChoice name=InvitationQuery::role().name roles chosen=query.role.some().map(str::to_owned)/>
        </Search>
    }
    .into_any()
}
