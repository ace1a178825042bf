//! Declining an invitation, with or without a reason.

use super::accept::{PageExtras, again, changed_notice, offer_of, shown};
use super::acceptance_session::{AnswerFields, OfferForm, href, not_of_link, of_form, of_link, shown_offer};
use super::closed_pages::no_acceptance_session;
use super::code;
use super::parts::{MaskedFacts, room};
use crate::app::component::{DoorState, Summary, TextBox};
use crate::app::form::Draft;
use crate::app::public::layout::{Part, PublicPage};
use crate::app::public::visitor::{PageResult, Visitor};
use axum::http::StatusCode;
use axum_extra::extract::{Form, Query};
use leptos::prelude::*;
use std::sync::Arc;
use vestibule_core::service::{Conflict, Error, RequestConflict};
use vestibule_domain::{AcceptanceStep, Message, Offer};

/// Asks for confirmation, since declining can't be undone.
pub async fn show(visitor: Visitor, Query(query): Query<OfferForm>) -> PageResult {
    let Some(acceptance_session) = of_link(&visitor, &query) else { return Ok(not_of_link(&visitor, &query).await) };
    let Some((offer, user)) = offer_of(&visitor, &acceptance_session).await? else {
        return Ok(no_acceptance_session(&visitor).await);
    };
    match &offer.step {
        AcceptanceStep::New | AcceptanceStep::SignIn | AcceptanceStep::Join | AcceptanceStep::NewOrSignIn => {
            Ok(visitor.page(StatusCode::OK, page(offer, Draft::default(), None)).await)
        }
        AcceptanceStep::Code { asked, .. } => {
            let extras = PageExtras::notice(code::needed_first());
            Ok(visitor.page(StatusCode::OK, code::page(Arc::clone(&offer), *asked, user.is_some(), extras)).await)
        }
        AcceptanceStep::WrongAccount { .. }
        | AcceptanceStep::AlreadyMember
        | AcceptanceStep::InviterMayNot
        | AcceptanceStep::Replaced
        | AcceptanceStep::Expired
        | AcceptanceStep::Accepted { .. }
        | AcceptanceStep::Declined { .. }
        | AcceptanceStep::Revoked { .. } => Ok(shown(&visitor, offer, user).await),
    }
}

/// Declines. The inviter sees it, with the reason if there is one.
pub async fn decline(visitor: Visitor, Form(form): Form<OfferForm>) -> PageResult {
    let acceptance_session = of_form(&visitor, &form).await?;
    let Some((offer, user)) = offer_of(&visitor, &acceptance_session).await? else {
        return Ok(no_acceptance_session(&visitor).await);
    };
    match visitor
        .vestibule()
        .acceptance()
        .decline(shown_offer(&acceptance_session, &form, user.as_ref()), form.reason.text())
        .await
    {
        Ok(()) => Ok(visitor.page(StatusCode::OK, done(offer)).await),
        Err(Error::Invalid(violations)) => {
            let page = page(offer, Draft { form, violations }, None);
            Ok(visitor.page(StatusCode::UNPROCESSABLE_ENTITY, page).await)
        }
        Err(Error::Conflict(Conflict::Request(RequestConflict::Changed))) => {
            let Some((offer, _)) = offer_of(&visitor, &acceptance_session).await? else {
                return Ok(no_acceptance_session(&visitor).await);
            };
            let notice = changed_notice(&form, &offer, "Nothing has been declined.");
            Ok(visitor.page(StatusCode::CONFLICT, page(offer, Draft::of(form), Some(notice))).await)
        }
        Err(other) => again(&visitor, &acceptance_session, other).await,
    }
}

/// The fields that show their errors.
const FIELDS: &[&str] = &[OfferForm::reason().name];

fn page(offer: Arc<Offer>, draft: Draft<OfferForm>, notice: Option<Part>) -> PublicPage {
    const MAX: u16 = Message::MAX_CHARS as u16;
    let (inviter, back) = (offer.inviter().to_owned(), href("/accept", &offer.acceptance_session));
    let (reason, violations) = (draft.input(OfferForm::reason()), draft.violations);
    room(&offer, DoorState::Ajar, "Decline the invitation")
        .lead(move || {
            view! { <bdi>{inviter}</bdi> " will see that you declined, and your reason if you give one." }
        })
        .body(move || {
            view! {
                {notice.map(|notice| notice())}
                <Summary violations fields=FIELDS/>
                <form class="stack stack--loose" method="post" action="/accept/decline">
                    <AnswerFields offer=&offer/>
                    <TextBox input=reason label="Reason" optional=true maxlength=MAX/>
                    <button class="button button--danger-fill button--wide">"Decline"</button>
                </form>
            }
        })
        .aside(move || view! { <a href=back>"Back to the invitation"</a> })
}

fn done(offer: Arc<Offer>) -> PublicPage {
    let inviter = offer.inviter().to_owned();
    room(&offer, DoorState::Shut, "You have declined")
        .lead(move || view! { <bdi>{inviter}</bdi> " will be told. You can close this page." })
        .body(move || view! { <MaskedFacts offer/> })
}
