//! The page that is shown when a page failed.

use crate::app::component::{Door, DoorState};
use crate::app::{portal_context::use_page_path, shell::Title};
use leptos::prelude::*;
use vestibule_functions::FunctionError;

/// Shows what happened and what to do next.
#[component]
pub fn ErrorPanel(error: FunctionError) -> impl IntoView {
    let FunctionError { title, sentence, .. } = error;
    view! {
        <Title text=title.clone()/>
        <section class="panel">
            <div class="empty">
                <Door state=DoorState::Shut/>
                <div class="stack stack--tight">
                    <h1>{title}</h1>
                    <p>{sentence}</p>
                </div>
                <div class="row">
                    <a class="button" href=use_page_path()>"Try again"</a>
                    <a class="button button--quiet" href="/">"To the start"</a>
                </div>
            </div>
        </section>
    }
    .into_any()
}
