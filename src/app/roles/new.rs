//! Creating a role.

use super::form::RoleForm;
use crate::app::{
    component::Summary,
    form::{Draft, Fields},
    layout::Page,
    visit::{Visit, use_whereabouts},
};
use axum::response::Response;
use leptos::prelude::*;
use vestibule_domain::{Permission, Role};

pub async fn new(visit: Visit) -> Response {
    page(visit, None)
}

/// Shows the form, with a draft if there is one.
pub fn page(visit: Visit, draft: Option<Draft>) -> Response {
    let allowed = visit.demand(Permission::RoleEdit);
    visit.show(allowed, move |()| view! { <New draft=draft.unwrap_or_else(fresh)/> })
}

/// Returns the form with the permissions of a plain member ticked.
fn fresh() -> Draft {
    let [_, _, (_, _, member)] = Role::built_in();
    let fields = member.into_iter().map(|held| ("permissions".to_owned(), held.as_str().to_owned()));
    Draft { fields: Fields(fields.collect()), violations: Vec::new() }
}

#[component]
fn New(draft: Draft) -> impl IntoView {
    let list = format!("/o/{}/roles", use_whereabouts().organization.slug);
    let action = format!("{list}/new");
    view! {
        <Page title="New role" back=(list.clone(), "Roles") class="page page--form">
            <Summary violations=draft.violations.clone()/>
            <RoleForm action cancel=list draft busy="Making…">"Make the role"</RoleForm>
        </Page>
    }
}
