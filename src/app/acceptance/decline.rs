//! Declining, with a reason or without.

use super::answer::{again, offer_of, shown};
use super::closed::no_visit;
use super::page::{MaskedFacts, room};
use crate::app::component::{DoorState, Field, Textarea, field};
use crate::app::form::{Draft, Fields};
use crate::app::public::layout::Room;
use crate::app::public::visitor::{Answer, Visitor};
use crate::domain::{Message, Offer, Step};
use crate::service::Error;
use axum::Form;
use axum::http::StatusCode;
use leptos::prelude::*;
use std::sync::Arc;

/// Asks once more, since it can't be taken back here.
pub async fn show(visitor: Visitor) -> Answer {
    let Some(visit) = visitor.visit() else { return Ok(no_visit(&visitor)) };
    let Some((offer, user)) = offer_of(&visitor, &visit).await? else { return Ok(no_visit(&visitor)) };
    match &offer.step {
        Step::New | Step::SignIn | Step::Join | Step::Code { .. } => {
            Ok(visitor.page(StatusCode::OK, page(offer, Draft::default())))
        }
        Step::WrongAccount { .. }
        | Step::AlreadyMember
        | Step::InviterMayNot
        | Step::Replaced
        | Step::Expired
        | Step::Accepted { .. }
        | Step::Declined { .. }
        | Step::Revoked { .. } => Ok(shown(&visitor, offer, user)),
    }
}

/// Declines; the inviter sees it, with the reason if there is one.
pub async fn decline(visitor: Visitor, Form(form): Form<Fields>) -> Answer {
    let Some(visit) = visitor.visit() else { return Ok(no_visit(&visitor)) };
    let Some((offer, _)) = offer_of(&visitor, &visit).await? else { return Ok(no_visit(&visitor)) };
    match visitor.vestibule().decline(&visit, form.text("reason")).await {
        Ok(()) => Ok(visitor.page(StatusCode::OK, done(offer))),
        Err(Error::Invalid(violations)) => {
            let page = page(offer, Draft { fields: form, violations });
            Ok(visitor.page(StatusCode::UNPROCESSABLE_ENTITY, page))
        }
        Err(other) => again(&visitor, &visit, other).await,
    }
}

fn page(offer: Arc<Offer>, draft: Draft) -> Room {
    const MAX: u16 = Message::MAX_CHARS as u16;
    let inviter = offer.inviter().to_owned();
    let error = draft.error("reason");
    let (described_by, invalid) =
        (field::described_by("reason", false, error.is_some()), field::invalid(error.is_some()));
    room(&offer, DoorState::Ajar, "Decline the invitation")
        .lead(move || {
            view! { <bdi>{inviter}</bdi> " will see that you declined, and your reason if you give one." }
        })
        .body(move || {
            view! {
                <form class="stack stack--loose" method="post" action="/accept/decline">
                    <Field name="reason" label="Reason" optional=true error>
                        <Textarea name="reason" value=draft.text("reason") maxlength=MAX described_by invalid/>
                    </Field>
                    <button class="button button--danger-fill button--wide">"Decline"</button>
                </form>
            }
        })
        .aside(|| view! { <a href="/accept">"Back to the invitation"</a> })
}

fn done(offer: Arc<Offer>) -> Room {
    let inviter = offer.inviter().to_owned();
    room(&offer, DoorState::Shut, "You have declined")
        .lead(move || view! { <bdi>{inviter}</bdi> " is told. You can close this page." })
        .body(move || view! { <MaskedFacts offer/> })
}
