//! The form above the list: a search, the roles, and filters that are needed less often.

use crate::app::{
    component::{FilterChoice, FilterDays, RoleChoice, Search},
    portal_context::use_portal_frame,
};
use leptos::prelude::*;
use vestibule_domain::MailState;
use vestibule_functions::server::InvitationQuery;

/// The search form, which submits as a query of the page. It keeps the tab and the inviter.
#[component]
pub fn Filters(query: InvitationQuery) -> impl IntoView {
    let roles = use_portal_frame().roles.iter().map(|role| (role.id.to_string(), role.name.clone())).collect();
    let input = InvitationQuery::q().filled(query.q.text());
    let chosen = query.role.some().map(str::to_owned);
    let (status, inviter) = (query.status.some().map(str::to_owned), query.inviter.some().map(str::to_owned));
    view! {
        <Search name="Invitations" label="Search by name or email address" input>
            <Kept name=InvitationQuery::status().name value=status/>
            <Kept name=InvitationQuery::inviter().name value=inviter/>
            <RoleChoice name=InvitationQuery::role().name roles chosen/>
            <More query/>
        </Search>
    }
    .into_any()
}

/// A filter that links change and the form keeps. Scripts that follow such a link change the field, so it is there even
/// without a value.
#[component]
fn Kept(name: &'static str, value: Option<String>) -> impl IntoView {
    let is_empty = value.is_none();
    view! { <input type="hidden" name=name value=value disabled=is_empty/> }
}

/// The filters that are folded away unless one of them is set.
#[component]
fn More(query: InvitationQuery) -> impl IntoView {
    let open = query.mail.is_there() || query.created_from.is_there() || query.created_to.is_there();
    let options = MailState::ALL.iter().map(|state| (state.to_string(), state.label().to_owned())).collect();
    let chosen = query.mail.some().map(str::to_owned);
    view! {
        <details class="more filters__more" open=open>
            <summary>"More filters"</summary>
            <div class="filters__fields">
                <FilterChoice name=InvitationQuery::mail().name label="Mail" any="Any mail state" options chosen/>
                <FilterDays
                    label="Invited from"
                    first=(InvitationQuery::created_from().name, query.created_from.read())
                    last=(InvitationQuery::created_to().name, query.created_to.read())
                />
            </div>
        </details>
    }
    .into_any()
}
