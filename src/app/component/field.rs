//! A labelled input: the label, the hint, the input and the error, from top to bottom.

use super::{Glyph, Icon};
use leptos::prelude::*;

/// The frame around an input, which is passed as children. Give the input the `id` `name`,
/// `aria-describedby=described_by(..)` and `aria-invalid=invalid(..)`.
#[component]
pub fn Field(
    name: &'static str,
    label: &'static str,
    #[prop(optional)] optional: bool,
    #[prop(optional, into)] hint: Option<String>,
    /// The error at this field; see [`crate::app::form::Draft::error`].
    error: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field">
            <label class="field__label" for=name>
                {label}
                {optional.then(|| view! { <span class="field__optional">" (optional)"</span> })}
            </label>
            {hint
                .filter(|hint| !hint.is_empty())
                .map(|hint| view! { <p class="field__hint" id=format!("{name}-hint")>{hint}</p> })}
            {children()}
            <FieldError name error/>
        </div>
    }
    .into_any()
}

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

/// A one-line input with its label, hint and error.
#[component]
pub fn TextField(
    name: &'static str,
    label: &'static str,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] inputmode: Option<&'static str>,
    #[prop(optional)] maxlength: Option<u16>,
    #[prop(optional)] optional: bool,
    /// The `id` in the page, if two fields have the same name.
    #[prop(optional)]
    id: Option<&'static str>,
    #[prop(optional, into)] hint: Option<String>,
    error: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or(name);
    let (described, wrong) = (described_by(id, hint.is_some(), error.is_some()), invalid(error.is_some()));
    view! {
        <Field name=id label optional hint=hint.unwrap_or_default() error>
            <input
                class="field__input"
                id=id
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                inputmode=inputmode
                maxlength=maxlength
                required=!optional
                aria-describedby=described
                aria-invalid=wrong
            />
        </Field>
    }
    .into_any()
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
