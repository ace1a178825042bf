//! A form in a panel: its fields, the submit button, and a link to cancel.

use super::Submit;
use leptos::prelude::*;

/// The form. `verb` is the button's label, `busy` its label while the form is being sent. `title` is for pages with
/// more than the form. Errors are shown at the fields by the server, not by the browser.
#[component]
pub fn FormPanel(
    action: String,
    cancel: String,
    verb: &'static str,
    busy: &'static str,
    /// Shown before the label.
    #[prop(optional, into)]
    icon: Option<ViewFnOnce>,
    #[prop(optional_no_strip)] title: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    view! {
        <form class="panel" method="post" action=action novalidate data-send>
            {title.map(|title| view! { <div class="panel__head"><h2>{title}</h2></div> })}
            <div class="panel__body">{children()}</div>
            <div class="panel__foot">
                <Submit busy>{icon.map(|icon| icon.run())} {verb}</Submit>
                <a class="button button--quiet" href=cancel>"Cancel"</a>
            </div>
        </form>
    }
    .into_any()
}
