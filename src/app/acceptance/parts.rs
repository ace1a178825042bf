//! What the page of an offer shows, in any situation.

use super::acceptance_session::href;
use crate::app::component::Address;
use crate::app::component::DoorState;
use crate::app::public::layout::PublicPage;
use crate::app::public::parts::{Moment, TimePrecision, listed};
use leptos::prelude::*;
use std::sync::Arc;
use vestibule_domain::{Message, Offer};

/// The most characters and lines of a message that is shown above the form.
const SHORT_CHARS: usize = 140;
const SHORT_LINES: usize = 3;

/// Creates a page about this offer.
pub fn room(offer: &Arc<Offer>, door: DoorState, heading: &str) -> PublicPage {
    PublicPage::new(door, heading).titled(format!("{heading} · {}", offer.organization.name))
}

/// Creates the page of an open offer. Its heading is the invitation.
pub fn invitation(offer: &Arc<Offer>, door: DoorState) -> PublicPage {
    let shown = Arc::clone(offer);
    room(offer, door, &format!("Join {}", offer.organization.name)).headed(move || {
        let organization = shown.inviter.as_ref().map(|_| shown.organization.name.to_string());
        view! {
            <bdi>{shown.inviter().to_owned()}</bdi>
            " invites you to join "
            {organization.map(|name| view! { <bdi>{name}</bdi> })}
        }
    })
}

/// Shows the roles, the invited email address, the expiry and the inviter's message if it is short.
#[component]
pub fn Facts(offer: Arc<Offer>) -> impl IntoView {
    view! {
        <dl class="facts facts--offer">
            <div><dt>"Role"</dt><dd>{listed(&offer.roles)}</dd></div>
            <div><dt>"Invited as"</dt><dd><Address address=offer.email.typed()/></dd></div>
            <div class="facts__line">
                <dt class="sr">"Open"</dt>
                <dd>"until " <Moment at=offer.expires_at now=offer.now precision=TimePrecision::Whole/></dd>
            </div>
        </dl>
        <Words offer long=false/>
    }
}

/// Shows the inviter's message if it is `long`, or if it is short. A short one is above the form and a long one below it,
/// so that the form's button is on the first screen of a phone.
#[component]
pub fn Words(offer: Arc<Offer>, long: bool) -> impl IntoView {
    offer.message.as_ref().map(Message::as_str).filter(|words| is_long(words) == long).map(|words| {
        view! {
            <blockquote class="quote">
                {words.to_owned()}
                <footer><bdi>{offer.inviter().to_owned()}</bdi> "’s own words"</footer>
            </blockquote>
        }
    })
}

fn is_long(words: &str) -> bool {
    words.chars().count() > SHORT_CHARS || words.lines().count() > SHORT_LINES
}

/// Shows the organization, the inviter and the masked email address, for pages that a stranger might see.
#[component]
pub fn MaskedFacts(offer: Arc<Offer>) -> impl IntoView {
    view! {
        <dl class="facts facts--offer">
            <div><dt>"Organization"</dt><dd><bdi>{offer.organization.name.to_string()}</bdi></dd></div>
            <div><dt>"Invited by"</dt><dd><bdi>{offer.inviter().to_owned()}</bdi></dd></div>
            <div><dt>"Sent to"</dt><dd><bdi>{offer.email.mask()}</bdi></dd></div>
        </dl>
    }
}

/// The link that leads on to an organization, as the page's main button.
#[component]
pub fn GoTo(name: String, href: String) -> impl IntoView {
    view! { <a class="button button--main button--wide" href=href><span>"Go to " <bdi>{name}</bdi></span></a> }
}

/// Returns the link below every offer that can be declined.
pub fn decline_link(offer: &Offer) -> impl IntoAny + use<> {
    let href = href("/accept/decline", &offer.acceptance_session);
    view! { <a href=href>"Decline the invitation"</a> }
}
