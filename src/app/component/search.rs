//! The search form above a list. It submits as a query of the page; with scripts, the list updates while the user types
//! and chooses.

use super::{Glyph, Icon, Key};
use crate::app::form::Input;
use leptos::prelude::*;

/// The button for browsers without scripts. It is a constant because `view!` takes only a literal for the attribute of
/// that name.
const BUTTON: &str = r#"<button class="button">Search</button>"#;

/// The form. `name` is the list's, `label` says what can be found, and `input` is the field with the current search.
/// `children` are further fields. Browsers without scripts show a button at the end.
#[component]
pub fn Search(
    name: &'static str,
    label: &'static str,
    input: Input,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <form class="filters" role="search" aria-label=name method="get">
            <div class="filters__search">
                <Icon glyph=Glyph::Search/>
                <label class="sr" for=input.name>{label}</label>
                <input
                    class="field__input"
                    type="search"
                    id=input.name
                    name=input.name
                    placeholder=label
                    value=input.value.unwrap_or_default()
                />
                <Key of="/"/>
            </div>
            {children.map(|children| children())}
            <noscript inner_html=BUTTON></noscript>
        </form>
    }
    .into_any()
}

/// The field to filter a list by role. Roles are given as `(value, name)`.
#[component]
pub fn RoleChoice(name: &'static str, roles: Vec<(String, String)>, chosen: Option<String>) -> impl IntoView {
    let options = roles.into_iter().map(|(id, name)| {
        let selected = chosen.as_ref() == Some(&id);
        view! { <option value=id selected=selected>{name}</option> }
    });
    view! {
        <label class="sr" for=name>"Role"</label>
        <select class="field__input" id=name name=name>
            <option value="">"Any role"</option>
            {options.collect_view()}
        </select>
    }
    .into_any()
}
