//! Links that no longer work: each page says what happened and offers the next step.

use super::acceptance_session::{OfferField, OfferForm, of_form};
use super::parts::{GoTo, MaskedFacts, room};
use crate::app::component::{DoorState, Glyph, Icon};
use crate::app::public::layout::PublicPage;
use crate::app::public::parts::{Moment, TimePrecision};
use crate::app::public::visitor::{PageResult, Visitor};
use axum::http::StatusCode;
use axum::response::Response;
use axum_extra::extract::Form;
use leptos::prelude::*;
use std::sync::Arc;
use vestibule_domain::{Instant, Offer};

/// Mails a new link to the invited email address, and to no other. The answer does not reveal whether a mail was sent.
pub async fn ask_again(visitor: Visitor, Form(form): Form<OfferForm>) -> PageResult {
    let acceptance_session = of_form(&visitor, &form).await?;
    match visitor.vestibule().acceptance().ask_again(&acceptance_session, visitor.client).await {
        Ok(()) => {}
        Err(vestibule_core::service::Error::NotFound(_)) => return Ok(no_acceptance_session(&visitor).await),
        Err(other) => return Err(other.into()),
    }
    let room = if visitor.vestibule().has_mail_server() {
        PublicPage::new(DoorState::Ajar, "Check your email")
            .lead(|| "If this invitation can be renewed, we’ve sent a new email to the invited address.")
    } else {
        PublicPage::new(DoorState::Ajar, "Ask for the link").lead(|| {
            "This installation can’t send email. If you can still join, the person who invited you can give you a new link."
        })
    };
    let room = room.aside(joined_already);
    Ok(visitor.page(StatusCode::OK, room).await)
}

/// The page for an acceptance session that is unknown. Its cookie lasts half an hour, and some mail programs don't keep
/// it from one window to the next.
pub async fn no_acceptance_session(visitor: &Visitor) -> Response {
    let room = PublicPage::new(DoorState::Shut, "Open the link from your mail again")
        .lead(|| "An invitation stays open here for half an hour after its link was opened. Nothing has been changed.")
        .aside(|| view! { "Joined already? " <a href="/sign-in">"Sign in"</a> });
    visitor.page(StatusCode::NOT_FOUND, room).await
}

/// The page for a browser without the cookie of an opened link. Chat programs show its title for the link, so it says
/// nothing of the invitation.
pub async fn not_kept(visitor: &Visitor) -> Response {
    const INVITED: &str = "You’re invited";
    let room = PublicPage::new(DoorState::Ajar, INVITED)
        .previewed(INVITED)
        .lead(|| "To see the invitation, open the link from your email again, in this browser.")
        .body(|| {
            view! {
                <p>
                    "Did you just do that? Then this browser doesn’t keep cookies. Allow cookies for this site, or use \
                     another browser, and open the link again."
                </p>
                <p>
                    "An invitation stays open for half an hour, and only in the browser in which its link was opened. \
                     Nothing has been changed."
                </p>
            }
        })
        .aside(joined_already);
    visitor.page(StatusCode::OK, room).await
}

/// The page of an invitation that has expired.
pub fn expired(offer: Arc<Offer>) -> PublicPage {
    let (at, now) = (offer.expires_at, offer.now);
    room(&offer, DoorState::Shut, "This invitation has expired")
        .lead(move || {
            view! {
                "It was open until " <Moment at now precision=TimePrecision::Whole/>
                ". You can ask for a new one. It is sent only to the invited address."
            }
        })
        .body(move || view! { <AskAgain offer=Arc::clone(&offer)/> <MaskedFacts offer/> })
        .aside(joined_already)
}

/// The page of a link that a resend has replaced.
pub fn replaced(offer: Arc<Offer>) -> PublicPage {
    let (at, now) = (offer.issued_at, offer.now);
    room(&offer, DoorState::Shut, "A newer email has replaced this link")
        .lead(move || {
            view! { "Look for the one sent on " <Moment at now precision=TimePrecision::Whole/> ", or ask for another." }
        })
        .body(move || view! { <AskAgain offer=Arc::clone(&offer)/> <MaskedFacts offer/> })
        .aside(joined_already)
}

/// The page of an invitation that was accepted. `is_signed_in` says whether the visitor is signed in.
pub fn accepted(offer: Arc<Offer>, is_signed_in: bool) -> PublicPage {
    let href = format!("/o/{}", offer.organization.slug);
    let page = room(&offer, DoorState::Shut, "This invitation has been accepted");
    if is_signed_in {
        let name = offer.organization.name.to_string();
        page.lead(|| "You can continue to the organization.").body(move || view! { <GoTo name href/> })
    } else {
        let href = format!("/sign-in?next={href}");
        page.lead(|| "Sign in to continue.").body(move || {
            view! { <a class="button button--main button--wide" href=href>"Sign in"</a> <MaskedFacts offer/> }
        })
    }
}

/// The page of an invitation that the invitee declined.
pub fn declined(offer: Arc<Offer>, at: Instant) -> PublicPage {
    let (inviter, now) = (offer.inviter().to_owned(), offer.now);
    room(&offer, DoorState::Shut, "This invitation was declined")
        .lead(move || {
            view! {
                "That was on " <Moment at now precision=TimePrecision::Day/> ". If it was a mistake, ask "
                <bdi>{inviter}</bdi> " to invite you again."
            }
        })
        .body(move || view! { <MaskedFacts offer/> })
}

/// The page of an invitation that the organization revoked.
pub fn revoked(offer: Arc<Offer>, at: Instant) -> PublicPage {
    let (organization, now) = (offer.organization.name.to_string(), offer.now);
    room(&offer, DoorState::Shut, "This invitation was withdrawn")
        .lead(move || {
            view! {
                <bdi>{organization}</bdi> " took it back on " <Moment at now precision=TimePrecision::Day/>
                ", before it was accepted. You have nothing to undo."
            }
        })
        .body(move || view! { <MaskedFacts offer/> })
        .aside(joined_already)
}

fn joined_already() -> impl IntoAny {
    view! { "Joined already? " <a href="/sign-in">"Sign in"</a> }
}

#[component]
fn AskAgain(offer: Arc<Offer>) -> impl IntoView {
    view! {
        <form class="stack" method="post" action="/accept/ask-again">
            <OfferField offer=&offer/>
            <button class="button button--main button--wide">
                <Icon glyph=Glyph::Mail/>
                "Ask for a new invitation"
            </button>
        </form>
    }
}
