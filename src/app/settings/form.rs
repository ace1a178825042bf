//! The form for the settings.

use crate::app::{
    component::{
        Field, Submit, TextField, Textarea,
        field::{described_by, invalid},
    },
    form::{Draft, Fields},
    version::VersionField,
    visit::use_whereabouts,
};
use leptos::prelude::*;
use vestibule_core::service::version;
use vestibule_domain::{Name, Organization, Origin};

/// The labels of the fields in the notice about someone else's changes.
pub const LABELS: &[(&str, &str)] = &[
    ("name", "The name"),
    ("invitation_lifetime_days", "How long invitations stay open"),
    ("reminder_days", "When people are reminded"),
    ("allowed_domains", "The list of domains"),
    ("redirect_origins", "The list of places to go on to"),
    ("invitation_retention_days", "How long ended invitations are kept"),
    ("mail_retention_days", "How long mails are kept"),
];

/// Returns the form filled in with the current settings.
pub fn filled(organization: &Organization) -> Draft {
    let origins = organization.redirect_origins.iter().map(Origin::as_str).collect::<Vec<_>>();
    let some = |days: Option<u16>| days.map_or_else(String::new, |days| days.to_string());
    let fields = [
        ("name", organization.name.to_string()),
        ("invitation_lifetime_days", organization.invitation_lifetime_days.to_string()),
        ("reminder_days", some(organization.reminder_days)),
        ("allowed_domains", organization.allowed_domains.join("\n")),
        ("redirect_origins", origins.join("\n")),
        ("invitation_retention_days", some(organization.invitation_retention_days)),
        ("mail_retention_days", some(organization.mail_retention_days)),
    ];
    Draft { fields: Fields(fields.map(|(name, value)| (name.to_owned(), value)).to_vec()), violations: Vec::new() }
}

#[component]
pub fn SettingsForm(draft: Draft) -> impl IntoView {
    const MAX: u16 = Name::MAX_CHARS as u16;
    let organization = use_whereabouts().organization;
    let action = format!("/o/{}/settings", organization.slug);
    view! {
        <form method="post" action=action novalidate data-send>
            <VersionField draft=draft.clone() present=version(&organization)/>
            <section class="section">
                <div class="section__head">
                    <h2>"Organization"</h2>
                    <p>"The name stands in every mail and on every acceptance page."</p>
                </div>
                <div class="section__body">
                    <TextField
                        name="name"
                        label="Name"
                        value=draft.text("name")
                        maxlength=MAX
                        autocomplete="organization"
                        error=draft.error("name")
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
fn Invitations(draft: Draft) -> impl IntoView {
    let domains = ("Domains that may be invited", "One per line, like example.com. Leave it empty for any domain.");
    let origins = (
        "Where people may be sent after joining",
        "One origin per line, like https://app.example.com, without a path.",
    );
    view! {
        <section class="section">
            <div class="section__head">
                <h2>"Invitations"</h2>
                <p>"These apply to new invitations; open ones keep what they were sent with."</p>
            </div>
            <div class="section__body">
                <DaysField
                    name="invitation_lifetime_days"
                    label="Days that an invitation stays open"
                    hint="From 1 to 365. Whoever invites can choose another end."
                    maxlength=3
                    draft=draft.clone()
                />
                <DaysField
                    name="reminder_days"
                    label="Days until a reminder is mailed"
                    optional=true
                    hint="One mail to those who have not answered by then. Leave it empty, and nobody is reminded."
                    maxlength=3
                    draft=draft.clone()
                />
                <List name="allowed_domains" words=domains draft=draft.clone()/>
                <List name="redirect_origins" words=origins draft/>
            </div>
        </section>
    }
}

#[component]
fn Keeping(draft: Draft) -> impl IntoView {
    let slug = use_whereabouts().organization.slug;
    view! {
        <section class="section">
            <div class="section__head">
                <h2>"Personal data"</h2>
                <p>"How long it is kept. The audit log stays, with a pseudonym in place of the person."</p>
            </div>
            <div class="section__body">
                <DaysField
                    name="invitation_retention_days"
                    label="Days until invitees are erased who did not join"
                    optional=true
                    hint="Counted from the end of their last invitation. Leave it empty, and nobody is erased."
                    maxlength=4
                    draft=draft.clone()
                />
                <DaysField
                    name="mail_retention_days"
                    label="Days that mails are kept in the outbox"
                    optional=true
                    hint="Leave it empty for as long as this installation keeps mails. They are never kept longer than that."
                    maxlength=4
                    draft
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
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    #[prop(optional)] optional: bool,
    maxlength: u16,
    draft: Draft,
) -> impl IntoView {
    let (value, error) = (draft.text(name), draft.error(name));
    view! { <TextField name label optional hint value inputmode="numeric" maxlength autocomplete="off" error/> }
}

/// A text box with one entry per line. `words` are the label and the hint.
#[component]
fn List(name: &'static str, words: (&'static str, &'static str), draft: Draft) -> impl IntoView {
    let error = draft.error(name);
    let (described, wrong) = (described_by(name, true, error.is_some()), invalid(error.is_some()));
    view! {
        <Field name label=words.0 optional=true hint=words.1 error>
            <Textarea name value=draft.text(name) rows=4 prose=false described_by=described invalid=wrong/>
        </Field>
    }
}
