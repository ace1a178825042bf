//! The page of the settings.

use super::form::{LABELS, SettingsFields, SettingsForm};
use crate::app::{
    component::Summary,
    etag::ChangedNotice,
    form::Draft,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use leptos::prelude::*;
use vestibule_domain::Permission;

pub async fn show(context: PortalContext) -> Response {
    page(context, None).await
}

/// Shows the form, with the draft of one that was refused if there is one.
pub async fn page(context: PortalContext, draft: Option<Draft<SettingsForm>>) -> Response {
    let allowed = context.demand(Permission::OrganizationEdit);
    context.show(allowed, move |()| view! { <Settings draft/> }).await
}

#[component]
fn Settings(draft: Option<Draft<SettingsForm>>) -> impl IntoView {
    let present = SettingsForm::filled(&use_portal_frame().organization);
    let draft = draft.unwrap_or_else(|| Draft::of(present.clone()));
    let under = || view! { <p class="page__lede">"What invitees see, and the limits for every invitation."</p> };
    view! {
        <Page title="Settings" under>
            <ChangedNotice draft=draft.clone() present labels=LABELS/>
            <Summary violations=draft.violations.clone() fields=SettingsForm::SHOWN/>
            <SettingsFields draft/>
        </Page>
    }
}
