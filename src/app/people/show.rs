//! The page with what is stored about an email address, and the actions on it.

use crate::app::{
    audit::{EventQuery, part_of_log},
    component::{Notice, NoticeKind, Submit, TakeOver, TextField, plural},
    form::{Draft, Input, Typed, fields},
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
    query::address,
};
use axum::response::Response;
use axum_extra::extract::Query;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service::{Error, NotFound, may_erase};
use vestibule_domain::{KeptData, Permission};

fields! {
    /// The query of the page's URL.
    pub struct PersonQuery {
        email: Typed,
    }
}

fields! {
    pub struct EraseForm {
        email: Typed,
        /// The email address, entered again.
        confirm: Typed,
        /// Whether to take over their dependents.
        dependents: Typed,
    }
}

/// The result of looking for an email address.
enum SearchResult {
    /// No email address was entered.
    Nothing,
    /// Why nothing was found.
    Refused(String),
    Kept(KeptData),
}

pub async fn show(context: PortalContext, Query(query): Query<PersonQuery>) -> Response {
    page(context, query.email.text().trim().to_owned(), None).await
}

/// Shows the page, with the draft of a form that was refused if there is one.
pub async fn page(context: PortalContext, email: String, draft: Option<Draft<EraseForm>>) -> Response {
    if !may_erase(&context.portal_frame.permissions) {
        return context.show(Err::<(), _>(Error::Forbidden(Permission::OrganizationEdit)), |()| ()).await;
    }
    let found = if email.is_empty() {
        Ok(SearchResult::Nothing)
    } else {
        match context.vestibule().erasure().kept_on(&context.scope, &email).boxed().await {
            Ok(kept) => Ok(SearchResult::Kept(kept)),
            Err(Error::NotFound(NotFound::Person)) => {
                Ok(SearchResult::Refused("No data is stored for this email address.".to_owned()))
            }
            Err(Error::Invalid(violations)) => Ok(SearchResult::Refused(
                violations.first().map(|wrong| wrong.sentence.to_string()).unwrap_or_default(),
            )),
            Err(error) => Err(error),
        }
    };
    context.show(found, move |found| view! { <People email found draft/> }).await
}

#[component]
fn People(email: String, found: SearchResult, draft: Option<Draft<EraseForm>>) -> impl IntoView {
    let settings = format!("/o/{}/settings", use_portal_frame().organization.slug);
    let under = || {
        view! {
            <p class="page__lede">
                "Download or erase everything that this organization stores about one person."
            </p>
        }
    };
    let (error, kept) = match found {
        SearchResult::Nothing => (None, None),
        SearchResult::Refused(sentence) => (Some(sentence), None),
        SearchResult::Kept(kept) => (None, Some(kept)),
    };
    let address = email.clone();
    view! {
        <Page title="Personal data" back=(settings, "Settings") under class="page page--form">
            <div class="stack stack--loose">
                <Seek email error/>
                {kept.map(|kept| view! { <KeptPanel email=address.clone() kept/> <Erase email=address kept draft/> })}
            </div>
        </Page>
    }
}

#[component]
fn Seek(email: String, error: Option<String>) -> impl IntoView {
    let action = format!("/o/{}/people", use_portal_frame().organization.slug);
    let input = Input { error, ..PersonQuery::email().filled(email) };
    view! {
        <form class="panel" method="get" action=action>
            <div class="panel__body">
                <TextField input label="Email address" kind="email" autocomplete="off"/>
            </div>
            <div class="panel__foot">
                <button class="button">"Search"</button>
            </div>
        </form>
    }
    .into_any()
}

/// The counts of what is stored.
#[component]
fn KeptPanel(email: String, kept: KeptData) -> impl IntoView {
    let slug = use_portal_frame().organization.slug.clone();
    let rows = [
        (u64::from(kept.member), "membership", "memberships"),
        (kept.invitations, "invitation to them", "invitations to them"),
        (kept.invited, "invitation that they sent", "invitations that they sent"),
        (kept.mails, "email to them", "emails to them"),
        (kept.api_keys, "API key that they created", "API keys that they created"),
        (kept.webhooks, "webhook that they created", "webhooks that they created"),
        (kept.events, "event", "events"),
    ];
    let rows = rows.into_iter().filter(|(count, ..)| *count > 0);
    let rows = rows.map(|(count, one, many)| view! { <li>{plural(count, one, many)}</li> }).collect_view();
    let href = address(&format!("/o/{slug}/people/export"), &PersonQuery { email: email.as_str().into() });
    let events = part_of_log(&EventQuery::about(&email)).filter(|_| kept.events > 0);
    view! {
        <section class="panel">
            <div class="panel__head"><h2>"Stored about "<bdi>{email}</bdi></h2></div>
            <div class="panel__body"><ul>{rows}</ul></div>
            <div class="panel__foot">
                <a class="button" href=href download>"Download as JSON"</a>
                {events.map(|href| view! { <a href=href>"See the events about them"</a> })}
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Erase(email: String, kept: KeptData, draft: Option<Draft<EraseForm>>) -> impl IntoView {
    let here = use_portal_frame();
    let action = format!("/o/{}/people/erase", here.organization.slug);
    if kept.last_owner {
        let members = format!("/o/{}/members", here.organization.slug);
        let text = "Make someone else an owner first.";
        return view! {
            <Notice tone=NoticeKind::Warning title="This is the last owner, who can’t be erased" text>
                <a href=members>"Choose an owner"</a>
            </Notice>
        }
        .into_any();
    }
    let confirm = draft.unwrap_or_default().input(EraseForm::confirm());
    let is_me = here.user.email.as_str() == email.to_ascii_lowercase();
    let choice = kept.member && !is_me && kept.api_keys + kept.webhooks + kept.invited > 0;
    view! {
        <form class="panel" method="post" action=action>
            <div class="panel__head"><h2>"Erase this person"</h2></div>
            <div class="panel__body">
                <p>
                    "An open invitation is revoked, a membership ends, and emails to them are deleted. The audit log keeps \
                     what happened, with a pseudonym in place of the person. You can’t undo this."
                </p>
                <p class="small quiet">"Backups still contain the person until newer ones replace them."</p>
                {choice.then(|| view! {
                    <p>"What they created stops working: API keys, webhooks and open invitations."</p>
                    <TakeOver name=EraseForm::dependents().name/>
                })}
                <input type="hidden" name=EraseForm::email().name value=email.clone()/>
                <TextField input=confirm label="Type the email address to confirm" hint=email autocomplete="off"/>
            </div>
            <div class="panel__foot">
                <Submit class="button button--danger-fill" busy="Erasing…">"Erase person"</Submit>
            </div>
        </form>
    }
    .into_any()
}
