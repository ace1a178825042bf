//! A program that invites someone, for each of a vendor's clients.

use crate::app::component::Code;
use leptos::prelude::*;
use vestibule_web::{
    Vendor,
    vendor::{Credential, Snippet},
};

/// The programs. Without credentials, as long as there is no key, they have the credentials' names instead.
#[component]
pub fn Snippets(
    title: &'static str,
    vendor: &'static Vendor,
    base_url: String,
    #[prop(optional)] credentials: Option<Vec<Credential>>,
) -> impl IntoView {
    let outline = credentials.is_none();
    let programs = vendor
        .snippets
        .iter()
        .enumerate()
        .map(|(at, snippet)| {
            let text = match &credentials {
                Some(credentials) => snippet.filled(&base_url, credentials),
                None => snippet.outline(&base_url),
            };
            let secrets = credentials.as_deref().map(|credentials| exports(snippet, credentials)).unwrap_or_default();
            view! { <Program at snippet text secrets/> }
        })
        .collect_view();
    view! {
        <section class="panel">
            <div class="panel__head"><h2>{title}</h2></div>
            <div class="panel__body">
                {outline.then(|| view! { <p class="field__hint">"You get the values in angle brackets with the key."</p> })}
                {programs}
            </div>
        </section>
    }
    .into_any()
}

/// Returns `export SECRET_KEY=…` for each secret. The secret itself is left out, because shells store what is typed.
fn exports(snippet: &Snippet, credentials: &[Credential]) -> Vec<(String, &'static str)> {
    let secrets = snippet.secrets(credentials);
    secrets.into_iter().map(|secret| (format!("export {}=…", secret.variable()), secret.label)).collect()
}

#[component]
fn Program(at: usize, snippet: &'static Snippet, text: String, secrets: Vec<(String, &'static str)>) -> impl IntoView {
    let secrets = secrets
        .into_iter()
        .map(|(export, label)| {
            view! {
                <p class="field__hint">
                    "It reads the " {label.to_lowercase()} " from its environment: " <code>{export}</code>
                </p>
            }
        })
        .collect_view();
    view! {
        <section class="stack">
            <h3>{snippet.language}</h3>
            <Code id=format!("install-{at}") label=format!("Install {}", snippet.client) text=snippet.install/>
            {secrets}
            <Code id=format!("program-{at}") label=format!("Invite with {}", snippet.client) text/>
        </section>
    }
}
