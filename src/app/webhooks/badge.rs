//! The state of a webhook, a delivery or an attempt: an icon with its own shape, and a word.

use crate::app::component::{Glyph, Icon};
use leptos::prelude::*;
use vestibule_domain::webhook::{Attempt, DisabledWhy, WebhookDelivery, WebhookDeliveryState, WebhookEndpoint};

#[component]
pub fn WebhookEndpointBadge(endpoint: WebhookEndpoint) -> impl IntoView {
    let (kind, glyph, word) = match (endpoint.disabled.map(|disabled| disabled.why), endpoint.failing_since) {
        (Some(DisabledWhy::ByHand), _) => ("cancelled", Glyph::Pause, "Disabled"),
        (Some(DisabledWhy::Gone), _) => ("failed", Glyph::Failed, "Disabled: gone"),
        (Some(DisabledWhy::Failing), _) => ("failed", Glyph::Failed, "Disabled: failing"),
        (Some(DisabledWhy::MakerMayNot), _) => ("failed", Glyph::Failed, "Disabled: creator"),
        (None, Some(_)) => ("deferred", Glyph::Warn, "Failing"),
        (None, None) => ("sent", Glyph::Check, "Enabled"),
    };
    view! { <Badge kind glyph word/> }
}

#[component]
pub fn WebhookDeliveryBadge(delivery: WebhookDelivery) -> impl IntoView {
    let (kind, glyph) = match delivery.state {
        WebhookDeliveryState::Pending if delivery.attempts > delivery.tried_before => ("deferred", Glyph::Deferred),
        WebhookDeliveryState::Pending => ("queued", Glyph::Queued),
        WebhookDeliveryState::Delivered => ("sent", Glyph::Check),
        WebhookDeliveryState::Failed => ("failed", Glyph::Failed),
        WebhookDeliveryState::Cancelled => ("cancelled", Glyph::Pause),
        WebhookDeliveryState::Held => ("held", Glyph::Pause),
    };
    view! { <Badge kind glyph word=delivery.state.label()/> }
}

#[component]
pub fn AttemptBadge(attempt: Attempt) -> impl IntoView {
    let words = match (attempt.status, attempt.error) {
        (Some(status), _) => status.to_string(),
        (None, Some(error)) => error,
        (None, None) => "No response".to_owned(),
    };
    let is_success = attempt.status.is_some_and(|status| (200..300).contains(&status));
    let (kind, glyph) = if is_success { ("sent", Glyph::Check) } else { ("failed", Glyph::Failed) };
    view! { <Badge kind glyph word=words/> }
}

#[component]
fn Badge(kind: &'static str, glyph: Glyph, #[prop(into)] word: String) -> impl IntoView {
    view! { <span class=format!("mail-state mail-state--{kind}")><Icon glyph/>{word}</span> }
}
