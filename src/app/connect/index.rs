//! The choice of a vendor.

use super::{
    LEDE,
    clients::{Choice, Clients},
};
use crate::app::{layout::Page, visit::Visit};
use axum::response::Response;
use leptos::prelude::*;
use vestibule_domain::Permission;

pub async fn index(visit: Visit) -> Response {
    let choices = Choice::all(&visit.vendors(), visit.vestibule().settings());
    let allowed = visit.demand(Permission::KeyEdit);
    visit.show(allowed, move |()| {
        let under = || view! { <p class="page__lede">{LEDE}</p> };
        view! {
            <Page title="Connect a client" under>
                <Clients choices/>
            </Page>
        }
    })
}
