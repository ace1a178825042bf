//! Asks once before a key is revoked.

use crate::app::{
    component::Submit,
    context::{Id, sent},
    layout::Page,
    visit::{Visit, use_whereabouts},
};
use crate::domain::{ApiKey, ApiKeyId};
use axum::response::Response;
use leptos::prelude::*;

pub async fn revoke(visit: Visit, Id(id): Id<ApiKeyId>) -> Response {
    let key = sent(visit.vestibule().api_key(&visit.scope, id)).await;
    visit.show(key, |key| view! { <Revoke key/> })
}

#[component]
fn Revoke(key: ApiKey) -> impl IntoView {
    let list = format!("/o/{}/keys", use_whereabouts().organization.slug);
    let (name, back) = (key.name.to_string(), (list.clone(), "API keys"));
    let action = format!("{list}/{}/revoke", key.id);
    view! {
        <Page title=format!("Revoke {name}?") back class="page page--form">
            <form class="panel" method="post" action=action>
                <div class="panel__body">
                    <p>
                        "Programs that show this key, which ends in " <code>{key.hint}</code>
                        ", are refused at once. Whom it has invited as a plain member can still accept; other roles that \
                         it has offered are void. This cannot be taken back."
                    </p>
                </div>
                <div class="panel__foot">
                    <Submit class="button button--danger-fill" busy="Revoking…">"Revoke "<bdi>{name}</bdi></Submit>
                    <a class="button button--quiet" href=list>"Cancel"</a>
                </div>
            </form>
        </Page>
    }
}
