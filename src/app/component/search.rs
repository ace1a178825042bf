//! The search form above a list. It submits as a query of the page; with scripts, the list updates while the user types
//! and chooses.

use super::{Glyph, Icon, Key};
use crate::app::form::Input;
use leptos::prelude::*;
use vestibule_web::Day;

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
    view! { <FilterChoice name label="Role" any="Any role" options=roles chosen/> }
}

/// A field to filter a list by one of these, which are given as `(value, name)`. `any` is the choice of all.
#[component]
pub fn FilterChoice(
    name: &'static str,
    label: &'static str,
    any: &'static str,
    options: Vec<(String, String)>,
    chosen: Option<String>,
) -> impl IntoView {
    let options = options.into_iter().map(|(value, name)| {
        let selected = chosen.as_ref() == Some(&value);
        view! { <option value=value selected=selected>{name}</option> }
    });
    view! {
        <label class="sr" for=name>{label}</label>
        <select class="field__input" id=name name=name>
            <option value="">{any}</option>
            {options.collect_view()}
        </select>
    }
    .into_any()
}

/// Two fields to filter a list by days in UTC: the first and the last one, each with its name and what is chosen.
/// `label` is that of the first.
#[component]
pub fn FilterDays(
    label: &'static str,
    first: (&'static str, Option<Day>),
    last: (&'static str, Option<Day>),
) -> impl IntoView {
    let field = |label: &'static str, (name, day): (&'static str, Option<Day>)| {
        let value = day.map(|day| day.to_string()).unwrap_or_default();
        view! {
            <label for=name>{label}</label>
            <input class="field__input" type="date" id=name name=name value=value/>
        }
    };
    view! { <span class="filters__days">{field(label, first)} {field("to", last)}</span> }.into_any()
}
