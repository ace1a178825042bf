//! Proving the mailbox: a link that was handed over proves nothing, so six digits are mailed to the invited email
//! address.

use super::accept::{PageExtras, again, offer_of, shown, status_at_least};
use super::acceptance_session::{OfferField, OfferForm, href, of_form};
use super::closed_pages::no_acceptance_session;
use super::offer_pages::OrSignIn;
use super::parts::{MaskedFacts, decline_link, room};
use crate::app::component::{DoorState, Notice, NoticeKind, TextField};
use crate::app::form::{Draft, Input};
use crate::app::public::layout::{Part, PublicPage, part};
use crate::app::public::parts::wait_notice;
use crate::app::public::visitor::{PageResult, Visitor};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::Form;
use leptos::prelude::*;
use std::sync::Arc;
use vestibule_core::service::{AcceptanceSessions, Error};
use vestibule_domain::{AcceptanceStep, Offer};
use vestibule_functions::server::Wait;

/// Mails a code. Earlier codes stop working.
pub async fn send(visitor: Visitor, Form(form): Form<OfferForm>) -> PageResult {
    let acceptance_session = of_form(&visitor, &form).await?;
    match visitor.vestibule().acceptance().send_code(&acceptance_session).await {
        Ok(()) => Ok(Redirect::to(&href("/accept", &AcceptanceSessions::name(&acceptance_session))).into_response()),
        Err(other) => wait_or_again(&visitor, &acceptance_session, other).await,
    }
}

/// Checks the code.
pub async fn prove(visitor: Visitor, Form(form): Form<OfferForm>) -> PageResult {
    let acceptance_session = of_form(&visitor, &form).await?;
    match visitor.vestibule().acceptance().prove_mailbox(&acceptance_session, form.code.text(), visitor.client).await {
        Ok(()) => Ok(Redirect::to(&href("/accept", &AcceptanceSessions::name(&acceptance_session))).into_response()),
        Err(Error::Invalid(violations)) => {
            let Some((offer, user)) = offer_of(&visitor, &acceptance_session).await? else {
                return Ok(no_acceptance_session(&visitor).await);
            };
            // proved in another tab, or the mail server was removed from the settings
            if !matches!(offer.step, AcceptanceStep::Code { .. }) {
                return Ok(status_at_least(shown(&visitor, offer, user).await, StatusCode::CONFLICT));
            }
            let extras = PageExtras { draft: Draft { violations, ..Draft::default() }, ..PageExtras::default() };
            Ok(visitor.page(StatusCode::UNPROCESSABLE_ENTITY, page(offer, true, user.is_some(), extras)).await)
        }
        Err(other) => wait_or_again(&visitor, &acceptance_session, other).await,
    }
}

/// Shows the page with how long to wait, or answers like [`again`].
async fn wait_or_again(visitor: &Visitor, acceptance_session: &str, error: Error) -> PageResult {
    let Some(wait) = Wait::of(&error) else { return again(visitor, acceptance_session, error).await };
    let Some((offer, user)) = offer_of(visitor, acceptance_session).await? else {
        return Ok(no_acceptance_session(visitor).await);
    };
    Ok(visitor.page_to_wait(&wait, page(offer, true, user.is_some(), PageExtras::notice(wait_notice(&wait)))).await)
}

/// The page before and after a code was requested. It does not reveal whether the email address has an account: unless
/// someone is signed in, it always offers the way for people who have one.
pub fn page(offer: Arc<Offer>, asked: bool, is_signed_in: bool, extras: PageExtras) -> PublicPage {
    let (mask, declined) = (offer.email.mask(), Arc::clone(&offer));
    let page = room(&offer, DoorState::Ajar, "One more step").aside(move || decline_link(&declined));
    let (notice, error, at_sign_in) = (extras.notice, extras.draft.error(OfferForm::code().name), extras.at_sign_in);
    let sign_in = move |offer: &Arc<Offer>| {
        let offer = Arc::clone(offer);
        (!is_signed_in).then(|| view! { <OrSignIn offer open=at_sign_in/> })
    };
    if asked {
        page.lead(move || {
            view! {
                "Someone gave you this link, so we’ve emailed a code to " <bdi>{mask}</bdi>
                ". Enter its six digits here."
            }
        })
        .body(move || {
            view! { {notice.map(|notice| notice())} <CodeForm offer=Arc::clone(&offer) error/> {sign_in(&offer)} <MaskedFacts offer/> }
        })
    } else {
        page.lead(move || {
            view! {
                "Someone gave you this link, so it doesn’t prove that the email address is yours. We’ll email a code to "
                <bdi>{mask}</bdi> ". Enter it here."
            }
        })
        .body(move || {
            view! {
                {notice.map(|notice| notice())}
                <SendForm offer=Arc::clone(&offer) class="button button--main button--wide" label="Email me a code"/>
                {sign_in(&offer)}
                <MaskedFacts offer/>
            }
        })
    }
}

/// The notice that the mailbox has to be proved before answering.
pub fn needed_first() -> Part {
    part(|| {
        view! {
            <Notice
                tone=NoticeKind::Warning
                title="Enter the code first"
                text="You haven’t answered the invitation yet."
                news=true
            />
        }
    })
}

#[component]
fn CodeForm(offer: Arc<Offer>, error: Option<String>) -> impl IntoView {
    let input = Input { error, ..OfferForm::code().empty() };
    view! {
        <form class="stack stack--loose" method="post" action="/accept/code/proof">
            <OfferField offer=&offer/>
            <TextField input label="Code" inputmode="numeric" autocomplete="one-time-code" maxlength=12/>
            <button class="button button--main button--wide">"Continue"</button>
        </form>
        <SendForm offer class="button button--quiet button--wide" label="Email another code"/>
    }
}

#[component]
fn SendForm(offer: Arc<Offer>, class: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <form class="stack" method="post" action="/accept/code">
            <OfferField offer=&offer/>
            <button class=class>{label}</button>
        </form>
    }
}
