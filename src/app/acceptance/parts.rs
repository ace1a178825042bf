//! What the page of an offer shows, in any situation.

use super::acceptance_session::href;
use crate::app::component::Address;
use crate::app::component::DoorState;
use crate::app::public::layout::PublicPage;
use crate::app::public::parts::{Moment, TimePrecision, listed};
use leptos::prelude::*;
use std::sync::Arc;
use vestibule_domain::Offer;

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

/// Shows the roles, the invited email address, the expiry and the inviter's message.
#[component]
pub fn Facts(offer: Arc<Offer>) -> impl IntoView {
    view! {
        <dl class="facts facts--offer">
            <div><dt>"As"</dt><dd>{listed(&offer.roles)}</dd></div>
            <div><dt>"For"</dt><dd><Address address=offer.email.typed()/></dd></div>
            <div><dt>"Until"</dt><dd><Moment at=offer.expires_at now=offer.now precision=TimePrecision::Whole/></dd></div>
        </dl>
        {offer.message.as_ref().map(|message| {
            let words = message.as_str().to_owned();
            view! {
                <blockquote class="quote">
                    {words}
                    <footer><bdi>{offer.inviter().to_owned()}</bdi> "’s own words"</footer>
                </blockquote>
            }
        })}
    }
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

/// Returns the link below every offer that can be declined.
pub fn decline_link(offer: &Offer) -> impl IntoAny + use<> {
    let href = href("/accept/decline", &offer.acceptance_session);
    view! { <a href=href>"Decline the invitation"</a> }
}
