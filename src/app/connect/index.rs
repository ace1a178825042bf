//! The choice of a vendor.

use super::{
    LEDE,
    clients::{Choice, Clients},
};
use crate::app::{layout::Page, portal_context::PortalContext};
use axum::response::Response;
use leptos::prelude::*;
use vestibule_domain::Permission;

pub async fn index(context: PortalContext) -> Response {
    let choices = Choice::all(&context.vendors(), context.vestibule().settings());
    let allowed = context.demand(Permission::KeyEdit);
    context
        .show(allowed, move |()| {
            let under = || view! { <p class="page__lede">{LEDE}</p> };
            view! {
                <Page title="Connect a client" under>
                    <Clients choices/>
                </Page>
            }
        })
        .await
}
