//! The form above the list: a search, and the roles.

use crate::app::{
    component::{RoleChoice, Search},
    portal_context::use_portal_frame,
};
use leptos::prelude::*;
use vestibule_functions::server::InvitationQuery;

/// The search form, which submits as a query of the page. It keeps the tab: scripts that change the tab change the
/// field, so it is there for all of them.
#[component]
pub fn Filters(query: InvitationQuery) -> impl IntoView {
    let roles = use_portal_frame().roles.iter().map(|role| (role.id.to_string(), role.name.clone())).collect();
    let status = query.status.some().map(str::to_owned);
    let is_all = status.is_none();
    view! {
        <Search name="Invitations" label="Search by name or address" input=InvitationQuery::q().filled(query.q.text())>
            <input type="hidden" name=InvitationQuery::status().name value=status disabled=is_all/>
            <RoleChoice name=InvitationQuery::role().name roles chosen=query.role.some().map(str::to_owned)/>
        </Search>
    }
    .into_any()
}
