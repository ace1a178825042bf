//! The delivery state of a mail: inconspicuous unless someone has to act.

use crate::{Glyph, Icon};
use leptos::prelude::*;
use vestibule_domain::MailState;

#[component]
pub fn MailStateBadge(state: MailState) -> impl IntoView {
    view! {
        <span class=format!("mail-state mail-state--{state}")>
            <Icon glyph=glyph(state)/>
            {state.label()}
        </span>
    }
}

fn glyph(state: MailState) -> Glyph {
    match state {
        MailState::Queued => Glyph::Queued,
        MailState::Sent => Glyph::Sent,
        MailState::Deferred => Glyph::Deferred,
        MailState::Failed => Glyph::Failed,
        MailState::Cancelled => Glyph::Pause,
        MailState::LinkOnly => Glyph::Link,
        MailState::Held => Glyph::Pause,
    }
}
