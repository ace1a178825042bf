//! Inviting one or many people.

use super::{
    index::NoMailServer,
    offer::OfferFields,
    preview::{PreviewButton, PreviewChoices, PreviewPanel},
    results::{InviteResults, Results},
};
use crate::app::{
    component::{Glyph, Icon, Key, Submit, Summary, TextBox},
    form::{Draft, Input, Typed, fields},
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use axum_extra::extract::Query;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_domain::{Permission, Resource};
use vestibule_functions::server::InviteForm;
use vestibule_islands::recipients::{InviteForm as InviteIsland, InviteWords, RecipientsFeedback};

fields! {
    /// The query of the page's URL.
    pub struct NewQuery {
        /// The initial text of the recipients.
        to: Typed,
    }
}

pub async fn new(context: PortalContext, Query(query): Query<NewQuery>) -> Response {
    page(context, query.to.text().to_owned(), None, None).await
}

/// Shows the form. `to` is the initial text of the box. After a POST that refused some, `answer` has the result for
/// each email address, and the draft still has the refused ones.
pub async fn page(
    context: PortalContext,
    to: String,
    draft: Option<Draft<InviteForm>>,
    answer: Option<InviteResults>,
) -> Response {
    let resources = match context.demand(Permission::UserInvite) {
        Ok(()) => context.vestibule().resources().all(&context.scope).boxed().await,
        Err(error) => Err(error),
    };
    let limit = context.portal_frame.limit.clone();
    let resources = resources.map(|all| all.into_iter().filter(|resource| limit.has(resource.id)).collect());
    let has_mail_server = context.vestibule().has_mail_server();
    context.show(resources, move |resources| view! { <New to draft answer resources has_mail_server/> }).await
}

/// The fields that show their errors.
const FIELDS: &[&str] = &[
    InviteForm::recipients().name,
    InviteForm::role_ids().name,
    InviteForm::message().name,
    InviteForm::expires_in_days().name,
];
/// The same where there are resources.
const FIELDS_AND_LIMITS: &[&str] = &[
    InviteForm::recipients().name,
    InviteForm::role_ids().name,
    InviteForm::resource_ids().name,
    InviteForm::message().name,
    InviteForm::expires_in_days().name,
];

#[component]
fn New(
    to: String,
    draft: Option<Draft<InviteForm>>,
    answer: Option<InviteResults>,
    resources: Vec<Resource>,
    has_mail_server: bool,
) -> impl IntoView {
    let slug = use_portal_frame().organization.slug.clone();
    let violations = draft.as_ref().map(|draft| draft.violations.clone()).unwrap_or_default();
    let fields = if resources.is_empty() { FIELDS } else { FIELDS_AND_LIMITS };
    view! {
        <Page title="Invite people" back=(format!("/o/{slug}/invitations"), "Invitations")>
            {(!has_mail_server).then(|| view! { <NoMailServer/> })}
            <Summary violations fields/>
            {answer.map(|answer| view! { <Results answer/> })}
            <Form to draft resources/>
        </Page>
    }
    .into_any()
}

#[component]
fn Form(to: String, draft: Option<Draft<InviteForm>>, resources: Vec<Resource>) -> impl IntoView {
    let portal_frame = use_portal_frame();
    let slug = portal_frame.organization.slug.to_string();
    let draft = draft.unwrap_or_else(|| Draft::of(InviteForm::fresh(to, &portal_frame.roles)));
    let (back, action) = (format!("/o/{slug}/invitations"), format!("/o/{slug}/invitations/new"));
    view! {
        <InviteIsland slug=slug.clone()>
            <form class="page__columns page__columns--even" method="post" action=action novalidate data-send>
                <section class="panel">
                    <div class="panel__body"><Recipients input=draft.input(InviteForm::recipients())/></div>
                </section>
                <section class="panel">
                    <div class="panel__body">
                        <OfferFields draft=draft.clone() resources/>
                        <Notify notify=draft.form.notifies()/>
                    </div>
                    <div class="panel__foot">
                        <Submit busy="Inviting…">
                            <Icon glyph=Glyph::Sent/>
                            <InviteWords/>
                            " "
                            <Key of="Ctrl ↵"/>
                        </Submit>
                        <PreviewButton/>
                        <a class="button button--quiet" href=back>"Cancel"</a>
                    </div>
                </section>
                <PreviewPanel/>
            </form>
            <PreviewChoices/>
        </InviteIsland>
    }
    .into_any()
}

#[component]
fn Recipients(input: Input) -> impl IntoView {
    view! {
        <div class="paste">
            <TextBox
                input
                label="Email addresses"
                hint="Paste them in any format: one per line, separated by commas, or copied from an email."
                rows=10
                prose=false
            >
                <RecipientsFeedback/>
            </TextBox>
        </div>
    }
    .into_any()
}

#[component]
fn Notify(notify: bool) -> impl IntoView {
    let name = InviteForm::notify().name;
    view! {
        <fieldset class="field__group">
            <legend class="field__label">"Delivery"</legend>
            <label class="choice">
                <input type="radio" name=name value="true" checked=notify/>
                <span>"Email the invitations"</span>
                <span class="choice__note">"The link in an email proves access to the mailbox."</span>
            </label>
            <label class="choice">
                <input type="radio" name=name value="false" checked=!notify/>
                <span>"Only create links"</span>
                <span class="choice__note">"Share them yourself. Anyone who opens one is asked for a code that we email."</span>
            </label>
        </fieldset>
    }
    .into_any()
}
