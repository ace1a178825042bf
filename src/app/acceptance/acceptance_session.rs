//! Which of the links opened in this browser a page or a form is about. Links and forms carry the acceptance session's
//! name, so that an answer applies to the offer that was read.

use super::closed_pages::{no_acceptance_session, not_kept};
use crate::app::component::DoorState;
use crate::app::form::{Typed, fields};
use crate::app::public::layout::PublicPage;
use crate::app::public::visitor::{PageRejection, Visitor};
use crate::app::query::address;
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use vestibule_core::service::{AcceptanceSessions, Error, NotFound, ShownOffer};
use vestibule_domain::{Offer, Terms, User};

fields! {
    /// The fields of all links and forms of these pages; each has some of them.
    pub struct OfferForm {
        /// The acceptance session's name.
        offer: Typed,
        /// The terms that the page showed.
        terms: Typed,
        name: Typed,
        password: Typed,
        code: Typed,
        reason: Typed,
    }
}

/// Returns the path of an acceptance page, about this acceptance session.
pub fn href(path: &str, acceptance_session: &str) -> String {
    address(path, &OfferForm { offer: acceptance_session.into(), ..OfferForm::default() })
}

/// Returns the acceptance session that a form is about. A form without a name comes from a page of an earlier version,
/// and is accepted only if there is just one acceptance session. Fails with a page that explains why.
pub async fn of_form(visitor: &Visitor, form: &OfferForm) -> Result<String, PageRejection> {
    let acceptance_sessions = visitor.acceptance_sessions();
    let name = form.offer.text();
    if name.is_empty() && acceptance_sessions.only().is_none() && !acceptance_sessions.is_empty() {
        return Err(several(visitor, &acceptance_sessions).await?.into());
    }
    let acceptance_session = if name.is_empty() { acceptance_sessions.only() } else { acceptance_sessions.named(name) };
    match acceptance_session {
        Some(acceptance_session) => Ok(acceptance_session.to_owned()),
        None => Err(no_acceptance_session(visitor).await.into()),
    }
}

/// Returns the acceptance session that a link is about; without a name, the newest.
pub fn of_link(visitor: &Visitor, asked: &OfferForm) -> Option<String> {
    let (acceptance_sessions, name) = (visitor.acceptance_sessions(), asked.offer.text());
    let acceptance_session =
        if name.is_empty() { acceptance_sessions.newest() } else { acceptance_sessions.named(name) };
    acceptance_session.map(str::to_owned)
}

/// Returns the page for a link that is about no acceptance session of this browser. Where a link has just been opened
/// and its cookie was not kept, the request is the same as long afterwards or in another browser: it has a name and no
/// cookie. The programs that preview links in chats send it, too.
pub async fn not_of_link(visitor: &Visitor, asked: &OfferForm) -> Response {
    if asked.offer.some().is_some() && visitor.acceptance_sessions().is_empty() {
        not_kept(visitor).await
    } else {
        no_acceptance_session(visitor).await
    }
}

/// Returns what this form answers.
pub fn shown_offer<'a>(acceptance_session: &'a str, form: &OfferForm, user: Option<&'a User>) -> ShownOffer<'a> {
    ShownOffer { acceptance_session, terms: terms(form), user }
}

/// Returns the terms that the form's page showed, if the form has them.
pub fn terms(form: &OfferForm) -> Option<Terms> {
    form.terms.some().map(Terms::read)
}

/// The hidden field for every form: the offer that it is about.
#[component]
pub fn OfferField<'a>(offer: &'a Offer) -> impl IntoView + use<> {
    view! { <input type="hidden" name=OfferForm::offer().name value=offer.acceptance_session.clone()/> }
}

/// The hidden fields for every answer: the offer that it is about, and the terms that the page shows.
#[component]
pub fn AnswerFields<'a>(offer: &'a Offer) -> impl IntoView + use<> {
    view! {
        <OfferField offer/>
        <input type="hidden" name=OfferForm::terms().name value=offer.terms.to_text()/>
    }
}

/// Returns a page with a link to each offer.
async fn several(visitor: &Visitor, acceptance_sessions: &AcceptanceSessions) -> Result<Response, PageRejection> {
    let user = visitor.user().await?;
    let mut links = Vec::new();
    for acceptance_session in acceptance_sessions.iter() {
        match visitor.vestibule().acceptance().offer(acceptance_session, user.as_ref()).await {
            Ok(offer) => {
                links.push((href("/accept", &offer.acceptance_session), offer.organization.name, offer.email.mask()))
            }
            Err(Error::NotFound(NotFound::Link)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    if links.is_empty() {
        return Ok(no_acceptance_session(visitor).await);
    }
    let room = PublicPage::new(DoorState::Ajar, "Several invitations are open")
        .lead(|| "Nothing has been changed. Choose the invitation that you want to answer.")
        .body(move || {
            let links = links.into_iter().map(|(href, name, mask)| {
                view! {
                    <a class="button button--wide" href=href>
                        <span><bdi>{name.to_string()}</bdi> " for " <bdi>{mask}</bdi></span>
                    </a>
                }
            });
            view! { <nav class="stack" aria-label="Open invitations">{links.collect_view()}</nav> }
        });
    Ok(visitor.page(StatusCode::CONFLICT, room).await)
}
