//! The form for the settings.

use crate::app::{
    component::{Submit, TextBox, TextField},
    etag::{ETagField, Labels},
    form::{Draft, Input, Typed, fields},
    portal_context::use_portal_frame,
};
use leptos::prelude::*;
use vestibule_core::service::etag;
use vestibule_domain::{Name, Organization, Origin};

fields! {
    pub struct SettingsForm {
        name: Typed,
        invitation_lifetime_days: Typed<u16>,
        reminder_days: Typed<u16>,
        /// One per line.
        allowed_domains: Typed,
        /// One per line.
        redirect_origins: Typed,
        invitation_retention_days: Typed<u16>,
        mail_retention_days: Typed<u16>,
        version: Typed,
    }
}

/// The labels of the fields in the notice about someone else's changes.
pub const LABELS: Labels<SettingsForm> = &[
    (SettingsForm::name(), "The name"),
    (SettingsForm::invitation_lifetime_days(), "How long invitations stay open"),
    (SettingsForm::reminder_days(), "When people are reminded"),
    (SettingsForm::allowed_domains(), "The list of domains"),
    (SettingsForm::redirect_origins(), "The list of places to send people"),
    (SettingsForm::invitation_retention_days(), "How long ended invitations are kept"),
    (SettingsForm::mail_retention_days(), "How long emails are kept"),
];

impl SettingsForm {
    /// The fields that show their errors. That of the version is a notice.
    pub const SHOWN: &'static [&'static str] = &[
        Self::name().name,
        Self::invitation_lifetime_days().name,
        Self::reminder_days().name,
        Self::allowed_domains().name,
        Self::redirect_origins().name,
        Self::invitation_retention_days().name,
        Self::mail_retention_days().name,
        Self::version().name,
    ];

    /// Returns the form filled in with the current settings.
    pub fn filled(organization: &Organization) -> Self {
        let origins = organization.redirect_origins.iter().map(Origin::as_str).collect::<Vec<_>>();
        let some = |days: Option<u16>| days.map_or_else(String::new, |days| days.to_string()).into();
        Self {
            name: organization.name.to_string().into(),
            invitation_lifetime_days: organization.invitation_lifetime_days.to_string().into(),
            reminder_days: some(organization.reminder_days),
            allowed_domains: organization.allowed_domains.join("\n").into(),
            redirect_origins: origins.join("\n").into(),
            invitation_retention_days: some(organization.invitation_retention_days),
            mail_retention_days: some(organization.mail_retention_days),
            ..Self::default()
        }
    }
}

#[component]
pub fn SettingsFields(draft: Draft<SettingsForm>) -> impl IntoView {
    const MAX: u16 = Name::MAX_CHARS as u16;
    let organization = use_portal_frame().organization.clone();
    let action = format!("/o/{}/settings", organization.slug);
    view! {
        <form method="post" action=action novalidate data-send>
            <ETagField input=draft.input(SettingsForm::version()) present=etag(&organization)/>
            <section class="section">
                <div class="section__head">
                    <h2>"Organization"</h2>
                    <p>"The name appears in every email and on every acceptance page."</p>
                </div>
                <div class="section__body">
                    <TextField
                        input=draft.input(SettingsForm::name())
                        label="Name"
                        maxlength=MAX
                        autocomplete="organization"
                    />
                </div>
            </section>
            <Invitations draft=draft.clone()/>
            <Keeping draft/>
        </form>
    }
    .into_any()
}

#[component]
fn Invitations(draft: Draft<SettingsForm>) -> impl IntoView {
    view! {
        <section class="section">
            <div class="section__head">
                <h2>"Invitations"</h2>
                <p>"These apply to new invitations; open ones keep what they were sent with."</p>
            </div>
            <div class="section__body">
                <DaysField
                    input=draft.input(SettingsForm::invitation_lifetime_days())
                    label="Days that an invitation stays open"
                    hint="From 1 to 365. The person inviting can choose a different number of days."
                    maxlength=3
                />
                <DaysField
                    input=draft.input(SettingsForm::reminder_days())
                    label="Days until a reminder is sent"
                    optional=true
                    hint="One email to those who haven’t answered by then. Leave it empty for no reminders."
                    maxlength=3
                />
                <TextBox
                    input=draft.input(SettingsForm::allowed_domains())
                    label="Domains that can be invited"
                    optional=true
                    hint="One per line, like example.com. Leave it empty for any domain."
                    prose=false
                />
                <TextBox
                    input=draft.input(SettingsForm::redirect_origins())
                    label="Where people can be sent after joining"
                    optional=true
                    hint="One origin per line, like https://app.example.com, without a path."
                    prose=false
                />
            </div>
        </section>
    }
}

#[component]
fn Keeping(draft: Draft<SettingsForm>) -> impl IntoView {
    let slug = use_portal_frame().organization.slug.clone();
    view! {
        <section class="section">
            <div class="section__head">
                <h2>"Personal data"</h2>
                <p>"How long it is kept. The audit log stays, with a pseudonym in place of the person."</p>
            </div>
            <div class="section__body">
                <DaysField
                    input=draft.input(SettingsForm::invitation_retention_days())
                    label="Days until invitees who didn’t join are erased"
                    optional=true
                    hint="Counted from the end of their last invitation. Leave it empty to erase nobody."
                    maxlength=4
                />
                <DaysField
                    input=draft.input(SettingsForm::mail_retention_days())
                    label="Days that emails are kept in the outbox"
                    optional=true
                    hint="Leave it empty to keep them as long as this installation does. They are never kept longer than that."
                    maxlength=4
                />
                <p class="small"><a href=format!("/o/{slug}/people")>"Download or erase one person’s data"</a></p>
                <div class="row"><Submit busy="Saving…">"Save settings"</Submit></div>
            </div>
        </section>
    }
}

/// A number of days, with at most `maxlength` digits.
#[component]
fn DaysField(
    input: Input,
    label: &'static str,
    hint: &'static str,
    #[prop(optional)] optional: bool,
    maxlength: u16,
) -> impl IntoView {
    view! { <TextField input label optional hint inputmode="numeric" maxlength autocomplete="off"/> }
}
