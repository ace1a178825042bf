//! Connecting a client: the base URL, the form for a key, and an outline of the code.

use super::{
    LEDE, VendorPath, all,
    clients::{Choice, Clients},
    help::Help,
    page_of,
    snippets::Snippets,
};
use crate::app::{
    api_keys::form::{KeyFields, KeyForm},
    component::{Copy, Summary},
    form::Draft,
    layout::Page,
    portal_context::PortalContext,
};
use axum::response::Response;
use leptos::prelude::*;
use vestibule_domain::Permission;
use vestibule_web::Vendor;

pub async fn new(context: PortalContext, VendorPath(vendor): VendorPath) -> Response {
    page(context, vendor, Draft::of(KeyForm::usual(vendor.name))).await
}

/// Shows the page, with the draft of a form.
pub async fn page(context: PortalContext, vendor: &'static Vendor, draft: Draft<KeyForm>) -> Response {
    let settings = context.vestibule().settings();
    let (choices, base_url) = (Choice::all(&context.vendors(), settings), vendor.base_url(settings));
    let allowed = context.demand(Permission::KeyEdit);
    context.show(allowed, move |()| view! { <New choices vendor base_url draft/> }).await
}

#[component]
fn New(choices: Vec<Choice>, vendor: &'static Vendor, base_url: String, draft: Draft<KeyForm>) -> impl IntoView {
    let under = || view! { <p class="page__lede">{LEDE}</p> };
    view! {
        <Page title=title(vendor) under>
            <Clients choices present=vendor.surface/>
            <Summary violations=draft.violations.clone() fields=KeyForm::SHOWN far=true/>
            <div class="page__columns">
                <div class="page__stack">
                    <section class="panel">
                        <div class="panel__head"><h2>"1. Change the base URL"</h2></div>
                        <div class="panel__body"><BaseUrl value=base_url.clone()/></div>
                    </section>
                    <KeyFields action=page_of(vendor) cancel=all() draft title="2. Create a key for it"/>
                    <Snippets title="3. Make a call" vendor base_url/>
                </div>
                <Help/>
            </div>
        </Page>
    }
}

/// Returns the page's title for this vendor's clients.
pub fn title(vendor: &Vendor) -> String {
    format!("Connect a client for {}", vendor.name)
}

/// The base URL to copy.
#[component]
pub fn BaseUrl(value: String) -> impl IntoView {
    view! {
        <div class="field">
            <label class="field__label" for="base_url">"Base URL"</label>
            <p class="field__hint" id="base_url-hint">"Clients call it base URL, API URL, server URL or host."</p>
            <Copy id="base_url" value of=Some("Base URL") described_by="base_url-hint"/>
        </div>
    }
    .into_any()
}
