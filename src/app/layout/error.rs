//! The page that is shown when a page failed.

use crate::app::component::{Door, DoorState};
use crate::app::{page_error::PageError, portal_context::use_page_path, shell::set_title};
use leptos::prelude::*;

/// Shows what happened and what to do next.
#[component]
pub fn PortalError(error: PageError) -> impl IntoView {
    set_title(error.title().to_owned());
    view! {
        <section class="panel">
            <div class="empty">
                <Door state=DoorState::Shut/>
                <div class="stack stack--tight">
                    <h1>{error.title()}</h1>
                    <p>{error.sentence()}</p>
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
