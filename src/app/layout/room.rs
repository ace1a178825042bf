//! The public frame: one column, phone first, behind a door.

use crate::app::component::{Door, DoorState, Wordmark};
use leptos::prelude::*;

/// `lede` stands under the heading, `aside` under the card.
#[component]
pub fn Room(
    door: DoorState,
    #[prop(into)] title: String,
    #[prop(optional, into)] lede: String,
    #[prop(optional, into)] aside: Option<ViewFnOnce>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="room">
            <main class="room__main" id="main">
                <div class="room__card">
                    <div class="room__door"><Door state=door/></div>
                    <div class="room__head">
                        <h1>{title}</h1>
                        {(!lede.is_empty()).then(|| view! { <p>{lede}</p> })}
                    </div>
                    {children()}
                </div>
                {aside.map(|aside| view! { <p class="room__aside">{aside.run()}</p> })}
            </main>
            <footer class="room__foot"><Wordmark/></footer>
        </div>
    }
    .into_any()
}
