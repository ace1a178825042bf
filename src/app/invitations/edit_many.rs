//! Editing several invitations alike: the page that the list's action bar leads to. With scripts, a dialog shows the same
//! fields in place.

use crate::app::{
    component::{FormPanel, Summary, confirm::Hindered},
    etag::{ChangedNotice, Labels, named},
    form::Draft,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use axum_extra::extract::Query;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_components::when::{WhenStyle, say};
use vestibule_domain::{Editable, InvitationId};
use vestibule_functions::server::{
    EditForm,
    edit_form::{EditFields, title},
    invitation_list::left_at,
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
    let again = move |editable| {
        let changed = draft.error(EditForm::version().name).is_some();
        let typed = draft.clone();
        let form = if changed { draft.form.refilled(&editable) } else { draft.form };
        view! { <EditMany editable draft=Draft { form, violations: draft.violations } typed/> }
    };
    context.show(editable, again).await
}

/// The form. `typed` is it as it was refused, if it was.
#[component]
fn EditMany(editable: Editable, draft: Draft<EditForm>, #[prop(optional)] typed: Draft<EditForm>) -> impl IntoView {
    let organization = use_portal_frame().organization.clone();
    let list = format!("/o/{}/invitations", organization.slug);
    let usual = organization.invitation_lifetime_days;
    let picked: Vec<InvitationId> = editable.open.iter().map(|invitation| invitation.id).collect();
    let cancel = left_at(organization.slug.as_str(), &draft.form.from, &picked);
    let (title, violations) = (title(&editable), draft.violations.clone());
    let changed = view! { <Changed editable=editable.clone() typed/> };
    let form = if editable.open.is_empty() {
        view! { <Hindered reason="Only open invitations can be edited. Select some in the list.".to_owned()/> }
            .into_any()
    } else {
        view! {
            <FormPanel action=format!("{list}/edit") cancel=cancel.clone() verb="Save" busy="Saving…">
                <ChoiceGrid>
                    <EditFields editable form=draft.form usual violations=draft.violations/>
                </ChoiceGrid>
            </FormPanel>
        }
        .into_any()
    };
    view! {
        <Page title back=(cancel, "Invitations") class="page page--form">
            {changed}
            <Summary violations fields=FIELDS/>
            {form}
        </Page>
    }
    .into_any()
}

/// The fields that show their errors. That of the version is a notice.
const FIELDS: &[&str] = &[EditForm::role_ids().name, EditForm::expires_in_days().name, EditForm::version().name];

/// The labels of the fields in the notice about someone else's changes.
const LABELS: Labels<EditForm> = &[(EditForm::role_ids(), "The list of roles")];

/// The notice that somebody else has changed the offer since the form was opened.
#[component]
fn Changed(editable: Editable, typed: Draft<EditForm>) -> impl IntoView {
    let with_names = |form: EditForm| EditForm {
        role_ids: named(&form.role_ids, editable.roles.iter().map(|role| (role.id, role.name.clone()))),
        ..form
    };
    let present = with_names(EditForm::filled(&editable, ""));
    let end = editable.common_end().map(|at| say(at, editable.now, WhenStyle::Full));
    let also = end.map(|end| format!("It expires on {end} UTC. ")).unwrap_or_default();
    let draft = Draft { form: with_names(typed.form), violations: typed.violations };
    view! { <ChangedNotice draft present labels=LABELS also/> }
}
