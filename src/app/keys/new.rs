//! Creating a key: its permissions and expiry, then its token, which is shown only once.

use super::form::{KeyFields, KeyForm};
use crate::app::{
    component::{Copy, Notice, Summary, Tone},
    form::Draft,
    layout::Page,
    visit::{Visit, use_whereabouts},
};
use axum::response::Response;
use leptos::prelude::*;
use vestibule_domain::{ApiKey, Permission};

pub async fn new(visit: Visit) -> Response {
    page(visit, Draft::of(KeyForm::usual("")))
}

/// Shows the form, with a draft.
pub fn page(visit: Visit, draft: Draft<KeyForm>) -> Response {
    let allowed = visit.demand(Permission::KeyEdit);
    visit.show(allowed, move |()| view! { <New draft/> })
}

/// Shows the new key with its token.
pub fn made(visit: Visit, key: ApiKey, token: String) -> Response {
    visit.show(Ok(()), move |()| view! { <Made key token/> })
}

fn keys() -> (String, &'static str) {
    (format!("/o/{}/keys", use_whereabouts().organization.slug), "API keys")
}

#[component]
fn New(draft: Draft<KeyForm>) -> impl IntoView {
    let (list, _) = keys();
    let connect = format!("/o/{}/connect", use_whereabouts().organization.slug);
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
fn Made(key: ApiKey, token: String) -> impl IntoView {
    let (list, _) = keys();
    let example = format!(
        "curl {}/api/v1/organizations/{} -H \"Authorization: Bearer $KEY\"",
        "$VESTIBULE",
        use_whereabouts().organization.slug
    );
    view! {
        <Page title=format!("The key {} is made", key.name) back=keys() class="page page--form">
            <Notice
                tone=Tone::Warning
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
