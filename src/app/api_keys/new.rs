//! Creating a key: its permissions and expiry, then its token, which is shown only once.

use super::form::{KeyFields, KeyForm};
use crate::app::{
    component::{Copy, Notice, NoticeKind, Summary},
    form::Draft,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use leptos::prelude::*;
use vestibule_domain::{ApiKey, Permission};

pub async fn new(context: PortalContext) -> Response {
    page(context, Draft::of(KeyForm::usual(""))).await
}

/// Shows the form, with a draft.
pub async fn page(context: PortalContext, draft: Draft<KeyForm>) -> Response {
    let allowed = context.demand(Permission::KeyEdit);
    context.show(allowed, move |()| view! { <New draft/> }).await
}

/// Shows the new key with its token.
pub async fn created(context: PortalContext, key: ApiKey, token: String) -> Response {
    context.page(move || view! { <Created key token/> }).await
}

fn keys() -> (String, &'static str) {
    (format!("/o/{}/keys", use_portal_frame().organization.slug), "API keys")
}

#[component]
fn New(draft: Draft<KeyForm>) -> impl IntoView {
    let (list, _) = keys();
    let connect = format!("/o/{}/connect", use_portal_frame().organization.slug);
    let under = || {
        view! {
            <p class="page__lede">
                "For a program of your own. A client that was written for another product gets its key at "
                <a href=connect>"Connect a client"</a> "."
            </p>
        }
    };
    view! {
        <Page title="New API key" back=keys() class="page page--form" under>
            <Summary violations=draft.violations.clone()/>
            <KeyFields action=format!("{list}/new") cancel=list draft/>
        </Page>
    }
}

#[component]
fn Created(key: ApiKey, token: String) -> impl IntoView {
    let (list, _) = keys();
    let example = format!(
        "curl {}/api/v1/organizations/{} -H \"Authorization: Bearer $KEY\"",
        "$VESTIBULE",
        use_portal_frame().organization.slug
    );
    view! {
        <Page title=format!("The key {} is made", key.name) back=keys() class="page page--form">
            <Notice
                tone=NoticeKind::Warning
                title="This is the only time that it is shown"
                text="Copy it now, to where your program keeps its secrets. Whoever has it can do what it may."
            />
            <section class="panel">
                <div class="panel__body">
                    <div class="field">
                        <label class="field__label" for="token">"Key"</label>
                        <Copy id="token" value=token/>
                    </div>
                    <p class="field__hint">"Try it: " <code>{example}</code></p>
                </div>
                <div class="panel__foot">
                    <a class="button button--main" href=list>"Done"</a>
                    <a class="button button--quiet" href="/api/docs/">"Read the API"</a>
                </div>
            </section>
        </Page>
    }
}
