//! Creating a webhook, whose secret is then shown once, and editing one.

use super::{fields::WebhookFields, list, page_of};
use crate::app::{
    component::{Copy, Notice, Submit, Summary, Tone},
    context::{Id, sent},
    form::{Draft, Fields},
    layout::Page,
    visit::Visit,
};
use axum::response::Response;
use leptos::prelude::*;
use vestibule_core::service;
use vestibule_domain::webhook::Endpoint;
use vestibule_domain::{EndpointId, Permission};

pub async fn new(visit: Visit) -> Response {
    new_page(visit, Draft::default())
}

/// Shows the form for a new webhook, with a draft.
pub fn new_page(visit: Visit, draft: Draft) -> Response {
    let allowed = visit.demand(Permission::WebhookEdit);
    visit.show(allowed, move |()| {
        let (href, _) = list();
        view! {
            <Page title="New webhook" back=list() class="page page--form">
                <Form draft action=format!("{href}/new") cancel=href verb="Make the webhook" busy="Making…"/>
            </Page>
        }
    })
}

pub async fn edit(visit: Visit, Id(id): Id<EndpointId>) -> Response {
    let endpoint = sent(visit.vestibule().webhook(&visit.scope, id)).await;
    let draft = endpoint.as_ref().map(stored).unwrap_or_default();
    edit_page(visit, endpoint, draft)
}

/// Shows the form for an existing webhook, with a draft.
pub fn edit_page(visit: Visit, endpoint: service::Result<Endpoint>, draft: Draft) -> Response {
    visit.show(endpoint, move |endpoint| {
        let href = page_of(endpoint.id);
        view! {
            <Page title="Change the webhook" back=(href.clone(), "The webhook") class="page page--form">
                <Form draft action=format!("{href}/edit") cancel=href verb="Save" busy="Saving…"/>
            </Page>
        }
    })
}

/// Shows the webhook with its secret.
pub fn made(visit: Visit, endpoint: Endpoint, secret: String, title: &'static str) -> Response {
    visit.show(Ok(()), move |()| view! { <Made endpoint secret title/> })
}

/// Returns the form filled in with the webhook's values.
fn stored(endpoint: &Endpoint) -> Draft {
    let description = endpoint.description.as_ref().map_or_else(String::new, ToString::to_string);
    let mut fields =
        vec![("url".to_owned(), endpoint.url.as_str().to_owned()), ("description".to_owned(), description)];
    fields.extend(endpoint.actions.iter().map(|action| ("actions".to_owned(), action.clone())));
    Draft { fields: Fields(fields), violations: Vec::new() }
}

#[component]
fn Form(draft: Draft, action: String, cancel: String, verb: &'static str, busy: &'static str) -> impl IntoView {
    view! {
        <Summary violations=draft.violations.clone()/>
        <form class="panel" method="post" action=action novalidate data-send>
            <div class="panel__body"><WebhookFields draft/></div>
            <div class="panel__foot">
                <Submit busy>{verb}</Submit>
                <a class="button button--quiet" href=cancel>"Cancel"</a>
            </div>
        </form>
    }
}

#[component]
fn Made(endpoint: Endpoint, secret: String, title: &'static str) -> impl IntoView {
    let href = page_of(endpoint.id);
    let rotated = endpoint.rotated_at.map(|_| {
        view! { <p class="field__hint">"For 24 hours the secret before signs as well. Change it in your server before then."</p> }
    });
    view! {
        <Page title back=list() class="page page--form">
            <Notice
                tone=Tone::Warning
                title="This is the only time that it is shown"
                text="Copy it now, to where your server keeps its secrets. With it your server knows that a webhook is from here."
            />
            <section class="panel">
                <div class="panel__body">
                    <div class="field">
                        <label class="field__label" for="secret">"Signing secret"</label>
                        <Copy id="secret" value=secret/>
                    </div>
                    {rotated}
                    <p class="field__hint">
                        "Signatures follow the Standard Webhooks specification: any of its libraries verifies them."
                    </p>
                </div>
                <div class="panel__foot">
                    <a class="button button--main" href=href>"Done"</a>
                </div>
            </section>
        </Page>
    }
}
