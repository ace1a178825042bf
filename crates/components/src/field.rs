//! What all inputs of a form have: the error below, and what ties the hint and the error to the input.

use crate::{Glyph, Icon};
use leptos::prelude::*;

/// Shows the error at a field, if there is one.
#[component]
pub fn FieldError(name: &'static str, error: Option<String>) -> impl IntoView {
    error.map(|sentence| {
        view! {
            <p class="field__error" id=format!("{name}-error")>
                <Icon glyph=Glyph::Failed/>
                <span>{sentence}</span>
            </p>
        }
    })
}

/// Returns the ids of a field's hint and error, for `aria-describedby`.
pub fn described_by(name: &str, has_hint: bool, has_error: bool) -> Option<String> {
    let hint = has_hint.then(|| format!("{name}-hint"));
    let error = has_error.then(|| format!("{name}-error"));
    let ids: Vec<String> = hint.into_iter().chain(error).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// Returns the value of `aria-invalid`.
pub fn invalid(has_error: bool) -> Option<&'static str> {
    has_error.then_some("true")
}
