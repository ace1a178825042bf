//! One mail: its delivery, and the letter in three forms.

use super::labels;
use crate::app::{
    component::{Address, MailStateBadge, Notice, NoticeKind, Submit, When, WhenStyle},
    context::PathId,
    form::{Typed, fields},
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
    query::address,
};
use axum::response::Response;
use axum_extra::extract::Query;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service;
use vestibule_domain::{Instant, Mail, MailDetail, MailId, MailState};
use vestibule_islands::preview::SANDBOX;

/// The form in which the letter is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Letter,
    Text,
    Raw,
}

fields! {
    /// The query of the page's URL.
    pub struct LetterQuery {
        form: Typed,
    }
}

pub async fn show(context: PortalContext, PathId(id): PathId<MailId>, Query(query): Query<LetterQuery>) -> Response {
    let form = Form::of(query.form.text());
    let read = read(&context, id).boxed().await;
    context.show(read, move |(detail, may_retry)| view! { <Detail detail may_retry form/> }).await
}

/// Returns the mail, and whether the user can send it again.
async fn read(context: &PortalContext, id: MailId) -> service::Result<(MailDetail, bool)> {
    let detail = context.vestibule().outbox().get(&context.scope, id).await?;
    let may_retry = context.vestibule().invitations().may_retry_mail(&context.scope, &detail.mail).await?;
    Ok((detail, may_retry))
}

impl Form {
    const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Letter, "letter", "Letter"), (Self::Text, "text", "Text"), (Self::Raw, "raw", "Raw")];

    /// Returns the form with this name, or else the letter.
    fn of(text: &str) -> Self {
        Self::ALL.into_iter().find(|(_, name, _)| *name == text).map_or(Self::Letter, |(form, ..)| form)
    }
}

#[component]
fn Detail(detail: MailDetail, may_retry: bool, form: Form) -> impl IntoView {
    let list = format!("/o/{}/outbox", use_portal_frame().organization.slug);
    let page = format!("{list}/{}", detail.mail.id);
    let (mail, state) = (detail.mail.clone(), detail.mail.state);
    let retry = format!("{page}/retry");
    let under = move || {
        let trouble = mail.response.filter(|_| matches!(state, MailState::Failed | MailState::Deferred));
        view! {
            <p class="row quiet"><MailStateBadge state/><Address address=mail.recipient/></p>
            {trouble.map(|words| view! { <p><code class="small">{words}</code></p> })}
        }
    };
    let word = retry_word(state).filter(|_| detail.has_server && may_retry);
    let actions = move || {
        word.map(|word| view! { <form method="post" action=retry><Submit busy="Sending…">{word}</Submit></form> })
    };
    let no_server = (!detail.has_server).then(|| {
        let text = labels::without_server(&detail.mail.letter, detail.shows_link);
        view! { <Notice tone=NoticeKind::Warning title="No mail server is set up, so nothing will be sent" text/> }
    });
    let masked = (detail.has_server && labels::holds_secret(&detail.mail.letter)).then(|| {
        view! { <p class="quiet">"The link or code in this email is hidden here: only the recipient can read it."</p> }
    });
    view! {
        <Page title=detail.subject.clone() back=(list, "Outbox") under actions>
            {no_server}
            {masked}
            <div class="page__columns">
                <Letter detail=detail.clone() page form/>
                <Facts mail=detail.mail has_server=detail.has_server now=detail.now/>
            </div>
        </Page>
    }
}

/// Returns the label of the button that sends the mail now; `None` if there is nothing to send.
fn retry_word(state: MailState) -> Option<&'static str> {
    match state {
        MailState::Failed => Some("Send again"),
        MailState::Deferred | MailState::Held => Some("Send now"),
        MailState::Queued | MailState::Sent | MailState::Cancelled | MailState::LinkOnly => None,
    }
}

#[component]
fn Letter(detail: MailDetail, page: String, form: Form) -> impl IntoView {
    let tabs = Form::ALL.map(|(each, name, label)| {
        let current = (form == each).then_some("page");
        let href = address(&page, &LetterQuery { form: name.into() });
        view! { <a class="tabs__link" href=href aria-current=current>{label}</a> }
    });
    let letter = format!("{page}/letter");
    let body = match form {
        // a document with its own URL and policy; nothing in it can access this page
        Form::Letter => view! {
            <iframe
                class="letter__frame"
                src=letter
                title="The letter as the invitee sees it"
                sandbox=SANDBOX
            ></iframe>
        }
        .into_any(),
        Form::Text => view! { <Code label="The letter as plain text" text=detail.text/> }.into_any(),
        Form::Raw => view! { <Code label="The letter as it is sent" text=detail.raw/> }.into_any(),
    };
    view! {
        <section class="stack" aria-label="The letter">
            <nav class="tabs" aria-label="Form">{tabs.into_iter().collect_view()}</nav>
            {body}
        </section>
    }
}

/// Shows text that scrolls within its own area, also with the keyboard.
#[component]
fn Code(label: &'static str, text: String) -> impl IntoView {
    view! { <pre class="code letter__code" tabindex="0" role="region" aria-label=label>{text}</pre> }
}

#[component]
fn Facts(mail: Mail, has_server: bool, now: Instant) -> impl IntoView {
    let slug = use_portal_frame().organization.slug.clone();
    let invitation = mail.letter.invitation_id().map(|id| {
        let href = format!("/o/{slug}/invitations/{id}");
        view! { <div><dt>"About"</dt><dd><a href=href>"The invitation"</a></dd></div> }
    });
    let note = labels::note(&mail, has_server, now).map(|note| view! { <p class="small quiet">{note}</p> });
    let moment = move |name, at: Option<Instant>| {
        at.map(|at| view! { <div><dt>{name}</dt><dd><When at now style=WhenStyle::Exact/></dd></div> })
    };
    let is_waiting = mail.state == MailState::Deferred && has_server;
    view! {
        <section class="panel">
            <div class="panel__head"><h2>"Delivery"</h2></div>
            <div class="panel__body">
                <dl class="facts">
                    <div>
                        <dt>"State"</dt>
                        <dd><MailStateBadge state=mail.state/>{note}</dd>
                    </div>
                    {mail.response.map(|words| view! {
                        <div><dt>"What the server said"</dt><dd><code>{words}</code></dd></div>
                    })}
                    <div>
                        <dt>"Kind"</dt>
                        <dd>{labels::kind(&mail.letter)}</dd>
                    </div>
                    {invitation}
                    {moment("Created", Some(mail.created_at))}
                    {moment("Next attempt", is_waiting.then_some(mail.due_at))}
                    {moment("Sent", mail.sent_at)}
                    <div>
                        <dt>"Attempts"</dt>
                        <dd>{mail.attempts}</dd>
                    </div>
                </dl>
            </div>
        </section>
    }
}
