//! A labelled input: label above, then hint, then field, then error.

use super::{Glyph, Icon};
use leptos::prelude::*;

/// The frame around an input that is passed as children. The input's `id` is `name`; give it
/// `aria-describedby=described_by(..)` and `aria-invalid=invalid(..)`.
#[component]
pub fn Field(
    name: &'static str,
    label: &'static str,
    #[prop(optional)] optional: bool,
    #[prop(optional, into)] hint: Option<String>,
    /// The sentence of what is wrong; see [`crate::app::form::Draft::error`].
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

/// What is wrong with one field; nothing when all is well.
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

/// A one-line input with all that stands around it.
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
    /// In the page, where two fields have the same name.
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

/// The ids of the hint and the error of a field, for `aria-describedby`.
pub fn described_by(name: &str, has_hint: bool, has_error: bool) -> Option<String> {
    let hint = has_hint.then(|| format!("{name}-hint"));
    let error = has_error.then(|| format!("{name}-error"));
    let ids: Vec<String> = hint.into_iter().chain(error).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// The value of `aria-invalid`.
pub fn invalid(has_error: bool) -> Option<&'static str> {
    has_error.then_some("true")
}
