//! Editing several invitations alike: the page that the list's action bar leads to. With scripts, a dialog shows the same
//! fields in place.

use crate::app::{
    component::{FormPanel, Summary, confirm::Hindered},
    form::Draft,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use axum_extra::extract::Query;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_domain::Editable;
use vestibule_functions::server::{
    EditForm,
    edit_form::{EditFields, title},
};
use vestibule_islands::choice_grid::ChoiceGrid;

/// Shows the form for `?id=…&id=…`.
pub async fn edit_many(context: PortalContext, Query(form): Query<EditForm>) -> Response {
    let editable = context.vestibule().invitations().editable(&context.scope, &form.id.read()).boxed().await;
    let from = form.from.text().to_owned();
    let filled = move |editable| {
        let draft = Draft::of(EditForm::filled(&editable, &from));
        view! { <EditMany editable draft/> }
    };
    context.show(editable, filled).await
}

/// Shows the form again that was refused.
pub async fn page(context: PortalContext, draft: Draft<EditForm>) -> Response {
    let editable = context.vestibule().invitations().editable(&context.scope, &draft.form.id.read()).boxed().await;
    context.show(editable, move |editable| view! { <EditMany editable draft/> }).await
}

#[component]
fn EditMany(editable: Editable, draft: Draft<EditForm>) -> impl IntoView {
    let organization = use_portal_frame().organization.clone();
    let list = format!("/o/{}/invitations", organization.slug);
    let usual = organization.invitation_lifetime_days;
    let (title, violations) = (title(&editable), draft.violations.clone());
    let form = if editable.open.is_empty() {
        view! { <Hindered reason="Only open invitations can be edited. Select some in the list.".to_owned()/> }
            .into_any()
    } else {
        view! {
            <FormPanel action=format!("{list}/edit") cancel=list.clone() verb="Save" busy="Saving…">
                <ChoiceGrid>
                    <EditFields editable form=draft.form usual violations=draft.violations/>
                </ChoiceGrid>
            </FormPanel>
        }
        .into_any()
    };
    view! {
        <Page title back=(list, "Invitations") class="page page--form">
            <Summary violations/>
            {form}
        </Page>
    }
    .into_any()
}
