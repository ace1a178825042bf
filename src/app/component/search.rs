//! The form above a list that searches it. It asks by its address; with scripts the list follows as one types and
//! chooses.

use super::{Glyph, Icon, Key};
use leptos::prelude::*;

/// For those without scripts. Named, as the `view!` macro takes a literal for an attribute of that name.
const BUTTON: &str = r#"<button class="button">Search</button>"#;

/// `name` is the list's, `label` says what is found, `text` is what the address asks for now. `children` are further
/// fields. Without scripts a button stands at the end.
#[component]
pub fn Search(
    name: &'static str,
    label: &'static str,
    text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <form class="filters" role="search" aria-label=name method="get">
            <div class="filters__search">
                <Icon glyph=Glyph::Search/>
                <label class="sr" for="q">{label}</label>
                <input class="field__input" type="search" id="q" name="q" placeholder=label value=text/>
                <Key of="/"/>
            </div>
            {children.map(|children| children())}
            <noscript inner_html=BUTTON></noscript>
        </form>
    }
    .into_any()
}

/// The roles to narrow the list down to, as `(value, name)`.
#[component]
pub fn RoleChoice(roles: Vec<(String, String)>, chosen: Option<String>) -> impl IntoView {
    let options = roles.into_iter().map(|(id, name)| {
        let selected = chosen.as_ref() == Some(&id);
        view! { <option value=id selected=selected>{name}</option> }
    });
    view! {
        <label class="sr" for="role">"Role"</label>
        <select class="field__input" id="role" name="role">
            <option value="">"Any role"</option>
            {options.collect_view()}
        </select>
    }
    .into_any()
}
