//! A labelled input: the label, the hint, the input and the error, from top to bottom.

use super::Textarea;
use crate::app::{
    form::Input,
    news::{take_focus, tell},
};
use leptos::prelude::*;
pub use vestibule_components::field::{FieldError, described_by, invalid};

/// The frame around an input, which is passed as children. Give the input the `id` `name`,
/// `aria-describedby=described_by(..)` and `aria-invalid=invalid(..)`.
#[component]
pub fn Field(
    name: &'static str,
    #[prop(into)] label: String,
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

/// A one-line input with its label, hint and error.
#[component]
pub fn TextField(
    input: Input,
    #[prop(into)] label: String,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] inputmode: Option<&'static str>,
    #[prop(optional)] maxlength: Option<u16>,
    #[prop(optional)] optional: bool,
    /// The `id` in the page, if two fields have the same name.
    #[prop(optional)]
    id: Option<&'static str>,
    #[prop(optional, into)] hint: Option<String>,
) -> impl IntoView {
    let Input { name, value, error } = input;
    let id = id.unwrap_or(name);
    let (described, wrong) = (described_by(id, hint.is_some(), error.is_some()), invalid(error.is_some()));
    let has_focus = is_first_problem(error.is_some());
    view! {
        <Field name=id label optional hint=hint.unwrap_or_default() error>
            <input
                class="field__input"
                id=id
                name=name
                type=kind
                value=value.unwrap_or_default()
                autocomplete=autocomplete
                inputmode=inputmode
                maxlength=maxlength
                required=!optional
                autofocus=has_focus
                aria-describedby=described
                aria-invalid=wrong
            />
        </Field>
    }
    .into_any()
}

/// A text area with its label, hint and error. `children` are shown below it.
#[component]
pub fn TextBox(
    input: Input,
    label: &'static str,
    #[prop(default = 4)] rows: u8,
    #[prop(optional)] maxlength: Option<u16>,
    #[prop(optional)] optional: bool,
    /// Off for addresses and other things that are no prose.
    #[prop(default = true)]
    prose: bool,
    #[prop(optional)] hint: Option<&'static str>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let Input { name, value, error } = input;
    let (described_by, invalid) = (described_by(name, hint.is_some(), error.is_some()), invalid(error.is_some()));
    let has_focus = is_first_problem(error.is_some());
    view! {
        <Field name label optional hint=hint.unwrap_or_default() error>
            <Textarea name value=value.unwrap_or_default() rows maxlength prose described_by invalid has_focus/>
            {children.map(|children| children())}
        </Field>
    }
    .into_any()
}

/// Returns whether a field has the focus, because its error is the only news of the page.
fn is_first_problem(has_error: bool) -> bool {
    if has_error {
        tell("1 problem");
    }
    has_error && take_focus()
}
