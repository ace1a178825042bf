//! The page for every error that has no page of its own: what happened, and what to do next.

use super::layout::{PublicPage, page};
use crate::app::component::DoorState;
use futures::FutureExt;
use leptos::prelude::*;
use std::sync::Arc;
use vestibule_web::ErrorPage;

/// Returns the function that renders error pages for [`vestibule_web::wrap`].
pub fn error_page(options: LeptosOptions) -> ErrorPage {
    Arc::new(move |error, id| {
        let (options, sentence) = (options.clone(), error.sentence.clone());
        let number = id.filter(|_| error.status.is_server_error()).map(|id| id.as_str().to_owned());
        let room = PublicPage::new(DoorState::Shut, error.title)
            .lead(move || sentence)
            .body(move || number.map(Number))
            .aside(|| view! { <a href="/">"Home"</a> });
        async move { page(&options, error.status, room).await }.boxed()
    })
}

/// The request id, by which an admin can find the error in the log.
#[expect(non_snake_case, reason = "a component with one unnamed property")]
fn Number(id: String) -> AnyView {
    view! { <p class="code">{id}</p> }.into_any()
}
