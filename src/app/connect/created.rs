//! The key that was created, as the credentials that a client needs. Secrets are shown only once.

use super::{VendorPath, all, help::Help, new::BaseUrl, snippets::Snippets};
use crate::app::{
    api_keys::new::ShownBefore,
    component::{Code, Copy, Notice, NoticeKind},
    context::PathId,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service::{self, NotFound};
use vestibule_domain::{ApiKey, ApiKeyId};
use vestibule_web::{
    Vendor,
    vendor::{Connection, Credential},
};

/// Shows the credentials of a new key, with its secrets if it is the first time.
pub async fn created(context: PortalContext, VendorPath(vendor): VendorPath, PathId(id): PathId<ApiKeyId>) -> Response {
    let key = read(&context, vendor, id).boxed().await;
    let base_url = vendor.base_url(context.vestibule().settings());
    let credentials = key.as_ref().map(|key| credentials(&context, vendor, key)).unwrap_or_default();
    let is_first = context.secret.is_some();
    context.show(key, move |key| view! { <Created vendor base_url key credentials is_first/> }).await
}

async fn read(context: &PortalContext, vendor: &Vendor, id: ApiKeyId) -> service::Result<ApiKey> {
    let key = context.vestibule().api_keys().get(&context.scope, id).await?;
    if key.surface == vendor.surface { Ok(key) } else { Err(NotFound::ApiKey.into()) }
}

/// Returns the credentials of a client, which invites in the name of the person who created its key. Without the
/// secret, they are those that are not secret.
fn credentials(context: &PortalContext, vendor: &Vendor, key: &ApiKey) -> Vec<Credential> {
    let (access_token, _) = context.vestibule().api_keys().access_token(key);
    let all = (vendor.credentials)(&Connection {
        organization: context.scope.organization(),
        key,
        token: context.secret.as_deref().unwrap_or_default(),
        access_token: access_token.as_str(),
        person: Some(context.portal_frame.user.id),
    });
    all.into_iter().filter(|credential| context.secret.is_some() || !credential.is_secret).collect()
}

#[component]
fn Created(
    vendor: &'static Vendor,
    base_url: String,
    key: ApiKey,
    credentials: Vec<Credential>,
    is_first: bool,
) -> impl IntoView {
    let keys = format!("/o/{}/keys", use_portal_frame().organization.slug);
    let fields = credentials.iter().map(|credential| view! { <Field credential=credential.clone()/> }).collect_view();
    let notice = match is_first {
        true => view! { <ShownNow/> }.into_any(),
        false => view! { <ShownBefore revoke=format!("{keys}/{}/revoke", key.id)/> }.into_any(),
    };
    view! {
        <Page title=format!("Key {} created", key.name) back=(all(), "Connect a client")>
            {notice}
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
                            <p class="small quiet">"You can revoke it at " <a href=keys>"API keys"</a> "."</p>
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
fn ShownNow() -> impl IntoView {
    view! {
        <Notice
            tone=NoticeKind::Warning
            title="You won’t see these secrets again. Copy them somewhere safe now."
            text="Anyone who has them can do everything that the key allows."
        />
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
