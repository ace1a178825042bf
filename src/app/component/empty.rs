//! What an empty list shows: the door, what will be in the list, and what to do.

use super::{Door, DoorState};
use leptos::prelude::*;

/// Shows the placeholder. `children` are the buttons; leave them out for users without the permission.
#[component]
pub fn Empty(title: &'static str, text: String, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    view! {
        <section class="panel">
            <div class="empty">
                <Door state=DoorState::Ajar/>
                <div class="stack stack--tight">
                    <h2>{title}</h2>
                    <p>{text}</p>
                </div>
                {children.map(|children| view! { <div class="row">{children()}</div> })}
            </div>
        </section>
    }
    .into_any()
}
