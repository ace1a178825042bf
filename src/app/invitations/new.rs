//! Inviting one or many people.

use super::{
    index::NoMailServer,
    offer::{LifetimeField, MessageField, ResourcesField, RolesField, chosen_resources, chosen_roles},
    results::{Answer, Results},
};
use crate::app::{
    component::{
        Field, Glyph, Icon, Key, Submit, Summary, Textarea,
        field::{described_by, invalid},
        typed::{InviteWords, RecipientsRead},
    },
    context::sent,
    form::{Draft, Fields},
    layout::Page,
    visit::{Visit, use_whereabouts},
};
use axum::{extract::Query, response::Response};
use leptos::prelude::*;
use vestibule_domain::{Permission, Resource, Role};

pub async fn new(visit: Visit, Query(fields): Query<Fields>) -> Response {
    page(visit, fields.text("to").to_owned(), None, None).await
}

/// Shows the form. `to` is the initial text of the box. After a POST that refused some, `answer` has the result for
/// each email address, and the draft still has the refused ones.
pub async fn page(visit: Visit, to: String, draft: Option<Draft>, answer: Option<Answer>) -> Response {
    let resources = match visit.demand(Permission::UserInvite) {
        Ok(()) => sent(visit.vestibule().all_resources(&visit.scope)).await,
        Err(error) => Err(error),
    };
    let limit = visit.whereabouts.limit.clone();
    let resources = resources.map(|all| all.into_iter().filter(|resource| limit.has(resource.id)).collect());
    let has_mail_server = visit.vestibule().has_mail_server();
    visit.show(resources, move |resources| view! { <New to draft answer resources has_mail_server/> })
}

#[component]
fn New(
    to: String,
    draft: Option<Draft>,
    answer: Option<Answer>,
    resources: Vec<Resource>,
    has_mail_server: bool,
) -> impl IntoView {
    let slug = use_whereabouts().organization.slug;
    let violations = draft.as_ref().map(|draft| draft.violations.clone()).unwrap_or_default();
    view! {
        <Page title="Invite people" back=(format!("/o/{slug}/invitations"), "Invitations")>
            {(!has_mail_server).then(|| view! { <NoMailServer/> })}
            <Summary violations/>
            {answer.map(|answer| view! { <Results answer/> })}
            <Form to draft resources/>
        </Page>
    }
    .into_any()
}

#[component]
fn Form(to: String, draft: Option<Draft>, resources: Vec<Resource>) -> impl IntoView {
    let whereabouts = use_whereabouts();
    let slug = whereabouts.organization.slug.to_string();
    let written = draft.as_ref().map_or(to, |draft| draft.text("recipients"));
    let roles = chosen_roles(draft.as_ref(), || {
        whereabouts.roles.iter().filter(|role| role.key == Role::MEMBER).map(|role| role.id).collect()
    });
    let limits = chosen_resources(draft.as_ref(), Vec::new);
    let draft = draft.unwrap_or_default();
    let notify = !draft.fields.has("recipients") || draft.fields.text("notify") == "true";
    let back = format!("/o/{slug}/invitations");
    view! {
        <form class="page__columns page__columns--even" method="post" action=format!("/o/{slug}/invitations/new") novalidate data-send>
            <section class="panel">
                <div class="panel__body"><Recipients written error=draft.error("recipients")/></div>
            </section>
            <section class="panel">
                <div class="panel__body">
                    <RolesField chosen=roles error=draft.error("role_ids")/>
                    <ResourcesField all=resources chosen=limits error=draft.error("resource_ids")/>
                    <MessageField value=draft.text("message") error=draft.error("message")/>
                    <LifetimeField chosen=draft.text("expires_in_days") error=draft.error("expires_in_days")/>
                    <Notify notify/>
                </div>
                <div class="panel__foot">
                    <Submit busy="Inviting…">
                        <Icon glyph=Glyph::Sent/>
                        <InviteWords/>
                        " "
                        <Key of="Ctrl ↵"/>
                    </Submit>
                    <a class="button button--quiet" href=back>"Cancel"</a>
                </div>
            </section>
        </form>
    }
    .into_any()
}

#[component]
fn Recipients(written: String, error: Option<String>) -> impl IntoView {
    let (described, wrong) = (described_by("recipients", true, error.is_some()), invalid(error.is_some()));
    view! {
        <div class="paste">
            <Field
                name="recipients"
                label="Addresses"
                hint="Paste them in any shape: one per line, with commas, or copied from a mail."
                error
            >
                <Textarea name="recipients" value=written rows=10 prose=false described_by=described invalid=wrong/>
                <RecipientsRead/>
            </Field>
        </div>
    }
    .into_any()
}

#[component]
fn Notify(notify: bool) -> impl IntoView {
    view! {
        <fieldset class="field__group">
            <legend class="field__label">"Delivery"</legend>
            <label class="choice">
                <input type="radio" name="notify" value="true" checked=notify/>
                <span>"Mail the invitations"</span>
                <span class="choice__note">"The link in a mail proves the mailbox."</span>
            </label>
            <label class="choice">
                <input type="radio" name="notify" value="false" checked=!notify/>
                <span>"Only make links"</span>
                <span class="choice__note">"Hand them over yourself; whoever opens one is asked for a code that we mail."</span>
            </label>
        </fieldset>
    }
    .into_any()
}
