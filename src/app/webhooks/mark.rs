//! The state of a webhook, a delivery or an attempt: an icon with its own shape, and a word.

use crate::app::component::{Glyph, Icon};
use leptos::prelude::*;
use vestibule_domain::webhook::{Attempt, Delivery, DeliveryState, DisabledWhy, Endpoint};

#[component]
pub fn EndpointMark(endpoint: Endpoint) -> impl IntoView {
    let (kind, glyph, word) = match (endpoint.disabled.map(|disabled| disabled.why), endpoint.failing_since) {
        (Some(DisabledWhy::ByHand), _) => ("cancelled", Glyph::Pause, "Disabled"),
        (Some(DisabledWhy::Gone), _) => ("failed", Glyph::Failed, "Disabled: gone"),
        (Some(DisabledWhy::Failing), _) => ("failed", Glyph::Failed, "Disabled: failing"),
        (Some(DisabledWhy::MakerMayNot), _) => ("failed", Glyph::Failed, "Disabled: maker"),
        (None, Some(_)) => ("deferred", Glyph::Warn, "Failing"),
        (None, None) => ("sent", Glyph::Check, "Enabled"),
    };
    view! { <Mark kind glyph word/> }
}

#[component]
pub fn DeliveryMark(delivery: Delivery) -> impl IntoView {
    let (kind, glyph) = match delivery.state {
        DeliveryState::Pending if delivery.attempts > delivery.tried_before => ("deferred", Glyph::Deferred),
        DeliveryState::Pending => ("queued", Glyph::Queued),
        DeliveryState::Delivered => ("sent", Glyph::Check),
        DeliveryState::Failed => ("failed", Glyph::Failed),
        DeliveryState::Cancelled => ("cancelled", Glyph::Pause),
        DeliveryState::Held => ("held", Glyph::Pause),
    };
    view! { <Mark kind glyph word=delivery.state.label()/> }
}

#[component]
pub fn AttemptMark(attempt: Attempt) -> impl IntoView {
    let words = match (attempt.status, attempt.error) {
        (Some(status), _) => status.to_string(),
        (None, Some(error)) => error,
        (None, None) => "Nothing".to_owned(),
    };
    let is_success = attempt.status.is_some_and(|status| (200..300).contains(&status));
    let (kind, glyph) = if is_success { ("sent", Glyph::Check) } else { ("failed", Glyph::Failed) };
    view! { <Mark kind glyph word=words/> }
}

#[component]
fn Mark(kind: &'static str, glyph: Glyph, #[prop(into)] word: String) -> impl IntoView {
    view! { <span class=format!("mail-state mail-state--{kind}")><Icon glyph/>{word}</span> }
}
