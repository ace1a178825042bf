//! Asks for confirmation before an action that can't be undone.

use super::Submit;
use leptos::prelude::*;

/// A form without fields to fill in. `children` say what happens; `verb` is the button's label, `busy` its label while
/// the form is being sent.
#[component]
pub fn Confirm(
    action: String,
    cancel: String,
    #[prop(into)] verb: ViewFnOnce,
    busy: &'static str,
    #[prop(default = "button button--danger-fill")] class: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <form class="panel" method="post" action=action>
            <div class="panel__body">{children()}</div>
            <div class="panel__foot">
                <Submit class busy>{verb.run()}</Submit>
                <a class="button button--quiet" href=cancel>"Cancel"</a>
            </div>
        </form>
    }
    .into_any()
}

/// The reason why the action is not possible, in place of the form.
#[component]
pub fn Hindered(reason: String) -> impl IntoView {
    view! { <section class="panel"><div class="panel__body"><p>{reason}</p></div></section> }.into_any()
}
