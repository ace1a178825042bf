//! Where a list would be and nothing is yet: the door, what belongs here, and what to do.

use super::{Door, DoorState};
use leptos::prelude::*;

/// `children` are the buttons; they may be left out for those who may not act.
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
