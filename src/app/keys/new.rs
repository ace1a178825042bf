//! A new key: what it may do and until when; then its token, this once.

use crate::app::{
    component::{Copy, Glyph, Icon, Notice, Permissions, Submit, Summary, TextField, Tone, field::FieldError},
    form::Draft,
    layout::Page,
    visit::{Visit, use_whereabouts},
};
use crate::domain::{ApiKey, Name, Permission};
use axum::response::Response;
use leptos::prelude::*;

/// What most programs need.
const USUAL: [Permission; 3] = [Permission::OrganizationRead, Permission::UserRead, Permission::UserInvite];

pub async fn new(visit: Visit) -> Response {
    page(visit, None)
}

/// Again with what was typed, when some of it was refused.
pub fn page(visit: Visit, draft: Option<Draft>) -> Response {
    let allowed = visit.demand(Permission::KeyEdit);
    visit.show(allowed, move |()| view! { <New draft/> })
}

/// The key that was made, with its token.
pub fn made(visit: Visit, key: ApiKey, token: String) -> Response {
    visit.show(Ok(()), move |()| view! { <Made key token/> })
}

fn keys() -> (String, &'static str) {
    (format!("/o/{}/keys", use_whereabouts().organization.slug), "API keys")
}

#[component]
fn New(draft: Option<Draft>) -> impl IntoView {
    const MAX: u16 = Name::MAX_CHARS as u16;
    let (list, _) = keys();
    let action = format!("{list}/new");
    let chosen = draft.as_ref().map_or_else(|| USUAL.to_vec(), |draft| draft.fields.parsed("permissions"));
    let held = use_whereabouts().permissions;
    let draft = draft.unwrap_or_default();
    view! {
        <Page title="New API key" back=keys() class="page page--form">
            <Summary violations=draft.violations.clone()/>
            <form class="panel" method="post" action=action novalidate data-send>
                <div class="panel__body">
                    <TextField
                        name="name"
                        label="Name"
                        hint="To tell keys apart: the program that will use it."
                        value=draft.text("name")
                        maxlength=MAX
                        autocomplete="off"
                        error=draft.error("name")
                    />
                    <Permissions
                        held
                        chosen
                        hint="No more than you may yourself. It can give no role that allows more than this."
                        error=draft.error("permissions")
                    />
                    <End chosen=draft.text("expires_in_days") error=draft.error("expires_at")/>
                </div>
                <div class="panel__foot">
                    <Submit busy="Making…">
                        <Icon glyph=Glyph::Key/>
                        "Make the key"
                    </Submit>
                    <a class="button button--quiet" href=list>"Cancel"</a>
                </div>
            </form>
        </Page>
    }
}

#[component]
fn End(chosen: String, error: Option<String>) -> impl IntoView {
    let ends = [("", "When it is revoked"), ("30", "30 days"), ("90", "90 days"), ("365", "A year")];
    let options = ends
        .map(|(value, words)| view! { <option value=value selected=value == chosen>{words}</option> })
        .collect_view();
    view! {
        <div class="field">
            <label class="field__label" for="expires_in_days">"Ends after"</label>
            <select class="field__input" id="expires_in_days" name="expires_in_days">{options}</select>
            <FieldError name="expires_in_days" error/>
        </div>
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
