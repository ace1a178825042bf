//! The key that was created, as the credentials that a client needs. Secrets are shown only once.

use super::{all, help::Help, new::BaseUrl, snippets::Snippets};
use crate::app::{
    component::{Code, Copy, Notice, NoticeKind},
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use leptos::prelude::*;
use vestibule_domain::ApiKey;
use vestibule_web::{Vendor, vendor::Credential};

/// Shows the credentials of a new key.
pub async fn page(
    context: PortalContext,
    vendor: &'static Vendor,
    key: ApiKey,
    credentials: Vec<Credential>,
) -> Response {
    let base_url = vendor.base_url(context.vestibule().settings());
    context.page(move || view! { <Created vendor base_url key credentials/> }).await
}

#[component]
fn Created(vendor: &'static Vendor, base_url: String, key: ApiKey, credentials: Vec<Credential>) -> impl IntoView {
    let keys = format!("/o/{}/keys", use_portal_frame().organization.slug);
    let fields = credentials.iter().map(|credential| view! { <Field credential=credential.clone()/> }).collect_view();
    view! {
        <Page title=format!("The key {} is made", key.name) back=(all(), "Connect a client")>
            <Notice
                tone=NoticeKind::Warning
                title="This is the only time that its secrets are shown"
                text="Copy them now, to where your client keeps its secrets. Whoever has them can do what the key may."
            />
            <div class="page__columns">
                <div class="page__stack">
                    <section class="panel">
                        <div class="panel__head"><h2>{vendor.name}</h2></div>
                        <div class="panel__body">
                            <BaseUrl value=base_url.clone()/>
                            {fields}
                        </div>
                        <div class="panel__foot">
                            <a class="button button--main" href=keys.clone()>"Done"</a>
                            <p class="small quiet">"It can be revoked at " <a href=keys>"API keys"</a> "."</p>
                        </div>
                    </section>
                    <Snippets title="Make a call" vendor base_url credentials/>
                </div>
                <Help/>
            </div>
        </Page>
    }
}

#[component]
fn Field(credential: Credential) -> impl IntoView {
    let Credential { name, label, value, is_secret } = credential;
    // the field of a credential has a single line
    if value.contains('\n') {
        return view! { <Code id=name label text=value/> }.into_any();
    }
    let hint = if is_secret { "A secret, shown only now." } else { "Not a secret." };
    let hint_id = format!("{name}-hint");
    view! {
        <div class="field">
            <label class="field__label" for=name>{label}</label>
            <p class="field__hint" id=hint_id.clone()>{hint}</p>
            <Copy id=name value of=Some(label) described_by=hint_id/>
        </div>
    }
    .into_any()
}
