//! The mail of an invite before it is sent: its place beside the form, and for those without scripts a page of its own.

use crate::app::{
    component::{Notice, NoticeKind},
    form::{Fields, Typed, fields},
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use leptos::prelude::*;
use vestibule_core::mail::Scheme;
use vestibule_functions::{preview::MailPreview, server::InviteForm};
use vestibule_islands::preview::{
    BUTTON, CLOSE, FRAME, FRAME_TITLE, FROM, LETTER, PANEL, PREHEADER, PreviewNote, SANDBOX, SUBJECT, TEXT, TO,
    letter_path,
};

fields! {
    /// The query of the letter's URL.
    pub struct LetterQuery {
        /// The colours: `light` or `dark`.
        scheme: Typed<Scheme>,
    }
}

/// The form that the choices of the preview belong to, so that they are not posted with the invite.
const CHOICES: &str = "preview-choices";

/// The button in the form that opens the preview: beside the form with scripts, in another tab without.
#[component]
pub fn PreviewButton() -> impl IntoView {
    let action = format!("/o/{}/invitations/preview", use_portal_frame().organization.slug);
    view! { <button class="button" id=BUTTON formaction=action formtarget="_blank" formnovalidate>"Preview"</button> }
}

/// The place of the preview beside the form.
#[component]
pub fn PreviewPanel() -> impl IntoView {
    let slug = use_portal_frame().organization.slug.to_string();
    view! {
        <section class="panel preview" id=PANEL tabindex="-1" aria-labelledby="preview-title" hidden>
            <div class="panel__head">
                <h2 id="preview-title">"Preview"</h2>
                <button class="button button--small" type="button" id=CLOSE>"Close"</button>
            </div>
            <div class="panel__body">
                <PreviewNote slug/>
                <Envelope/>
                <div class="row row--apart">
                    <Choice label="View" name="view" all=&[("phone", "Phone"), ("desktop", "Desktop"), ("text", "Plain text")]/>
                    <Choice label="Colours" name="scheme" all=&[("light", "Light"), ("dark", "Dark")]/>
                </div>
                <div class="preview__letter" id=LETTER></div>
                <pre
                    class="code letter__code preview__text"
                    id=TEXT
                    tabindex="0"
                    role="region"
                    aria-label="The mail as plain text"
                ></pre>
            </div>
        </section>
    }
    .into_any()
}

/// The form of the choices, which can't be inside another one. Outside of a dialog, Enter does nothing in it.
#[component]
pub fn PreviewChoices() -> impl IntoView {
    view! { <form id=CHOICES method="dialog" hidden></form> }
}

/// Shows the mail that this form would send.
pub async fn page(context: PortalContext, form: InviteForm, mail: MailPreview) -> Response {
    context.page(move || view! { <Preview form mail/> }).await
}

#[component]
fn Preview(form: InviteForm, mail: MailPreview) -> impl IntoView {
    let (warning, text) = (mail.warning.clone(), mail.text.clone());
    let under =
        || view! { <p class="quiet">"Nothing has been sent. Close this tab to continue with the invitation."</p> };
    view! {
        <Page title="Preview" class="page page--form" under>
            <PreviewChoices/>
            {(!warning.is_empty()).then(|| view! { <Notice tone=NoticeKind::Warning title=warning/> })}
            <section class="panel preview" aria-label="The mail">
                <div class="panel__body">
                    <Envelope mail/>
                    <div class="row row--apart">
                        <Colours form/>
                        <Choice label="View" name="view" all=&[("phone", "Phone"), ("desktop", "Desktop")]/>
                    </div>
                    <div class="preview__letter">
                        <iframe
                            class="preview__frame"
                            name=FRAME
                            title=FRAME_TITLE
                            sandbox=SANDBOX
                        ></iframe>
                    </div>
                </div>
            </section>
            <section class="panel">
                <div class="panel__head"><h2>"As plain text"</h2></div>
                <div class="panel__body">
                    <pre class="code letter__code" tabindex="0" role="region" aria-label="The mail as plain text">{text}</pre>
                </div>
            </section>
        </Page>
    }
}

/// Posts the same form again, into the frame.
#[component]
fn Colours(form: InviteForm) -> impl IntoView {
    let slug = use_portal_frame().organization.slug.to_string();
    let fields = InviteForm::FIELDS.iter().flat_map(|field| {
        let values = (field.values)(&form).into_iter();
        values.map(|value| view! { <input type="hidden" name=field.name value=value/> }).collect::<Vec<_>>()
    });
    let fields = fields.collect_view();
    let button = |scheme, label| {
        view! { <button class="segments__part" formaction=letter_path(&slug, scheme)>{label}</button> }
    };
    view! {
        <form class="segments" method="post" action=letter_path(&slug, "light") target=FRAME aria-label="Show the mail">
            {fields}
            {button("light", "Show in light")}
            {button("dark", "Show in dark")}
        </form>
    }
}

/// What a mail program shows before the mail is opened. Without a mail, scripts fill it in.
#[component]
fn Envelope(#[prop(optional)] mail: Option<MailPreview>) -> impl IntoView {
    let [from, to, subject, preheader] =
        mail.map(|mail| [mail.from, mail.to, mail.subject, mail.preheader]).unwrap_or_default();
    let rows =
        [("From", FROM, from), ("To", TO, to), ("Subject", SUBJECT, subject), ("First words", PREHEADER, preheader)];
    let rows = rows.map(|(name, id, value)| view! { <div><dt>{name}</dt><dd><bdi id=id>{value}</bdi></dd></div> });
    view! { <dl class="facts preview__envelope">{rows.into_iter().collect_view()}</dl> }
}

/// One of several, the first at the beginning. Each has a value and a label.
#[component]
fn Choice(label: &'static str, name: &'static str, all: &'static [(&'static str, &'static str)]) -> impl IntoView {
    let parts = all.iter().enumerate().map(|(place, (value, label))| {
        view! {
            <label class="segments__part">
                <input class="segments__input" type="radio" form=CHOICES name=name value=*value checked=place == 0 autocomplete="off"/>
                {*label}
            </label>
        }
    });
    view! { <div class="segments" role="radiogroup" aria-label=label>{parts.collect_view()}</div> }
}
