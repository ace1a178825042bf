//! A link that was handed over proves nothing: six digits, mailed to the invited address, do.

use super::answer::{again, offer_of};
use super::closed::no_visit;
use super::page::{MaskedFacts, decline_link, room};
use crate::app::component::{DoorState, Notice, TextField, Tone};
use crate::app::failure::Wait;
use crate::app::form::Fields;
use crate::app::public::layout::Room;
use crate::app::public::parts::wait_notice;
use crate::app::public::visitor::{Answer, Visitor};
use crate::domain::Offer;
use crate::service::Error;
use axum::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use leptos::prelude::*;
use std::sync::Arc;

/// Mails a code; the ones before it stop working.
pub async fn send(visitor: Visitor) -> Answer {
    let Some(visit) = visitor.visit() else { return Ok(no_visit(&visitor)) };
    match visitor.vestibule().send_code(&visit).await {
        Ok(()) => Ok(Redirect::to("/accept").into_response()),
        Err(other) => wait_or_again(&visitor, &visit, other).await,
    }
}

/// Takes the code.
pub async fn prove(visitor: Visitor, Form(form): Form<Fields>) -> Answer {
    let Some(visit) = visitor.visit() else { return Ok(no_visit(&visitor)) };
    match visitor.vestibule().prove_mailbox(&visit, form.text("code"), visitor.client).await {
        Ok(()) => Ok(Redirect::to("/accept").into_response()),
        Err(Error::Invalid(violations)) => {
            let Some((offer, _)) = offer_of(&visitor, &visit).await? else { return Ok(no_visit(&visitor)) };
            let sentence = violations.into_iter().next().map(|violation| violation.sentence.into_owned());
            Ok(visitor.page(StatusCode::UNPROCESSABLE_ENTITY, page(offer, true, sentence, None)))
        }
        Err(other) => wait_or_again(&visitor, &visit, other).await,
    }
}

/// The same page with how long to wait, where that helps.
async fn wait_or_again(visitor: &Visitor, visit: &str, error: Error) -> Answer {
    let Some(wait) = Wait::of(&error) else { return again(visitor, visit, error).await };
    let Some((offer, _)) = offer_of(visitor, visit).await? else { return Ok(no_visit(visitor)) };
    Ok(visitor.page_to_wait(&wait, page(offer, true, None, Some(wait_notice(&wait)))))
}

/// Before and after a code was asked for.
pub fn page(offer: Arc<Offer>, asked: bool, error: Option<String>, notice: Option<AnyView>) -> Room {
    let mask = offer.email.mask();
    let page = room(&offer, DoorState::Ajar, "One more step").aside(decline_link);
    if asked {
        page.lead(move || {
            view! {
                "This link was handed to you, so we have mailed a code to " <bdi>{mask}</bdi>
                ". Type its six digits here."
            }
        })
        .body(move || view! { {notice} <CodeForm error/> <MaskedFacts offer/> })
    } else {
        page.lead(move || {
            view! {
                "This link was handed to you, so it doesn’t show that the address is yours. We mail a code to "
                <bdi>{mask}</bdi> ", and you type it here."
            }
        })
        .body(move || view! { {notice} <SendForm class="button button--main button--wide" label="Mail me a code"/> <MaskedFacts offer/> })
    }
}

/// That an answer needs the mailbox proved first.
pub fn needed_first() -> AnyView {
    view! { <Notice tone=Tone::Warning title="The code comes first" text="Nothing has been answered yet."/> }.into_any()
}

#[component]
fn CodeForm(error: Option<String>) -> impl IntoView {
    view! {
        <form class="stack stack--loose" method="post" action="/accept/code/proof">
            <TextField name="code" label="Code" inputmode="numeric" autocomplete="one-time-code" maxlength=12 error/>
            <button class="button button--main button--wide">"Go on"</button>
        </form>
        <SendForm class="button button--quiet button--wide" label="Mail another code"/>
    }
}

#[component]
fn SendForm(class: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <form class="stack" method="post" action="/accept/code">
            <button class=class>{label}</button>
        </form>
    }
}
