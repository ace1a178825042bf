//! The signed-in user's account, and the download of their data.

use super::layout::PublicPage;
use super::visitor::{PageResult, Visitor};
use crate::app::component::DoorState;
use crate::app::context::{AppState, SignedIn, respond_to};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_web::export::document;

/// Shows the account.
pub async fn show(SignedIn(user): SignedIn, visitor: Visitor) -> PageResult {
    let organizations = visitor.vestibule().organizations().of_user(&user).await?;
    let (name, email) = (user.name.to_string(), user.email.typed().to_owned());
    let names: Vec<String> = organizations.iter().map(|organization| organization.name.to_string()).collect();
    let room = PublicPage::new(DoorState::Open, "Your profile")
        .lead(move || view! { <bdi>{name}</bdi>", "<bdi>{email}</bdi> })
        .body(move || {
            let names = names.into_iter().map(|name| view! { <li><bdi>{name}</bdi></li> }).collect_view();
            view! {
                <div class="stack stack--loose">
                    <p>"You belong to:"</p>
                    <ul>{names}</ul>
                    <a class="button button--wide" href="/profile/export" download>"Download your data"</a>
                    <p class="small quiet">
                        "To have your data erased, ask an owner of each organization, or the people who run this \
                         installation."
                    </p>
                </div>
            }
        })
        .aside(|| view! { <a href="/">"Back to your organizations"</a> });
    Ok(visitor.page(StatusCode::OK, room).await)
}

/// Returns the user's data as a file.
pub async fn export(State(state): State<AppState>, SignedIn(user): SignedIn) -> Response {
    match state.vestibule.personal_data().export_own(&user).boxed().await {
        Ok(pieces) => document("my-data", pieces),
        Err(error) => respond_to(error, "/profile"),
    }
}
