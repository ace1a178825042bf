//! The dialog that edits invitations in place. Its form is posted like that of the page, if scripts don't take it.

use super::{
    Caller,
    edit_form::{EditFields, EditForm, title},
};
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service::Result;
use vestibule_domain::{Editable, InvitationId};

/// Returns the content of the dialog, as HTML, for these invitations.
pub async fn read(caller: &Caller, ids: &[InvitationId]) -> Result<String> {
    let editable = caller.vestibule.invitations().editable(&caller.scope, ids).boxed().await?;
    let organization = caller.scope.organization();
    let list = format!("/o/{}/invitations", organization.slug);
    let usual = organization.invitation_lifetime_days;
    let dialog = match editable.open.is_empty() {
        true => view! { <Nothing editable/> }.into_any(),
        false => view! { <Dialog editable list usual/> }.into_any(),
    };
    Ok(super::html(dialog))
}

#[component]
fn Dialog(editable: Editable, list: String, usual: u16) -> impl IntoView {
    let form = EditForm::filled(&editable, &list);
    let rest = match editable.open.as_slice() {
        [one] => Some(format!("{list}/{}/edit", one.id)),
        _ => None,
    };
    let rest = rest.map(|href| view! { <p class="small"><a href=href>"Edit the message and everything else"</a></p> });
    let title = title(&editable);
    view! {
        <form method="post" action=format!("{list}/edit") data-act="save" data-send novalidate>
            <div class="dialog__body">
                <h2 id="editing-title">{title}</h2>
                <EditFields editable form usual violations=Vec::new()/>
                {rest}
            </div>
            <div class="dialog__foot">
                <button class="button button--quiet" type="button" data-closes>"Cancel"</button>
                <button class="button button--main">"Save"</button>
            </div>
        </form>
    }
    .into_any()
}

/// Shown if all that was selected has been closed meanwhile.
#[component]
fn Nothing(editable: Editable) -> impl IntoView {
    let title = title(&editable);
    let why = match editable.forbidden {
        0 => "Only an open invitation can be edited.",
        _ => "What you selected gives more than you can give, or is already closed.",
    };
    view! {
        <div class="dialog__body">
            <h2 id="editing-title">{title}</h2>
            <p>{why}</p>
        </div>
        <div class="dialog__foot"><button class="button" type="button" data-closes>"Close"</button></div>
    }
    .into_any()
}
