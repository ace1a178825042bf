//! Creating a key: its permissions and expiry, then its token, which is shown only once.

use super::form::{KeyFields, KeyForm};
use crate::app::{
    component::{Copy, Notice, NoticeKind, Summary},
    context::PathId,
    form::Draft,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_domain::{ApiKey, ApiKeyId, Permission};

pub async fn new(context: PortalContext) -> Response {
    page(context, Draft::of(KeyForm::usual(""))).await
}

/// Shows the form, with a draft.
pub async fn page(context: PortalContext, draft: Draft<KeyForm>) -> Response {
    let allowed = context.demand(Permission::KeyEdit);
    context.show(allowed, move |()| view! { <New draft/> }).await
}

/// Shows the new key, with its token if it is the first time.
pub async fn created(context: PortalContext, PathId(id): PathId<ApiKeyId>) -> Response {
    let key = context.vestibule().api_keys().get(&context.scope, id).boxed().await;
    let (token, url) = (context.secret.clone(), context.vestibule().settings().public_url.clone());
    context.show(key, move |key| view! { <Created key token url/> }).await
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
                "For a program of your own. A client written for another product gets its key under "
                <a href=connect>"Connect a client"</a> "."
            </p>
        }
    };
    view! {
        <Page title="New API key" back=keys() class="page page--form" under>
            <Summary violations=draft.violations.clone() fields=KeyForm::SHOWN/>
            <KeyFields action=format!("{list}/new") cancel=list draft/>
        </Page>
    }
}

#[component]
fn Created(key: ApiKey, token: Option<String>, url: String) -> impl IntoView {
    let (list, _) = keys();
    let slug = use_portal_frame().organization.slug.clone();
    let example = format!("curl {url}/api/v1/organizations/{slug} -H \"Authorization: Bearer $KEY\"");
    let name = key.name.to_string();
    let body = match token {
        Some(token) => view! { <Token token example list/> }.into_any(),
        None => view! { <ShownBefore revoke=format!("{list}/{}/revoke", key.id)/> }.into_any(),
    };
    view! { <Page title=format!("Key {name} created") back=keys() class="page page--form">{body}</Page> }
}

#[component]
fn Token(token: String, example: String, list: String) -> impl IntoView {
    view! {
        <Notice
            tone=NoticeKind::Warning
            title="You won’t see this again. Copy it somewhere safe now."
            text="Anyone who has the key can do everything that it allows."
        />
        <section class="panel">
            <div class="panel__body">
                <div class="field">
                    <label class="field__label" for="token">"Key"</label>
                    <Copy id="token" value=token/>
                </div>
                <p class="field__hint">"Try it, with the key in " <code>"$KEY"</code> ": " <code>{example}</code></p>
            </div>
            <div class="panel__foot">
                <a class="button button--main" href=list>"Done"</a>
                <a class="button button--quiet" href="/api/docs/">"Read the API reference"</a>
            </div>
        </section>
    }
}

/// In place of the secret when the page is opened again. `revoke` is the page that revokes the key.
#[component]
pub fn ShownBefore(revoke: String) -> impl IntoView {
    view! {
        <Notice
            tone=NoticeKind::Warning
            title="This key was shown once, and can’t be shown again"
            text="If nobody has copied it, revoke it and create another."
        >
            <a href=revoke>"Revoke this key"</a>
        </Notice>
    }
}
