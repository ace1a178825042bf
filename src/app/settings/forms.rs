//! The handler of the settings' form.

use super::{form::SettingsForm, lines::Lines, show};
use crate::app::{
    context::OrganizationScope,
    flash::Flash,
    form::{Typed, faults},
};
use axum::response::Response;
use axum_extra::extract::Form;
use futures::FutureExt;
use vestibule_core::service::OrganizationEdit;

pub async fn save(at: OrganizationScope, Form(form): Form<SettingsForm>) -> Result<Response, Response> {
    let at = at.if_match(&form.version);
    let domains = Lines::of(form.allowed_domains.text());
    let origins = Lines::of(form.redirect_origins.text());
    let edit = OrganizationEdit {
        name: Some(form.name.text().to_owned()),
        invitation_lifetime_days: Some(days(form.invitation_lifetime_days.text())),
        reminder_days: Some(some_days(&form.reminder_days)),
        allowed_domains: Some(domains.entries()),
        redirect_origins: Some(origins.entries()),
        invitation_retention_days: Some(some_days(&form.invitation_retention_days)),
        mail_retention_days: Some(some_days(&form.mail_retention_days)),
    };
    let saved = at.vestibule().organizations().edit(&at.scope, &edit).boxed().await;
    let Err(error) = saved else { return Ok(at.redirect("settings", &Flash::SettingsSaved)) };
    let faults = faults(error).map(|violations| {
        let violations = domains.gather(SettingsForm::allowed_domains().name, violations);
        origins.gather(SettingsForm::redirect_origins().name, violations)
    });
    let (context, draft) = at.again("settings", form, faults).await?;
    Ok(show::page(context, Some(draft)).await)
}

/// Returns the number of days; `None` if the field is empty.
fn some_days(typed: &Typed<u16>) -> Option<u16> {
    Some(typed.text().trim()).filter(|typed| !typed.is_empty()).map(days)
}

/// Returns the number of days. Text that is not a number becomes 0, which is outside every range, so that the field
/// gets an error.
fn days(typed: &str) -> u16 {
    typed.trim().parse().unwrap_or(0)
}
